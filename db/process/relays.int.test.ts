import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { openErrand } from '../errand/testing/errands.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { rowsReadBy } from '../testing/rowsRead.ts';
import { retellAll, ringDue, setTold, takeUntold } from './relays.ts';

// However many wait, the sweep reads so many and no more, and nobody waits for ever.

const MANY = 30_000;
let pool: Pool;
let dealing: Dealing;
let pair: { brand_owner: string; influencer: string };

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
  pair = await dealing.newPair();
  const id = await dealing.open('bid', pair);
  // Deals as a long outage leaves them: all behind, half of them past their deadlines.
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    await transaction.query(sql.typeAlias('void')`
      WITH many AS (SELECT uuidv7() AS id, n FROM generate_series(1, ${MANY}::integer) AS n), opened AS (
        INSERT INTO processes SELECT (jsonb_populate_record(process, jsonb_build_object('id', many.id))).*
        FROM many, processes AS process WHERE process.id = ${id}
      )
      INSERT INTO relays (process_id, kind, version, deadline, look_at, behind)
      SELECT many.id, 'deal', 0, deadline, deadline, true FROM many, LATERAL (
        SELECT CASE WHEN n % 2 = 0 THEN timestamptz '2026-02-01' ELSE timestamptz '2026-05-01' END AS deadline
      ) AS due
    `);
  });
  // As Postgres does by itself: tables of a few rows it never looks at.
  await pool.query(sql.typeAlias('void')`ANALYZE relays`);
}, 60_000);
afterAll(() => pool?.end());

const now = () => dealing.clock.now.toISOString();
const tick = (ms: number) => {
  dealing.clock.now = new Date(dealing.clock.now.getTime() + ms);
};

test('a backlog is worked off by rounds of the same size, and nobody is rung for twice while another waits', async () => {
  const seen = new Set<string>();
  const limit = 2_000;
  for (let round = 0; round < Math.ceil((MANY + 1) / limit); round += 1) {
    const rung = await ringDue(pool, now(), limit);
    expect(rung.length).toBeLessThanOrEqual(2 * limit);
    for (const id of rung) seen.add(id);
  }
  expect(seen.size).toBe(MANY + 1);
});

test('a sweep reads so many and no more, however many wait', async () => {
  tick(3_600_000);
  const limit = 64;
  const read = await rowsReadBy(pool, (transaction) => ringDue(transaction, now(), limit));
  // Looked at, rung for and written: a few times the limit.
  expect(read.relays).toBeGreaterThan(limit);
  expect(read.relays).toBeLessThan(20 * limit);
});

test('a deal that just happened goes before the backlog, money first', async () => {
  tick(3_600_000);
  const click = await dealing.open('bid', pair);
  await dealing.give(click, 'influencer', 'accept_connection');
  const money = await dealing.open('campaign', pair);
  await dealing.give(money, 'brand_owner', 'accept_application');
  await dealing.give(money, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(money, 'influencer', 'accept_price');
  await dealing.hear({ kind: 'captured', orderId: await dealing.order(money), paymentId: `pay_${money}` });
  await dealing.give(money, 'influencer', 'start_work');
  await dealing.give(money, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(money, 'brand_owner', 'approve_work');
  const first = await ringDue(pool, now(), 1);
  expect(first).toContain(money);
  expect(first).not.toContain(click);
  expect(await ringDue(pool, now(), 1)).toContain(click);
});

test('a kind with a few is not starved by one with many', async () => {
  tick(3_600_000);
  const errands = [];
  for (let at = 0; at < 3; at += 1) errands.push(await openErrand(pool, pair, now()));
  const rung = new Set(await ringDue(pool, now(), 8));
  expect(errands.filter((id) => rung.has(id))).toEqual(errands);
});

/** A database with so many processes of which all was told, and what is looked for in them. */
async function openQuiet(many: number, looked: 'passed' | 'pending refund'): Promise<{ pool: Pool; at: Date }> {
  const quiet = createPool(await createTestDatabase());
  const own = startDealing(quiet, await newUser(quiet, 'admin'));
  const id = await own.open('bid', await own.newPair());
  const deadline = looked === 'passed' ? '2026-02-01' : '2026-09-01';
  await quiet.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    await transaction.query(sql.typeAlias('void')`DELETE FROM relays`);
    await transaction.query(sql.typeAlias('void')`
      WITH many AS (
        SELECT uuidv7() AS id, uuidv7() AS promise_id FROM generate_series(1, ${many}::integer)
      ), opened AS (
        INSERT INTO processes SELECT (jsonb_populate_record(process, jsonb_build_object('id', many.id))).*
        FROM many, processes AS process WHERE process.id = ${id}
      ), promised AS (
        INSERT INTO promises (id, process_id, step_n, kind, amount, asset, legs, made_at, moved_at)
        SELECT promise_id, id, 1, 'refund', 1, 'INR', '[]', now(), now() FROM many
        WHERE ${looked} = 'pending refund'
      ), asked AS (
        INSERT INTO refunds (id, promise_id, capture_id, amount, currency, status, created_at)
        SELECT uuidv7(), promise_id, uuidv7(), 1, 'INR', 'pending', now() FROM many
        WHERE ${looked} = 'pending refund'
      )
      INSERT INTO relays (process_id, kind, version, told, deadline, look_at, behind)
      SELECT id, 'deal', 0, 0, ${deadline}::timestamptz, '2026-02-01'::timestamptz, false FROM many
    `);
  });
  await quiet.query(sql.typeAlias('void')`ANALYZE`);
  return { pool: quiet, at: new Date('2026-03-01T09:00:00.000Z') };
}

test('of one more than a sweep rings for, each is rung for as often as any other', async () => {
  const limit = 256;
  const { pool: quiet, at } = await openQuiet(limit + 1, 'passed');
  const rung = new Map<string, number>();
  for (let sweep = 0; sweep < 20; sweep += 1) {
    const ids = await ringDue(quiet, new Date(at.getTime() + sweep * 2_000).toISOString(), limit);
    for (const id of ids) rung.set(id, (rung.get(id) ?? 0) + 1);
    if (sweep === 1) expect(rung.size).toBe(limit + 1);
  }
  const often = [...rung.values()];
  expect(Math.max(...often) - Math.min(...often)).toBeLessThanOrEqual(1);
  await quiet.end();
});

test.each([
  { line: 'what is behind', behind: true },
  { line: 'what waits to be looked after', behind: false },
])('of $line, whoever has waited longest is rung for first, wherever it lies', async ({ behind }) => {
  const { pool: quiet, at } = await openQuiet(60, 'passed');
  // The last that was written has waited longest.
  const first = await quiet.manyFirst(sql.typeAlias('id')`
    WITH numbered AS (
      SELECT process_id, row_number() OVER (ORDER BY process_id) * interval '1 minute' AS longer FROM relays
    ), written AS (
      UPDATE relays SET behind = ${behind}, ring_after = timestamptz '2026-02-01' - longer,
        look_at = CASE WHEN ${behind} THEN NULL ELSE timestamptz '2026-02-01' - longer END
      FROM numbered WHERE relays.process_id = numbered.process_id RETURNING relays.process_id
    )
    SELECT process_id AS id FROM written ORDER BY process_id DESC
  `);
  expect(await ringDue(quiet, at.toISOString(), 100)).toEqual(first);
  await quiet.end();
});

test('refunds that their provider has not decided are rung for once an hour at most, however many they are', async () => {
  const many = 2_000;
  const { pool: quiet, at } = await openQuiet(many, 'pending refund');
  const hour = 3_600_000;
  let inLastHour = 0;
  for (let ms = 0; ms < 4 * hour; ms += 60_000) {
    const rung = await ringDue(quiet, new Date(at.getTime() + ms).toISOString(), 256);
    if (ms >= 3 * hour) inLastHour += rung.length;
  }
  // A workflow that waits for its provider asks it by a timer of its own: 50,000 are then 14 a second, and were 167.
  expect(inLastHour).toBeGreaterThan(0);
  expect(inLastHour).toBeLessThanOrEqual(1.1 * many);
  await quiet.end();
});

test('what was told and waits for nothing is not rung for', async () => {
  const id = await dealing.open('bid', pair);
  await pool.transaction(async (transaction) => {
    const [untold] = await takeUntold(transaction, [id]);
    if (untold) await setTold(transaction, [{ untold, last: untold.version }]);
  });
  for (let round = 0; round < 3; round += 1) {
    tick(600_000);
    expect(await ringDue(pool, now(), 1_000)).not.toContain(id);
  }
});

test('everything is told anew in chunks, and what is opened meanwhile is not held up', async () => {
  const [retold, opened] = await Promise.all([retellAll(pool), dealing.open('bid', pair)]);
  expect(retold).toBeGreaterThanOrEqual(MANY);
  expect(opened).toEqual(expect.any(String));
  const epochs = await pool.oneFirst(sql.type(z.object({ n: z.bigint().transform(Number) }))`
    SELECT count(*) AS n FROM relays WHERE epoch = 1 AND told = -1 AND behind
  `);
  expect(epochs).toBe(retold);
});

test('an id of nothing is told of to nobody', async () => {
  expect(await pool.transaction((transaction) => takeUntold(transaction, [uuid()]))).toEqual([]);
});
