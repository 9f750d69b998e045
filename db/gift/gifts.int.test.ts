import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { shareOf, VELOCITY } from '#workflows/gift/giving.ts';
import { boardOf } from '#workflows/leaderboard/board.ts';
import { levelOf } from '#workflows/xp/level.ts';
import { listEvents } from '../event/outbox.ts';
import { listPlaces } from '../leaderboard/ranking.ts';
import { endSeason, listSeasons } from '../leaderboard/seasons.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { removePerson } from '../stream/chat.ts';
import { archivedStream, liveStream, withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { changeXpRule } from '../xp/rules.ts';
import { standingOf } from '../xp/standing.ts';
import { changeGift, insertGift, listGifts, seedGifts } from './catalogue.ts';
import { createGiver } from './gathering.ts';
import { type Giving, giveGift } from './giving.ts';

let databaseUrl: string;
let pool: Pool;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const MINUTE = 60_000;

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl, { size: 10 });
  await seedGifts(pool, at(0));
});
afterAll(() => pool?.end());

type Asked = Partial<Omit<Giving, 'from' | 'stream'>>;
function give(from: Giving['from'], stream: Giving['stream'], asked: Asked = {}) {
  const giving = { code: 'HEART', quantity: 1, message: null, shareBps: 7_000, chance: 0.5, now: at(0), ...asked };
  return pool.transaction((transaction) => giveGift(transaction, { ...giving, from, stream }));
}

const tokensOf = async (id: string, asked = pool) => (await balanceOf(asked, id, 'TOKEN', at(0))).available;
const countOf = (from: string) =>
  pool.oneFirst(sql.type(z.object({ count: z.bigint() }))`
    SELECT count(*) FROM gift_events WHERE from_user_id = ${from}
  `);

async function inOrder(): Promise<void> {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
}

describe('a gift', () => {
  test('takes its tokens, gives its creator their share, counts, lifts both, and is told, in one transaction', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 100n, at(0));
    const { gift, balance } = await give(giver, stream, { code: 'ROSE', quantity: 3, message: 'Well sung' });
    expect(balance).toBe(85n);
    expect(await tokensOf(stream.creator_id)).toBe(10n);
    expect((await standingOf(pool, giver.id)).xp).toBe(30);
    expect((await standingOf(pool, stream.creator_id)).xp).toBe(15);
    const board = boardOf('stream', 'senders', { now: at(0), streamId: stream.id });
    expect(await listPlaces(pool, board, 0, 10)).toEqual([{ rank: 1, user_id: giver.id, score: 15 }]);
    const events = await listEvents(pool, stream.creator_id, 0, 20);
    expect(events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['balance_update', 'transaction_complete', 'gift:received', 'badge_awarded']),
    );
    const received = events.find(({ name }) => name === 'gift:received');
    expect(received?.data).toEqual({ ...gift, share: 10 });
    await inOrder();
  });

  test('to the house is paid to us, and nobody hears that they were given it', async () => {
    const giver = await withTokens(pool, 10n, at(0));
    const { gift, balance } = await give(giver, null);
    expect([gift.streamId, gift.toCreatorId, balance]).toEqual([null, null, 9n]);
    expect((await listEvents(pool, giver.id, 0, 20)).map(({ name }) => name)).not.toContain('gift:received');
    await inOrder();
  });

  test('without tokens is refused and moves nothing: no row, no experience, no place, no event', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 4n, at(0));
    await expect(give(giver, stream, { code: 'ROSE' })).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    expect([await tokensOf(giver.id), await countOf(giver.id)]).toEqual([4n, 0n]);
    expect(await standingOf(pool, giver.id)).toEqual({ xp: 0, badges: [] });
    expect(await listPlaces(pool, boardOf('stream', 'senders', { now: at(0), streamId: stream.id }), 0, 9)).toEqual([]);
    expect(await listEvents(pool, stream.creator_id, 0, 20)).toEqual([]);
  });

  test('brings no words of who may not write in the stream for a while, and is given without them', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 10n, at(0));
    const removal = { streamId: stream.id, userId: giver.id, until: at(MINUTE), by: stream.creator_id, now: at(0) };
    await pool.transaction((transaction) => removePerson(transaction, removal));
    await expect(give(giver, stream, { message: 'Still here' })).rejects.toMatchObject({
      ...{ code: 'RATE_LIMITED', details: { rule: 'timed_out', until: at(MINUTE) } },
    });
    expect((await give(giver, stream)).balance).toBe(9n);
    expect((await give(giver, stream, { message: 'Back again', now: at(MINUTE) })).balance).toBe(8n);
  });

  test('is given however much experience its rule grants for it', async () => {
    const later = at(30 * 86_400_000);
    const change = { points: 1_000_000, why: 'A feast' };
    const by = await withTokens(pool, 0n, at(0));
    await pool.transaction((transaction) =>
      changeXpRule(transaction, 'gift_received', { change, by: by.id, now: later }),
    );
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 100_000n, at(0));
    await give(giver, stream, { code: 'HEART', quantity: 1_000, now: later });
    await give(giver, stream, { code: 'ROSE', quantity: 1_000, now: later });
    expect((await standingOf(pool, stream.creator_id)).xp).toBe(6_000_000_000);
    await inOrder();
  });

  test('to oneself, of an unknown or withdrawn kind, or in a stream that is over is refused', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 100n, at(0));
    const own = { id: stream.creator_id, handle: 'own' };
    await expect(give(own, stream)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(give(giver, stream, { code: 'YACHT' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const over = await liveStream(pool, at(0));
    await archivedStream(pool, over, at(1));
    await expect(give(giver, over)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    await expect(give(giver, { id: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await insertGift(
      pool,
      { code: 'KITE', name: 'Kite', tokenCost: 3, animationKey: 'kite', rarity: 'common', cooldownSeconds: 0 },
      at(0),
    );
    await changeGift(pool, 'KITE', { enabled: false });
    await expect(give(giver, stream, { code: 'KITE' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await tokensOf(giver.id)).toBe(100n);
  });

  test('ten at once from a wallet for five are five, and each creator has five shares', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 55n, at(0));
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => give(giver, stream, { code: 'CLAP' })));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect([await tokensOf(giver.id), await tokensOf(stream.creator_id)]).toEqual([5n, 35n]);
    await inOrder();
  });

  test('equal to the one before it within five seconds counts on, from whichever process', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 100n, at(0));
    const counts = [];
    for (const ms of [0, 4_000, 9_000, 14_001])
      counts.push((await give(giver, stream, { now: at(ms) })).gift.combo.count);
    expect(counts).toEqual([1, 2, 3, 1]);
  });

  test('that commands does so once in its cooldown, and with what we say alone', async () => {
    const stream = await liveStream(pool, at(0));
    const [one, other] = [await withTokens(pool, 100n, at(0)), await withTokens(pool, 100n, at(0))];
    const asked = { code: 'CONFETTI', message: '<script>alert(1)</script>' };
    const all = await Promise.all([one, other].map((giver) => give(giver, stream, asked)));
    const overlays = all.flatMap(({ overlay }) => overlay ?? []);
    expect(overlays).toHaveLength(1);
    expect(overlays[0]).toMatchObject({ action: 'confetti', payload: { pieces: 50, seconds: 4 } });
    expect(JSON.stringify(overlays)).not.toContain('script');
    expect((await give(one, stream, { ...asked, now: at(5_000) })).overlay).not.toBeNull();
    expect((await give(one, null, { ...asked, now: at(20_000) })).overlay).toBeNull();
  });

  test('more than a person gives in a minute is refused, with when they may again', async () => {
    const stream = await liveStream(pool, at(0));
    const giver = await withTokens(pool, 1_000_000n, at(0));
    await give(giver, stream, { code: 'GALAXY', quantity: 100 });
    const more = give(giver, stream, { now: at(20_000) });
    await expect(more).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'tokens', retry_after: 40 } });
    await give(giver, stream, { now: at(MINUTE) });
    for (let given = 1; given < VELOCITY.gifts; given += 1) await give(giver, stream, { now: at(MINUTE + given) });
    await expect(give(giver, stream, { now: at(MINUTE + 500) })).rejects.toMatchObject({
      details: { limit: 'gifts', allowed: VELOCITY.gifts },
    });
  });
});

describe('gifts that come at once', () => {
  const asking = (from: Giving['from'], stream: Giving['stream'], code = 'HEART') => ({
    ...{ from, stream, code, quantity: 1, message: null, shareBps: 7_000, chance: 0.5 },
  });

  test('are given together, each as it would be alone, and what is refused keeps no other from being given', async () => {
    const stream = await liveStream(pool, at(0));
    const people = await Promise.all(Array.from({ length: 12 }, () => withTokens(pool, 10n, at(0))));
    const [poor, lost] = [await withTokens(pool, 4n, at(0)), await withTokens(pool, 10n, at(0))];
    const giver = createGiver(pool, () => at(0), 1);
    const all = await Promise.allSettled([
      ...people.map((person) => giver.give(asking(person, stream, 'ROSE'))),
      giver.give(asking(poor, stream, 'ROSE')),
      giver.give(asking(lost, stream, 'YACHT')),
      // One more of somebody who gave already: after the first of theirs, and one combo with it.
      giver.give(asking(people[0] as Giving['from'], stream, 'ROSE')),
    ]);
    const given = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))).toEqual([
      ...['INSUFFICIENT_FUNDS', 'NOT_FOUND'],
    ]);
    expect(given).toHaveLength(13);
    expect(given.at(-1)).toMatchObject({ balance: 0n, gift: { combo: { count: 2 } } });
    expect(given.slice(1, 12).every(({ balance }) => balance === 5n)).toBe(true);
    expect([await tokensOf(stream.creator_id), await tokensOf(poor.id)]).toEqual([39n, 4n]);
    expect((await standingOf(pool, stream.creator_id)).xp).toBe(65);
    const board = boardOf('stream', 'creators', { now: at(0), streamId: stream.id });
    expect(await listPlaces(pool, board, 0, 10)).toMatchObject([{ user_id: stream.creator_id, score: 65 }]);
    // What the creator hears comes to the balance that there is, gift by gift.
    const events = await listEvents(pool, stream.creator_id, 0, 100);
    const balances = events.flatMap(({ name, data }) =>
      name === 'balance_update' ? [(data as { balance: { available: string } }).balance.available] : [],
    );
    expect(balances).toEqual(Array.from({ length: 13 }, (_, n) => String(3 * (n + 1))));
    expect(events.filter(({ name }) => name === 'gift:received')).toHaveLength(13);
    await inOrder();
  });

  test.each([2, 3, 4, 5])('leave room to others beside steps, of a pool of %i connections', async (size) => {
    const small = createPool(databaseUrl, { size });
    const streams = await Promise.all([1, 2, 3, 4].map(() => liveStream(small, at(0))));
    const people = await Promise.all(streams.map(() => withTokens(small, 10n, at(0))));
    const giver = createGiver(small, () => at(0));
    await Promise.all(people.map((person, n) => giver.give(asking(person, streams[n] ?? null))));
    const asked = performance.now();
    expect(await tokensOf(people[0]?.id as string, small)).toBe(9n);
    // Where all are kept, they come back when nobody has given anything for ten seconds.
    expect(performance.now() - asked).toBeLessThan(4_000);
    await small.end();
  });

  test('of which the ledger refuses one are each asked for alone', async () => {
    const stream = await liveStream(pool, at(0));
    const [first, spends, other] = await Promise.all([0, 1, 2].map(() => withTokens(pool, 1n, at(0))));
    const giver = createGiver(pool, () => at(0), 1);
    const [spent, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const spending = pool.transaction(async (transaction) => {
      // Their last token is spent, and nobody sees that before it is committed.
      await transfer(transaction, {
        ...{ key: `spent_${spends?.id}`, reason: 'test_money', conversationId: null, occurredAt: at(0) },
        legs: [
          { account: accounts.wallet(spends?.id as string, 'TOKEN'), amount: -1n },
          { account: accounts.spent(spends?.id as string, 'TOKEN'), amount: 1n },
        ],
      });
      spent.resolve();
      await asked.promise;
    });
    await spent.promise;
    const gifts = Promise.allSettled(
      [first, spends, other].map((from) => giver.give(asking(from as Giving['from'], stream))),
    );
    await untilSomebodyWaits();
    asked.resolve();
    await spending;
    expect((await gifts).map((one) => (one.status === 'fulfilled' ? one.value.balance : one.reason.code))).toEqual([
      ...[0n, 'INSUFFICIENT_FUNDS', 0n],
    ]);
    expect(await tokensOf(stream.creator_id)).toBe(0n);
    await inOrder();
  });

  async function untilSomebodyWaits(): Promise<void> {
    for (;;) {
      const waits = await pool.exists(sql.typeAlias('void')`
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      `);
      if (waits) return;
    }
  }
});

const gifts = fc.array(
  fc.record({
    who: fc.nat(2),
    to: fc.nat(2),
    code: fc.constantFrom('HEART', 'ROSE', 'CLAP', 'CONFETTI', 'YACHT'),
    quantity: fc.integer({ min: 1, max: 6 }),
    bps: fc.integer({ min: 0, max: 10_000 }),
    together: fc.boolean(),
    gathered: fc.boolean(),
  }),
  { minLength: 3, maxLength: 18 },
);
const COSTS: Record<string, bigint> = { HEART: 1n, ROSE: 5n, CLAP: 10n, CONFETTI: 25n };

test('of gifts that are given at random and at once, every token is accounted for', async () => {
  // Of all runs: each keeps connections of the pool for a while.
  const giver = createGiver(pool, () => at(0));
  await fc.assert(
    fc.asyncProperty(gifts, async (moves) => {
      const streams = [await liveStream(pool, at(0)), await liveStream(pool, at(0))];
      const people = await Promise.all([0, 1, 2].map(() => withTokens(pool, 120n, at(0))));
      const has = people.map(() => 120n);
      const earned = [0n, 0n];
      let open: Promise<void>[] = [];
      for (const { who, to, code, quantity, bps, together, gathered } of moves) {
        const stream = streams[to] ?? null;
        const from = people[who] as Giving['from'];
        const asked = { code, quantity, shareBps: bps };
        const giving = (
          gathered ? giver.give({ ...asked, from, stream, message: null, chance: 0.5 }) : give(from, stream, asked)
        ).then(
          () => {
            const tokens = (COSTS[code] as bigint) * BigInt(quantity);
            has[who] = (has[who] as bigint) - tokens;
            if (stream) earned[to] = (earned[to] as bigint) + shareOf(tokens, bps);
          },
          (error) => expect(['INSUFFICIENT_FUNDS', 'NOT_FOUND']).toContain(error.code),
        );
        open.push(giving);
        if (!together) {
          await Promise.all(open);
          open = [];
        }
      }
      await Promise.all(open);
      expect(await Promise.all(people.map(({ id }) => tokensOf(id)))).toEqual(has);
      expect(await Promise.all(streams.map(({ creator_id }) => tokensOf(creator_id)))).toEqual(earned);
      expect(has.every((tokens) => tokens >= 0n)).toBe(true);
      await inOrder();
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 120_000);

test('the catalogue is written once: what is taken out stays out, whoever starts again', async () => {
  const before = await listGifts(pool);
  expect(before.length).toBeGreaterThanOrEqual(12);
  await changeGift(pool, 'DRAGON', { enabled: false, tokenCost: 7 });
  await Promise.all([1, 2, 3].map(() => seedGifts(pool, at(MINUTE))));
  expect((await listGifts(pool)).map(({ code }) => code)).not.toContain('DRAGON');
});

test('experience comes to the level that its sum says', async () => {
  const stream = await liveStream(pool, at(0));
  const giver = await withTokens(pool, 1_000n, at(0));
  await give(giver, stream, { code: 'ROCKET', quantity: 5, now: at(MINUTE) });
  const { xp, badges } = await standingOf(pool, giver.id);
  expect([xp, levelOf(xp)]).toEqual([1_000, 5]);
  expect(badges.map(({ code }) => code).sort()).toEqual(['first_gift', 'level_5']);
  const names = (await listEvents(pool, giver.id, 0, 20)).map(({ name }) => name);
  expect(names.filter((name) => name === 'level_up')).toHaveLength(1);
});

test('of two alike who was first is before the other, on every board', async () => {
  const stream = await liveStream(pool, at(0));
  const [late, early] = [await withTokens(pool, 50n, at(0)), await withTokens(pool, 50n, at(0))];
  await give(early, stream, { code: 'CLAP', now: at(1) });
  await give(late, stream, { code: 'CLAP', now: at(2) });
  const board = boardOf('stream', 'senders', { now: at(0), streamId: stream.id });
  expect((await listPlaces(pool, board, 0, 10)).map(({ user_id }) => user_id)).toEqual([early.id, late.id]);
  await give(early, stream, { now: at(3) });
  await give(late, stream, { now: at(3) });
  expect((await listPlaces(pool, board, 0, 10)).map(({ rank }) => rank)).toEqual([1, 2]);
});

test('a season ends once, however often and from wherever it is asked, and what was first then is kept', async () => {
  const next = '2027-01-01T00:10:00.000Z';
  expect(await endSeason(pool, '2027-01-01T00:00:30.000Z')).toBe(false);
  const ends = await Promise.all(Array.from({ length: 6 }, () => endSeason(pool, next)));
  expect(ends.filter(Boolean)).toHaveLength(1);
  const [season] = await listSeasons(pool, 'senders', 10);
  expect(season).toMatchObject({ name: '2026-Q4', ended_at: next });
  const board = boardOf('season', 'senders', { now: at(0), streamId: null });
  const places = await listPlaces(pool, board, 0, 100);
  expect(season?.places.map(({ user_id }) => user_id)).toEqual(places.map(({ user_id }) => user_id));
});

test('nobody waited for each other in a circle', async () => {
  const deadlocks = await pool.oneFirst(sql.type(z.object({ deadlocks: z.bigint() }))`
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()
  `);
  expect(deadlocks).toBe(0n);
});
