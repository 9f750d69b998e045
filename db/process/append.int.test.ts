import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import type { Party } from '#workflows/deal/table.ts';
import { COMPLETE } from '#workflows/deal/testing/deals.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { getLastSeq, listEvents } from '../event/outbox.ts';
import { createPool, type HeldConnection, type Pool, sql, sqlState } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { lockProcess } from './processes.ts';

// Steps that come faster than Postgres takes them are written together; what is promised of one holds for each.

let url: string;
let pool: Pool;
let dealing: Dealing;
let other: Dealing;
let people: Record<Party, string>[];

/** More than connections that steps are written on, so that the rest is written together. */
const MANY = 24;

/** What Postgres refused of what was written on connections that are held. */
const refusals: (string | null)[] = [];

/** The pool, with what is asked on its held connections listened to. */
function overheard(heard: Pool): Pool {
  const hold = async (): Promise<HeldConnection> => {
    const { connection, ...rest } = await heard.hold();
    const one: typeof connection.one = async (query) => {
      try {
        return await connection.one(query);
      } catch (error) {
        refusals.push(sqlState(error));
        throw error;
      }
    };
    return { connection: Object.assign(Object.create(connection), { one }), ...rest };
  };
  return new Proxy(heard, { get: (target, name) => (name === 'hold' ? hold : Reflect.get(target, name)) });
}

beforeAll(async () => {
  url = await createTestDatabase();
  pool = overheard(createPool(url));
  const adminId = await newUser(pool, 'admin');
  dealing = startDealing(pool, adminId);
  // As in another process: with connections of its own, and a memory of its own.
  other = startDealing(overheard(createPool(url)), adminId);
  const pairs = await Promise.all(Array.from({ length: 3 }, () => dealing.newPair()));
  // Everybody with everybody, so that deals side by side tell the same people.
  people = pairs.flatMap(({ brand_owner }) => pairs.map(({ influencer }) => ({ brand_owner, influencer })));
});
afterAll(async () => {
  await Promise.all([pool?.end(), other?.pool.end()]);
});

/** Deals of the same few people that wait for their brand owner. */
async function openDeals(many: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < many; at += 1) ids.push(await dealing.open('campaign', people[at % people.length]!));
  return ids;
}

const accept = (at: Dealing, id: string, key?: string) =>
  at.give(id, 'brand_owner', 'accept_application', COMPLETE.accept_application, key);

test('steps of many deals that come together are each written once, and everybody hears of each in order', async () => {
  const ids = await openDeals(MANY);
  const taken = await Promise.all(ids.map((id) => accept(dealing, id)));
  expect(taken.map(({ kind }) => kind)).toEqual(ids.map(() => 'taken'));
  for (const id of ids) expect((await dealing.steps(id)).map(({ on }) => on)).toEqual(['accept_application']);
  const transactions = await pool.oneFirst(sql.type(z.object({ count: z.bigint() }))`
    SELECT count(DISTINCT xmin::text) AS count FROM steps
  `);
  expect(Number(transactions)).toBeLessThan(MANY / 2);
  for (const userId of new Set(people.flatMap((pair) => Object.values(pair)))) {
    const last = await getLastSeq(pool, userId);
    const events = await listEvents(pool, userId, 0, 1_000);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
  }
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('two processes that write together about the same people do not wait for each other in a circle', async () => {
  for (let round = 0; round < 5; round += 1) {
    const ids = await openDeals(2 * MANY);
    const results = await Promise.all(ids.map((id, at) => accept(at % 2 === 0 ? dealing : other, id)));
    expect(results.map(({ kind }) => kind)).toEqual(ids.map(() => 'taken'));
  }
  expect(refusals).toEqual([]);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('the same click from two processes at once, with one key, is done once and answered alike', async () => {
  const ids = await openDeals(MANY);
  const both = await Promise.all(
    ids.flatMap((id) => [accept(dealing, id, `same-${id}`), accept(other, id, `same-${id}`)]),
  );
  expect(new Set(both.map(({ kind }) => kind))).toEqual(new Set(['taken', 'repeated']));
  for (const id of ids) expect(await dealing.steps(id)).toHaveLength(1);
});

test('what was answered before is answered again, and takes nobody with it who is written beside it', async () => {
  const ids = await openDeals(MANY);
  const answered = ids.filter((_, at) => at % 4 === 0);
  // A key that was used for a step which may be taken once more.
  for (const id of answered) {
    await accept(dealing, id);
    await dealing.give(id, 'brand_owner', 'send_price_offer', COMPLETE.send_price_offer, 'offer');
    await dealing.give(id, 'influencer', 'negotiate_price');
    await dealing.give(id, 'influencer', 'negotiation', COMPLETE.negotiation, 'ask');
    await dealing.give(id, 'brand_owner', 'reject_negotiation');
    await dealing.give(id, 'influencer', 'negotiate_price');
  }
  const before = new Map<string, number>();
  for (const id of answered) before.set(id, (await dealing.deal(id)).version);
  const results = await Promise.all(
    ids.map((id) =>
      before.has(id)
        ? dealing.give(id, 'influencer', 'negotiation', COMPLETE.negotiation, 'ask')
        : accept(dealing, id, 'accept'),
    ),
  );
  expect(results.map(({ kind }) => kind)).toEqual(ids.map((id) => (before.has(id) ? 'repeated' : 'taken')));
  for (const [id, version] of before) expect((await dealing.deal(id)).version).toBe(version);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('whoever waits for deals that somebody has locked does not hold up the others for long', async () => {
  const ids = await openDeals(MANY);
  // One each time that a group is made, so that many are written together with a locked one at first.
  const locked = ids.filter((_, at) => at % 8 === 0);
  const unlock = Promise.withResolvers<void>();
  const allLocked = Promise.withResolvers<void>();
  const holder = other.pool.transaction(async (transaction) => {
    for (const id of [...locked].sort()) await lockProcess(transaction, id);
    allLocked.resolve();
    await unlock.promise;
  });
  await allLocked.promise;
  const all = ids.map((id) => accept(dealing, id));
  const free = await Promise.all(all.filter((_, at) => at % 8 !== 0));
  expect(free.map(({ kind }) => kind)).toEqual(free.map(() => 'taken'));
  unlock.resolve();
  await holder;
  expect((await Promise.all(all)).map(({ kind }) => kind)).toEqual(ids.map(() => 'taken'));
});

test('a connection that Postgres ended is known to be lost before anything is written on it', async () => {
  const held = await pool.hold();
  const { pid } = await held.connection.one(sql.type(z.object({ pid: z.int() }))`SELECT pg_backend_pid() AS pid`);
  expect(held.isLost()).toBe(false);
  await other.pool.any(sql.type(z.object({ ended: z.boolean() }))`SELECT pg_terminate_backend(${pid}) AS ended`);
  await expect.poll(() => held.isLost()).toBe(true);
});

test('a connection that did not answer is closed and not given to anybody else', async () => {
  const held = await pool.hold();
  const { pid } = await held.connection.one(sql.type(z.object({ pid: z.int() }))`SELECT pg_backend_pid() AS pid`);
  held.release(false);
  await expect
    .poll(() => other.pool.exists(sql.typeAlias('void')`SELECT FROM pg_stat_activity WHERE pid = ${pid}`))
    .toBe(false);
});

test('a pool of two connections is enough', async () => {
  const small = createPool(url, { size: 2 });
  const at = startDealing(small, dealing.adminId);
  const ids = await openDeals(MANY);
  const results = await Promise.all(ids.map((id) => accept(at, id)));
  expect(results.map(({ kind }) => kind)).toEqual(ids.map(() => 'taken'));
  await small.end();
});
