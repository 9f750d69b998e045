import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { leftOf, pointsOf } from '#workflows/boost/score.ts';
import { asBoost, type Target } from '#workflows/boost/terms.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { listBalances } from '../money/ledger.ts';
import { createPool, type Pool, sql, type Transaction } from '../pool.ts';
import { takeStep } from '../process/door.ts';
import { findProcess, listOpenPromises, lockProcess } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import { expireIfDue } from '../process/step.ts';
import { doorOf } from '../process/testing/door.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { expireOverdue, openBoost } from './boosts.ts';
import { cleanUpBoosts } from './cleanUp.ts';
import { earnCredits } from './credits.ts';
import { findTarget, insertClan, insertGig, listRanked } from './targets.ts';

let pool: Pool;
const START = Date.parse('2026-03-01T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const origin = (now: string) => ({ now, systemUserId: SYSTEM, correlationId: null });

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 10 });
});
afterAll(() => pool?.end());

async function rich(credits: bigint): Promise<string> {
  const id = await newUser(pool, 'influencer');
  if (credits > 0n) {
    await pool.transaction((transaction) =>
      earnCredits(transaction, { userId: id, amount: credits, reason: 'a test', now: at(0) }),
    );
  }
  return id;
}

const credits = async (userId: string) => {
  const found = (await listBalances(pool, userId)).find(({ asset }) => asset === 'CREDIT');
  return { available: found?.available ?? 0n, held: found?.held ?? 0n };
};

async function boost(
  boosterId: string,
  target: Target,
  targetId: string,
  amount: bigint,
  lasts: number,
  ms = 0,
): Promise<string> {
  const opened = { target, target_id: targetId, duration: lasts / 3_600_000, lasts };
  const process = await pool.transaction((transaction) =>
    openBoost(transaction, { boosterId, amount, opened, now: at(ms) }),
  );
  return process.id;
}

async function cancel(id: string, by: string, ms: number, key?: string) {
  return takeStep(doorOf(pool, { now: () => new Date(START + ms), systemUserId: SYSTEM }), {
    processId: id,
    kind: 'boost',
    caller: { accountId: by, roles: ['influencer'] },
    on: 'cancel',
    data: {},
    via: {},
    key: key === undefined ? null : { accountId: by, path: `/${id}`, key, bodyHash: 'ab'.repeat(32) },
  });
}

async function expire(id: string, ms: number): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, id);
    return stored !== null && expireIfDue(transaction, stored, origin(at(ms)));
  });
}

async function carry(id: string, ms: number): Promise<void> {
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin(at(ms)));
}

const scoreOf = async (target: Target, id: string) => (await findTarget(pool, target, id))?.score;

async function published(about: string) {
  return pool.any(sql.type(
    z.object({ key: z.string(), routing_key: z.string(), event: z.record(z.string(), z.unknown()) }),
  )`
    SELECT key, routing_key, event FROM publications WHERE about = ${about} ORDER BY id
  `);
}

async function inOrder(): Promise<void> {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
}

test('a boost holds its credits, lifts the score, and says the same to people and to other services', async () => {
  const [booster, target] = [await rich(300n), await rich(0n)];
  const id = await boost(booster, 'profile', target, 100n, 24 * 3_600_000);
  expect(await credits(booster)).toEqual({ available: 200n, held: 100n });
  expect(await scoreOf('profile', target)).toBe(100);
  const event = {
    type: 'profile_boost',
    userId: booster,
    targetId: target,
    amount: 100,
    duration: 24,
    eventId: `boost_${id}`,
    timestamp: at(0),
  };
  expect(await published(`profile/${target}`)).toEqual([{ key: `boost_${id}`, routing_key: 'boost.event', event }]);
  for (const user of [booster, target]) {
    expect((await listEvents(pool, user, 0, 10)).at(-1)).toMatchObject({ name: 'profile_boost', data: event });
  }
  await expire(id, 24 * 3_600_000);
  expect(await scoreOf('profile', target)).toBe(0);
  const end = {
    ...event,
    type: 'profile_boost_expired',
    eventId: `boost_${id}_expired`,
    timestamp: at(24 * 3_600_000),
    boostEventId: `boost_${id}`,
    refunded: 0,
  };
  expect((await published(`profile/${target}`)).map((row) => row.event)).toEqual([event, end]);
  for (const user of [booster, target]) {
    expect((await listEvents(pool, user, 0, 10)).at(-1)).toMatchObject({ name: 'profile_boost_expired', data: end });
  }
  await carry(id, 24 * 3_600_000);
  expect(await credits(booster)).toEqual({ available: 200n, held: 0n });
  await inOrder();
});

test('the end of a boost lowers the score in the transaction that tells of it: neither is seen without the other', async () => {
  const [booster, target] = [await rich(100n), await rich(0n)];
  const id = await boost(booster, 'profile', target, 100n, 1_000);
  const undone = pool.transaction(async (transaction: Transaction) => {
    const stored = await lockProcess(transaction, id);
    if (stored) await expireIfDue(transaction, stored, origin(at(1_000)));
    expect((await findTarget(transaction, 'profile', target))?.score).toBe(0);
    throw new Error('a crash before the commit');
  });
  await expect(undone).rejects.toThrow('a crash');
  expect(await scoreOf('profile', target)).toBe(8_640_000);
  expect(await published(`profile/${target}`)).toHaveLength(1);
  await expire(id, 1_000);
  expect(await scoreOf('profile', target)).toBe(0);
  expect(await published(`profile/${target}`)).toHaveLength(2);
});

test('of a gig and a clan too: each end is told about its own target', async () => {
  const [booster, owner] = [await rich(500n), await rich(0n)];
  const [gig, clan] = [uuid(), uuid()];
  await insertGig(pool, {
    id: gig,
    owner_id: owner,
    title: 'Cut',
    description: 'Reels',
    category: 'v',
    created_at: at(0),
  });
  await insertClan(pool, { id: clan, leader_id: owner, name: uuid(), description: '', created_at: at(0) });
  const ofGig = await boost(booster, 'gig', gig, 200n, 48 * 3_600_000);
  const ofClan = await boost(booster, 'clan', clan, 300n, 72 * 3_600_000);
  expect([await scoreOf('gig', gig), await scoreOf('clan', clan)]).toEqual([100, 100]);
  await cancel(ofGig, booster, 12 * 3_600_000);
  await expire(ofClan, 72 * 3_600_000);
  expect([await scoreOf('gig', gig), await scoreOf('clan', clan)]).toEqual([0, 0]);
  expect((await published(`gig/${gig}`)).map(({ event }) => [event.type, event.refunded])).toEqual([
    ['gig_boost', undefined],
    ['gig_boost_cancelled', 150],
  ]);
  expect((await published(`clan/${clan}`)).map(({ event }) => event.type)).toEqual([
    'clan_boost',
    'clan_boost_expired',
  ]);
  expect((await listEvents(pool, owner, 0, 10)).map(({ name }) => name)).toEqual([
    'gig_boost',
    'clan_boost',
    'gig_boost_cancelled',
    'clan_boost_expired',
  ]);
});

test('one who has too little boosts nothing, and nothing is left of the try', async () => {
  const [booster, target] = [await rich(99n), await rich(0n)];
  await expect(boost(booster, 'profile', target, 100n, 1_000)).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  expect(await credits(booster)).toEqual({ available: 99n, held: 0n });
  expect(await published(`profile/${target}`)).toEqual([]);
});

test('what is no target cannot be boosted, nor the system’s own account', async () => {
  const booster = await rich(100n);
  for (const target of ['profile', 'gig', 'clan'] as const) {
    await expect(boost(booster, target, uuid(), 10n, 1_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  await expect(boost(booster, 'profile', SYSTEM, 10n, 1_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a click to cancel and the end of its time in the same instant come to one end, and pay once', async () => {
  const [booster, target] = [await rich(1_000n), await rich(0n)];
  for (let round = 0; round < 10; round += 1) {
    const id = await boost(booster, 'profile', target, 10n, 60_000);
    await Promise.all([
      cancel(id, booster, 30_000),
      cancel(id, booster, 30_000),
      expire(id, 60_000),
      expire(id, 60_000),
      expireOverdue(pool, origin(at(60_000)), 10),
    ]);
    await Promise.all([carry(id, 60_000), carry(id, 60_000)]);
    const { process } = (await findProcess(pool, id)) as NonNullable<Awaited<ReturnType<typeof findProcess>>>;
    expect(['expired', 'cancelled']).toContain(process.state);
    expect(process.version).toBe(2);
  }
  expect(await scoreOf('profile', target)).toBe(0);
  expect((await credits(booster)).held).toBe(0n);
  await inOrder();
});

test('asked again under the same key a cancellation is the same one; under a new one it is refused', async () => {
  const [booster, target] = [await rich(100n), await rich(0n)];
  const id = await boost(booster, 'profile', target, 100n, 60_000);
  const first = await cancel(id, booster, 30_000, 'one');
  expect(first.kind).toBe('taken');
  expect(await cancel(id, booster, 40_000, 'one')).toMatchObject({
    kind: 'repeated',
    answer: first.kind === 'taken' ? first.answer : null,
  });
  expect(await cancel(id, booster, 40_000, 'two')).toMatchObject({
    kind: 'refused',
    refusal: { code: 'FLOW_STATE_INVALID', details: { current_state: 'cancelled' } },
  });
});

const target = fc.constantFrom<Target>('profile', 'gig', 'clan');
const move = fc.record({
  what: fc.constantFrom('boost', 'boost', 'cancel', 'wait', 'carry'),
  target,
  who: fc.nat(2),
  which: fc.nat(1_000),
  amount: fc.bigInt({ min: 1n, max: 400n }),
  lasts: fc.integer({ min: 1_000, max: 5_000_000 }),
  wait: fc.nat(2_000_000),
});

test('of boosts that are stacked, cancelled and run out at random, every credit and every point is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), async (moves) => {
      const people = await Promise.all([rich(1_000n), rich(1_000n), rich(1_000n)]);
      const ids = { profile: people[0] as string, gig: uuid(), clan: uuid() };
      const owner = people[0] as string;
      await insertGig(pool, {
        id: ids.gig,
        owner_id: owner,
        title: 'g',
        description: 'g',
        category: 'c',
        created_at: at(0),
      });
      await insertClan(pool, { id: ids.clan, leader_id: owner, name: uuid(), description: '', created_at: at(0) });
      // The model: what each has, what each boost holds, when it ends.
      const has = people.map(() => 1_000n);
      const held = people.map(() => 0n);
      let platform = 0n;
      const open: { id: string; who: number; target: Target; amount: bigint; lasts: number; from: number }[] = [];
      const owed: { id: string; who: number; amount: bigint; back: bigint }[] = [];
      let now = 0;
      const settle = async () => {
        for (const { id, who, amount, back } of owed.splice(0)) {
          await carry(id, now);
          held[who] = (held[who] as bigint) - amount;
          has[who] = (has[who] as bigint) + back;
          platform += amount - back;
        }
      };
      for (const { what, target: of, who, which, amount, lasts, wait } of moves) {
        if (what === 'boost') {
          const user = people[who] as string;
          const opening = boost(user, of, ids[of], amount, lasts, now);
          if ((has[who] as bigint) < amount) {
            await expect(opening).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
            continue;
          }
          open.push({ id: await opening, who, target: of, amount, lasts, from: now });
          has[who] = (has[who] as bigint) - amount;
          held[who] = (held[who] as bigint) + amount;
        } else if (what === 'cancel' && open.length > 0) {
          const [gone] = open.splice(which % open.length, 1) as [(typeof open)[number]];
          const result = await cancel(gone.id, people[gone.who] as string, now);
          expect(result.kind).toBe('taken');
          const back = leftOf(gone.amount, { from: at(gone.from), lasts: gone.lasts, now: at(now) });
          owed.push({ ...gone, back });
        } else if (what === 'wait') {
          now += wait;
          const over = open.filter(({ from, lasts: long }) => from + long <= now);
          for (const { id } of over) expect(await expire(id, now)).toBe(true);
          for (const gone of over) {
            open.splice(open.indexOf(gone), 1);
            owed.push({ ...gone, back: 0n });
          }
        } else await settle();
        for (const each of ['profile', 'gig', 'clan'] as const) {
          const points = open
            .filter((one) => one.target === each)
            .reduce((sum, one) => sum + pointsOf(one.amount, one.lasts), 0n);
          expect(await scoreOf(each, ids[each])).toBe(Number(points));
        }
      }
      await settle();
      for (const [who, user] of people.entries()) {
        expect(await credits(user)).toEqual({ available: has[who], held: held[who] });
      }
      const all = has.reduce((sum, one) => sum + one, 0n) + held.reduce((sum, one) => sum + one, 0n) + platform;
      expect(all).toBe(3_000n);
      for (const { id } of open) {
        expect(asBoost((await findProcess(pool, id))?.process as never).state).toBe('active');
      }
    }),
    { numRuns: 25 },
  );
  await inOrder();
}, 120_000);

test('ranked pages show each target once, the highest first, and those without a boost after them', async () => {
  const owner = await rich(5_000n);
  const gigs = Array.from({ length: 9 }, () => uuid());
  for (const id of gigs) {
    await insertGig(pool, { id, owner_id: owner, title: 'r', description: 'r', category: 'c', created_at: at(0) });
  }
  // Two have the same score; one is lifted twice.
  for (const [place, amount] of [
    [0, 70n],
    [1, 700n],
    [2, 70n],
    [4, 300n],
    [4, 500n],
  ] as const) {
    await boost(owner, 'gig', gigs[place] as string, amount, 24 * 3_600_000);
  }
  const pages: { id: string; score: number }[] = [];
  for (let after: { id: string; score: number } | null = null; ; ) {
    const page = await listRanked(pool, 'gig', 2, after);
    pages.push(...page);
    if (page.length < 2) break;
    after = page.at(-1) as { id: string; score: number };
  }
  expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length);
  const mine = pages.filter(({ id }) => gigs.includes(id)).map(({ id, score }) => [gigs.indexOf(id), score]);
  expect(mine).toEqual([
    [4, 800],
    [1, 700],
    [2, 70],
    [0, 70],
    [8, 0],
    [7, 0],
    [6, 0],
    [5, 0],
    [3, 0],
  ]);
});

test('the hourly clean-up ends what nobody ended, once', async () => {
  const [booster, target] = [await rich(100n), await rich(0n)];
  const overdue = await boost(booster, 'profile', target, 40n, 60_000);
  const running = await boost(booster, 'profile', target, 40n, 3_600_000);
  const now = at(120_000);
  const first = await cleanUpBoosts(pool, origin(now));
  expect(first.expired).toContain(overdue);
  expect(first.expired).not.toContain(running);
  expect((await cleanUpBoosts(pool, origin(now))).expired).toEqual([]);
  expect(await published(`profile/${target}`)).toHaveLength(3);
  await cleanUpBoosts(pool, origin(at(3_700_000)));
  expect(await published(`profile/${target}`)).toHaveLength(4);
  expect((await findProcess(pool, running))?.process.state).toBe('expired');
});
