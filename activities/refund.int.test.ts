import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Dealing, newUser, SYSTEM, startDealing } from '#db/deal/testing/dealing.ts';
import { findRefund, retryRefund, settleRefund } from '#db/payment/refunds.ts';
import { refundFromSuspense } from '#db/payment/suspense.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listTasks } from '#db/task/tasks.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { razorpayProvider } from '#payments/razorpay.ts';
import { type RazorpayServer, startRazorpayServer } from '#payments/testing/razorpayServer.ts';
import { startReceiver } from '#payments/testing/receiver.ts';
import { startUnreliableLine, type UnreliableLine } from '#payments/testing/unreliableLine.ts';
import { minor } from '#workflows/money.ts';
import { carryRefund } from './refund.ts';

// A refund is asked for at a provider's real HTTP API, over a line that fails, and is paid once.

const keys = { keyId: 'rzp_test_key', keySecret: 'very secret' };

let pool: Pool;
let dealing: Dealing;
let server: RazorpayServer;
let line: UnreliableLine;
let deps: Parameters<typeof carryRefund>[0];
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

beforeEach(async () => {
  const receiver = await startReceiver();
  server = await startRazorpayServer({ ...keys, webhookSecret: 'a secret' });
  server.webhookUrl = receiver.url;
  line = await startUnreliableLine(server.url);
  cleanUp.push(receiver.close, server.close, line.close);
  const provider = razorpayProvider({ ...keys, webhookSecrets: ['a secret'], baseUrl: line.url, timeoutMs: 500 });
  deps = { pool, provider: () => provider };
});
afterEach(async () => {
  await Promise.all(cleanUp.splice(0).map((clean) => clean()));
});

const now = () => dealing.clock.now.toISOString();
const origin = () => ({ now: now(), systemUserId: SYSTEM, correlationId: null });

/** Half of a payment, to be given back: the provider would give it back twice. */
async function halfToGiveBack(): Promise<{ refundId: string; paymentId: string }> {
  const { providerOrderId } = (await deps.provider('razorpay')?.createOrder({
    id: crypto.randomUUID(),
    amount: minor(1_000_000n),
    currency: 'INR',
    description: 'One reel',
    expiresAt: null,
  })) ?? { providerOrderId: '' };
  const paymentId = await server.pay(providerOrderId);
  await dealing.hear({ kind: 'captured', provider: 'razorpay', paymentId, amount: '500000' });
  await dealing.book(null);
  const refundId = await pool.transaction(async (transaction) => {
    const captureId = await transaction.oneFirst(sql.typeAlias('id')`
      SELECT id FROM captures WHERE payment_id = ${paymentId}
    `);
    return refundFromSuspense(transaction, captureId, now());
  });
  return { refundId, paymentId };
}

const madeFor = (paymentId: string) => [...server.refunds.values()].filter((refund) => refund.payment_id === paymentId);
const keyRefused = {
  kind: 'answered',
  status: 401,
  body: '{"error":{"description":"Authentication failed"}}',
} as const;

test('a provider that refuses our key says nothing about a refund that is under way', async () => {
  const { refundId, paymentId } = await halfToGiveBack();
  server.failRefundsOf(paymentId);
  await carryRefund(deps, refundId, origin());
  line.trouble(keyRefused);
  await expect(carryRefund(deps, refundId, origin())).rejects.toThrow(/refuses our key/);
  expect((await findRefund(pool, refundId))?.status).not.toBe('failed');
  expect(await retryRefund(pool, refundId, null, now())).toBe(false);
  expect(madeFor(paymentId)).toHaveLength(1);
});

test('a question about a refund that is refused is not an answer: it is asked again', async () => {
  const { refundId, paymentId } = await halfToGiveBack();
  server.failRefundsOf(paymentId);
  await carryRefund(deps, refundId, origin());
  line.trouble({ kind: 'answered', status: 400, body: '{"error":{"description":"not today"}}' });
  await expect(carryRefund(deps, refundId, origin())).rejects.toThrow(/not today/);
  expect((await findRefund(pool, refundId))?.status).not.toBe('failed');
});

test('before a refund is tried again, the provider is asked whether it made an earlier attempt after all', async () => {
  const { refundId, paymentId } = await halfToGiveBack();
  const first = await findRefund(pool, refundId);
  line.trouble({ kind: 'answer_lost' }, ({ method }) => method === 'POST');
  await expect(carryRefund(deps, refundId, origin())).rejects.toThrow();
  line.calm();
  expect(madeFor(paymentId)).toHaveLength(1);
  // As an answer that was taken for a no would leave it.
  if (first) await settleRefund(pool, first, { status: 'failed', refundId: null, failure: 'no' }, origin());
  expect(await retryRefund(pool, refundId, null, now())).toBe(true);
  await carryRefund(deps, refundId, origin());
  expect(madeFor(paymentId)).toHaveLength(1);
  expect(await findRefund(pool, refundId)).toMatchObject({ status: 'processed', attempt: 2 });
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('a refund below what its provider gives back calls an operator, who settles it by hand: it stays in clearing no longer', async () => {
  const paymentId = `pay_${crypto.randomUUID()}`;
  await dealing.hear({ kind: 'captured', provider: 'razorpay', paymentId, amount: '99' });
  await dealing.book(null);
  const captureId = await pool.oneFirst(sql.typeAlias('id')`SELECT id FROM captures WHERE payment_id = ${paymentId}`);
  const refundId = await pool.transaction((transaction) => refundFromSuspense(transaction, captureId, now()));
  await carryRefund(deps, refundId, origin());
  expect(await findRefund(pool, refundId)).toMatchObject({ status: 'failed' });
  expect(madeFor(paymentId)).toEqual([]);
  const tasks = await listTasks(pool, { open: true, kind: 'stuck_refund', limit: 10, before: null });
  const [task] = tasks.filter(({ details }) => details.refund_id === refundId);
  expect(task?.details).toMatchObject({ failure: expect.stringContaining('100') });
  expect(await dealing.decide(task?.id as string, 'settle')).toBe(true);
  expect(await findRefund(pool, refundId)).toMatchObject({ status: 'processed' });
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});
