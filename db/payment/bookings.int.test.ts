import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { retellAll } from '../process/relays.ts';
import { listTasks } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';

// A provider may tell us what we cannot book. That is somebody's to look at, and holds up nothing else.

let databaseUrl: string;
let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl);
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

async function paidDeal(): Promise<{ id: string; orderId: string; paymentId: string }> {
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  const orderId = await dealing.order(id);
  const paymentId = `pay_${id}`;
  await dealing.hear({ kind: 'captured', orderId, paymentId });
  await dealing.book(id);
  return { id, orderId, paymentId };
}

const waiting = () =>
  pool.oneFirst(sql.type(z.object({ n: z.int() }))`
  SELECT count(*)::integer AS n FROM inbox WHERE booked_at IS NULL
`);
const openTasks = async () => pool && (await listTasks(pool, { open: true, kind: null, limit: 100, before: null }));

test('a charge-back of nothing that was lost moves nothing, and the deal goes on', async () => {
  const { id, paymentId } = await paidDeal();
  await dealing.hear({ kind: 'charge_back_closed', paymentId, amount: '0', outcome: 'lost' });
  expect(await dealing.give(id, 'influencer', 'start_work')).toMatchObject({ kind: 'taken' });
  expect(await waiting()).toBe(0);
});

test('a fact that cannot be booked is set aside for an operator, and the click behind it is taken', async () => {
  const { id, paymentId } = await paidDeal();
  await dealing.hear({ kind: 'charge_back_closed', paymentId, amount: '99999999999999999999', outcome: 'lost' });
  expect(await dealing.give(id, 'influencer', 'start_work')).toMatchObject({ kind: 'taken' });
  expect(await waiting()).toBe(0);
  expect((await openTasks()).filter((task) => task.process_id === id)).toMatchObject([
    {
      kind: 'unmatched_capture',
      details: { why: 'cannot_be_booked', kind: 'charge_back_closed', payment_id: paymentId },
    },
  ]);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('a hundred facts of no deal that cannot be booked do not keep the next from being booked, and are tried again', async () => {
  for (let n = 0; n < 101; n += 1) await dealing.hear({ kind: 'captured', paymentId: null });
  await dealing.hear({ kind: 'captured', paymentId: 'pay_unknown', amount: '700' });
  await dealing.book(null);
  await dealing.book(null);
  expect(await waiting()).toBe(0);
  expect((await openTasks()).map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ why: 'unknown_order', payment_id: 'pay_unknown' }),
  );
  await retellAll(pool);
  expect(await waiting()).toBeGreaterThan(100);
  await dealing.book(null);
  await dealing.book(null);
  expect(await waiting()).toBeLessThan(100);
});

test('a payment that failed is told of once, however many events tell us, and again when it fails again', async () => {
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'accept_proposed_price');
  const orderId = await dealing.order(id);
  const failed = { kind: 'failed', orderId, paymentId: 'pay_declined' } as const;
  for (let event = 0; event < 3; event += 1) await dealing.hear(failed);
  await dealing.book(id);
  await dealing.hear({ ...failed, occurredAt: '2026-03-01T09:30:00.000Z' });
  await dealing.book(id);
  expect((await dealing.steps(id)).filter(({ on }) => on === 'payment_failed')).toHaveLength(2);
});

async function dueDeal(): Promise<{ id: string; orderId: string }> {
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'accept_proposed_price');
  return { id, orderId: await dealing.order(id) };
}

const outcomes = (id: string) =>
  pool.any(sql.type(z.object({ payment: z.string(), outcome: z.string().nullable() }))`
    SELECT fact ->> 'paymentId' AS payment, outcome FROM inbox WHERE process_id = ${id} ORDER BY id
  `);

test('a payment that cannot be booked now holds up its own deal alone, where it is still the first to be booked', async () => {
  const [held, other] = [await dueDeal(), await dueDeal()];
  const payments = ['pay_first', 'pay_second'];
  for (const paymentId of payments) {
    await dealing.hear({ kind: 'captured', orderId: held.orderId, paymentId, amount: '600000' });
  }
  await dealing.hear({ kind: 'captured', orderId: other.orderId, paymentId: 'pay_other', amount: '600000' });
  const holder = new Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM processes WHERE id = $1 FOR NO KEY UPDATE', [held.id]);
  const booking = dealing.book(held.id);
  await dealing.book(other.id);
  expect(await outcomes(other.id)).toEqual([{ payment: 'pay_other', outcome: 'escrow' }]);
  expect((await outcomes(held.id)).map(({ outcome }) => outcome)).toEqual([null, null]);
  await holder.query('COMMIT');
  await holder.end();
  await booking;
  expect(await outcomes(held.id)).toEqual([
    { payment: 'pay_first', outcome: 'escrow' },
    { payment: 'pay_second', outcome: 'returned' },
  ]);
});
