import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, factOf, newUser, startDealing } from './deal/testing/dealing.ts';
import { listAccounts } from './money/books.ts';
import { accounts, transfer } from './money/ledger.ts';
import { getReadings } from './operation/readings.ts';
import { findOrder } from './payment/orders.ts';
import { lockRefundOf } from './payment/refunds.ts';
import { createPool, type Pool, sql } from './pool.ts';
import { listCases } from './process/cases.ts';
import { closeTask, openTask } from './task/tasks.ts';
import { rowsReadBy } from './testing/rowsRead.ts';

/** What is asked again and again reads what it is about, and not all there ever was. */

const MANY = 3_000;
let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
  const id = await dealing.open('campaign', await dealing.newPair());
  // Deals that are over, with their money, as years leave them behind; what they refer to is not asked for here.
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    await transaction.query(sql.typeAlias('void')`
      WITH old AS (
        SELECT uuidv7() AS id, uuidv7() AS order_id, uuidv7() AS capture_id, n
        FROM generate_series(1, ${MANY}::integer) AS n
      ), deals AS (
        INSERT INTO processes SELECT (jsonb_populate_record(process, jsonb_build_object(
          'id', old.id, 'state', 'chat_closed', 'deadline', NULL))).*
        FROM old, processes AS process WHERE process.id = ${id}
      ), told AS (
        INSERT INTO relays (process_id, kind, behind) SELECT id, 'deal', false FROM old
      ), escrows AS (
        INSERT INTO ledger_accounts (code, kind, asset, overdraft) SELECT 'escrow/' || id, 'escrow', 'INR', false FROM old
      ), orders AS (
        INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description,
          provider_order_id, created_at, closed_at, asked_again)
        SELECT order_id, id, id, 'sandbox', 1, 'INR', 'old', 'order_' || n, now(), now(), true FROM old
      ), paid AS (
        INSERT INTO captures (id, provider, payment_id, order_id, process_id, inbox_id, amount, currency,
          disposition, booked_at)
        SELECT capture_id, 'sandbox', 'pay_' || n, order_id, id, n, 1, 'INR', 'escrow', now() FROM old
      )
      INSERT INTO refunds (id, capture_id, amount, currency, provider_refund_id, status, created_at)
      SELECT uuidv7(), capture_id, 1, 'INR', 'refund_' || n, 'processed', now() FROM old
    `);
  });
  await pool.query(sql.typeAlias('void')`ANALYZE`);
});
afterAll(() => pool?.end());

test('the readings of /metrics', async () => {
  const read = await rowsReadBy(pool, async (transaction) => {
    expect(await getReadings(transaction)).toMatchObject({ deals_open: 1, refunds_open: 0, inbox_waiting: 0 });
  });
  for (const [table, many] of Object.entries(read)) expect(many, table).toBeLessThanOrEqual(5);
});

test('a deal counts as open for as long as it has a deadline', async () => {
  const many = async () => (await getReadings(pool)).deals_open;
  const before = await many();
  const id = await dealing.open('bid', await dealing.newPair());
  expect(await many()).toBe(before + 1);
  await dealing.give(id, 'brand_owner', 'withdraw');
  expect(await dealing.deal(id)).toMatchObject({ state: 'chat_closed' });
  expect(await many()).toBe(before);
});

test('the accounts of a kind, whatever lies before them', async () => {
  const userId = await newUser(pool, 'influencer');
  await transfer(pool, {
    ...{ key: `fund_${userId}`, reason: 'test', conversationId: null, occurredAt: new Date().toISOString() },
    legs: [
      { account: accounts.issuance('TOKEN'), amount: -1n },
      { account: accounts.wallet(userId, 'TOKEN'), amount: 1n },
    ],
  });
  const page = { q: null, limit: 21, after: null };
  const read = await rowsReadBy(pool, async (transaction) => {
    const found = await listAccounts(transaction, { kind: 'wallet', ...page });
    expect(found.map(({ code }) => code)).toContain(`wallet/${userId}`);
  });
  expect(read.ledger_accounts).toBeLessThanOrEqual(50);
  expect(await listAccounts(pool, { kind: 'escrow', ...page })).toHaveLength(21);
});

test('what an administrator is needed for, however much goes on without them', async () => {
  const now = new Date().toISOString();
  const asked = {
    ...{ userId: dealing.adminId, all: true, kinds: ['deal'], view: 'needs_me' as const, turns: [], search: null },
    ...{ riskUntil: now, order: 'newest' as const, limit: 21, after: null },
  };
  const id = await dealing.open('bid', await dealing.newPair());
  expect(await listCases(pool, asked)).toEqual([]);
  const task = { key: `look_${id}`, kind: 'held_up' as const, processId: id, details: {}, now };
  await openTask(pool, task);
  const read = await rowsReadBy(pool, async (transaction) => {
    expect(await listCases(transaction, asked)).toMatchObject([{ process: { id }, role: null, hasTask: true }]);
  });
  expect(read.processes).toBeLessThanOrEqual(5);
  await closeTask(pool, task.key, {}, dealing.adminId, now);
  expect(await listCases(pool, asked)).toEqual([]);
});

test('an order with whether it was paid', async () => {
  const read = await rowsReadBy(pool, async (transaction) => {
    expect((await findOrder(transaction, 'order_7'))?.paid_at).toBeTruthy();
  });
  expect(read.captures).toBeLessThanOrEqual(5);
  expect(read.payment_orders).toBeLessThanOrEqual(5);
});

test.each([
  ['the provider’s id', { refundId: 'refund_7' }],
  ['its payment', { paymentId: 'pay_7' }],
])('the refund that a fact is about, by %s', async (_, named) => {
  const fact = factOf({ kind: 'refunded', amount: '1', occurredAt: new Date().toISOString(), ...named });
  const read = await rowsReadBy(pool, async (transaction) => {
    expect(await lockRefundOf(transaction, fact)).not.toBeNull();
  });
  expect(read.refunds).toBeLessThanOrEqual(10);
  expect(read.captures).toBeLessThanOrEqual(10);
});
