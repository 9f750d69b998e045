import { createHash, createHmac } from 'node:crypto';
import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listSandboxDeliveries } from '#db/sandbox/provider.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { ProviderRefused } from '#payments/provider.ts';
import { sandboxProvider } from '#payments/sandbox.ts';
import { describeContract, type ProviderWorld, TIMEOUT_MS } from '#payments/testing/contract.ts';
import { startReceiver } from '#payments/testing/receiver.ts';
import { startUnreliableLine } from '#payments/testing/unreliableLine.ts';
import { minor } from '#workflows/money.ts';
import { failureBody, toFailure } from '../failure.ts';
import { sandboxService } from './service.ts';

const secrets: [string, string] = ['the newest secret', 'the one before'];

/** The service on a port, its webhooks going to a receiver; the clock can be moved. */
async function openSandbox(pool?: Pool) {
  const own = pool ?? createPool(await createTestDatabase());
  const receiver = await startReceiver();
  let ahead = 0;
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => {
    const failure = toFailure(error);
    return reply.status(failure.status).send(failureBody(failure));
  });
  let url = '';
  await app.register(
    sandboxService({
      pool: own,
      publicUrl: () => url,
      webhookUrl: () => receiver.url,
      secrets,
      now: () => new Date(Date.now() + ahead),
    }),
    { prefix: '/sandbox' },
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  const provider = sandboxProvider({ baseUrl: `${url}/sandbox`, webhookSecrets: secrets, timeoutMs: TIMEOUT_MS });

  const press = (orderId: string, button: string) =>
    fetch(`${url}/sandbox/checkout/${orderId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ button }),
      redirect: 'manual',
    });
  const page = async (orderId: string) => {
    const response = await fetch(`${url}/sandbox/checkout/${orderId}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    url,
    pool: own,
    receiver,
    provider,
    press,
    page,
    moveClock(ms: number) {
      ahead += ms;
    },
    async close() {
      await app.close();
      await receiver.close();
      if (!pool) await own.end();
    },
  };
}

// Its checkout page disputes a payment once, and takes no more than some fifty payments of an order.
const LACKS = ['pages', 'two_disputes', 'slow_payments'] as const;

describeContract(
  'sandbox',
  async () => {
    const sandbox = await openSandbox();
    const line = await startUnreliableLine(sandbox.url);
    const settings = { baseUrl: `${line.url}/sandbox`, webhookSecrets: secrets, timeoutMs: TIMEOUT_MS };
    const world: ProviderWorld = {
      provider: sandboxProvider(settings),
      stranger: sandboxProvider({ ...settings, webhookSecrets: ['guessed'] }),
      secrets,
      line,
      receiver: sandbox.receiver,
      pay: (orderId) => sandbox.press(orderId, 'pay'),
      decline: (orderId) => sandbox.press(orderId, 'fail'),
      chargeBack: (_paymentId, orderId) => sandbox.press(orderId, 'charge_back'),
      endChargeBack: ({ orderId }, outcome) => sandbox.press(orderId, `charge_back_${outcome}`),
      failingPayment: async (orderId) => `pay_refundfails_${orderId}`,
      // It keeps them for good.
      forgetKeys: () => {},
      ordersOf: async (reference) => {
        const row = z.object({ amount: z.bigint(), currency: z.string() });
        const rows = await sandbox.pool.any(
          sql.type(row)`SELECT amount, currency FROM sandbox_orders WHERE reference = ${reference}`,
        );
        return rows.map(({ amount, currency }) => ({ amount: amount.toString(), currency }));
      },
      refundsOf: async (paymentId) => [
        ...(await sandbox.pool.any(
          sql.typeAlias('id')`SELECT id FROM sandbox_refunds WHERE payment_id = ${paymentId}`,
        )),
      ],
      evidenceOf: async (disputeId) => [
        ...(await sandbox.pool.any(sql.typeAlias('id')`
          SELECT id FROM sandbox_payments WHERE 'dispute_' || id = ${disputeId} AND evidence IS NOT NULL`)),
      ],
      captureText: ({ paymentId, orderId, amount, occurred }) =>
        JSON.stringify({
          id: 'evt_1',
          type: 'payment.captured',
          created_at: occurred,
          data: { order_id: orderId, payment_id: paymentId, amount, currency: 'INR' },
        }),
      otherEvent: {
        type: 'settlement.made',
        text: (occurred) => JSON.stringify({ id: 'evt_1', type: 'settlement.made', created_at: occurred, data: {} }),
      },
      seal(text, { secret, at }) {
        const seconds = Math.floor(at.getTime() / 1000);
        const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex');
        return { rawBody: Buffer.from(text), headers: { 'x-sandbox-signature': `t=${seconds},v1=${signature}` } };
      },
      signatureHeader: 'x-sandbox-signature',
      window: { past: 300, future: 300 },
      bringsReference: true,
      async close() {
        await line.close();
        await sandbox.close();
      },
    };
    return world;
  },
  LACKS,
);

type Sandbox = Awaited<ReturnType<typeof openSandbox>>;

let made = 0;
function newOrder(sandbox: Sandbox, more: { description?: string; expiresAt?: string | null } = {}) {
  return sandbox.provider.createOrder({
    id: `order_number_${++made}`,
    amount: minor(500_050n),
    currency: 'INR',
    description: 'Three reels',
    expiresAt: new Date(Date.now() + HOUR).toISOString(),
    successUrl: 'http://127.0.0.1:3000/?deal=1&paid=1',
    cancelUrl: 'http://127.0.0.1:3000/?deal=1',
    ...more,
  });
}

const HOUR = 3600_000;

describe('the checkout page', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(() => sandbox.close());

  test('shows what is owed and the buttons that apply', async () => {
    const { providerOrderId, checkoutUrl } = await newOrder(sandbox);
    expect(checkoutUrl).toBe(`${sandbox.url}/sandbox/checkout/${providerOrderId}`);
    const { status, headers, text } = await sandbox.page(providerOrderId);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('₹5,000.50');
    expect(text).toContain('href="http://127.0.0.1:3000/?deal=1"');
    expect(buttonsOn(text)).toEqual(['pay', 'fail', 'pay_twice', 'pay_late']);
  });

  test('may load nothing but its own style, and runs no script', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    const { headers, text } = await sandbox.page(providerOrderId);
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')?.split(';').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      `style-src 'sha256-${hash}'`,
    ]);
    expect(text).not.toContain('<script');
  });

  test('writes a description as text, whatever it holds', async () => {
    const { providerOrderId } = await newOrder(sandbox, { description: '<script>alert("1")</script>&\' "' });
    const { text } = await sandbox.page(providerOrderId);
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39; &quot;');
    expect(text).not.toContain('<script');
  });

  test('of an order that is not there says so', async () => {
    expect((await sandbox.page('order_000000000000000000000000')).status).toBe(404);
    expect((await sandbox.page('order%00')).status).toBe(400);
  });

  test('an unknown button is refused', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    expect((await sandbox.press(providerOrderId, 'steal')).status).toBe(400);
    expect((await sandbox.provider.findOrder(providerOrderId)).status).toBe('open');
  });

  test('paying leads back to the page, which says so and offers what may follow', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    const response = await sandbox.press(providerOrderId, 'pay');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/sandbox/checkout/${providerOrderId}`);
    const { text } = await sandbox.page(providerOrderId);
    expect(text).toContain('href="http://127.0.0.1:3000/?deal=1&amp;paid=1"');
    expect(buttonsOn(text)).toEqual(['pay_twice', 'pay_late', 'charge_back']);
  });

  test('five clicks on pay at once are one payment and one webhook', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    await Promise.all(Array.from({ length: 5 }, () => sandbox.press(providerOrderId, 'pay')));
    expect((await sandbox.provider.findOrder(providerOrderId)).payments).toHaveLength(1);
    expect(await listSandboxDeliveries(sandbox.pool, providerOrderId, 100)).toHaveLength(1);
  });

  test('pay twice is two captures of the whole amount', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    await sandbox.press(providerOrderId, 'pay_twice');
    const { payments } = await sandbox.provider.findOrder(providerOrderId);
    expect(payments.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['captured', '500050'],
      ['captured', '500050'],
    ]);
    const told = [await sandbox.receiver.next(providerOrderId), await sandbox.receiver.next(providerOrderId)];
    const ids = told.map(({ rawBody }) => JSON.parse(rawBody.toString()).data.payment_id);
    expect(ids.toSorted()).toEqual(payments.map((payment) => payment.paymentId).toSorted());
  });

  test('pay late is captured, and told of, after the deadline and not before', async () => {
    const clocked = await openSandbox();
    const expiresAt = new Date(Date.now() + HOUR).toISOString();
    const late = await newOrder(clocked, { expiresAt });
    await clocked.press(late.providerOrderId, 'pay_late');
    expect(await clocked.provider.findOrder(late.providerOrderId)).toEqual({ status: 'open', payments: [] });
    const { text } = await clocked.page(late.providerOrderId);
    expect(text).toContain('A late payment will be captured at');
    expect(buttonsOn(text)).toEqual([]);
    // Of the two, the one paid in time is told of; the other waits.
    const prompt = await newOrder(clocked);
    await clocked.press(prompt.providerOrderId, 'pay');
    await clocked.receiver.next(prompt.providerOrderId);
    expect(clocked.receiver.deliveries).toHaveLength(1);
    clocked.moveClock(HOUR + 1_000);
    const { rawBody } = await clocked.receiver.next(late.providerOrderId);
    expect(JSON.parse(rawBody.toString()).created_at).toBe(Math.floor((Date.parse(expiresAt) + 1_000) / 1000));
    expect((await clocked.provider.findOrder(late.providerOrderId)).status).toBe('paid');
    await clocked.close();
  });

  test('after the deadline an order is expired and can only be paid late, which is at once', async () => {
    const { providerOrderId } = await newOrder(sandbox, { expiresAt: new Date(Date.now() - 1_000).toISOString() });
    expect((await sandbox.provider.findOrder(providerOrderId)).status).toBe('expired');
    expect(buttonsOn((await sandbox.page(providerOrderId)).text)).toEqual(['pay_late']);
    await sandbox.press(providerOrderId, 'pay');
    expect((await sandbox.provider.findOrder(providerOrderId)).status).toBe('expired');
    await sandbox.press(providerOrderId, 'pay_late');
    expect((await sandbox.provider.findOrder(providerOrderId)).status).toBe('paid');
  });

  test('an order that has seen fifty payments takes no more', async () => {
    const { providerOrderId } = await newOrder(sandbox);
    for (let press = 0; press < 60; press++) await sandbox.press(providerOrderId, 'fail');
    const { payments } = await sandbox.provider.findOrder(providerOrderId);
    expect(payments.length).toBeGreaterThan(45);
    expect(payments.length).toBeLessThanOrEqual(50);
    expect(buttonsOn((await sandbox.page(providerOrderId)).text)).toEqual([]);
  });
});

describe('the service', () => {
  test('a payment only a webhook has spoken of can be refunded', async () => {
    const sandbox = await openSandbox();
    const refund = {
      key: 'deal_1_refund',
      paymentId: 'pay_of_somebody',
      amount: minor(700n),
      currency: 'INR',
      reason: '',
    };
    await sandbox.provider.refund({ ...refund, providerOrderId: 'order_of_somebody' });
    const { rawBody } = await sandbox.receiver.next('refund.processed');
    expect(JSON.parse(rawBody.toString()).data).toMatchObject({
      order_id: 'order_of_somebody',
      payment_id: 'pay_of_somebody',
      amount: 700,
      currency: 'INR',
      refund_key: 'deal_1_refund',
    });
    await sandbox.close();
  });

  test('a payment whose id asks for it is never refunded', async () => {
    const sandbox = await openSandbox();
    const refund = {
      key: 'deal_2_refund',
      paymentId: 'pay_refundrefused_1',
      amount: minor(700n),
      currency: 'INR',
      reason: '',
    };
    await expect(sandbox.provider.refund({ ...refund, providerOrderId: null })).rejects.toThrow(ProviderRefused);
    const { key, paymentId } = refund;
    expect(await sandbox.provider.findRefund({ key, paymentId, refundId: null })).toBeNull();
    await sandbox.close();
  });

  test('without its key answers nobody', async () => {
    const sandbox = await openSandbox();
    for (const path of ['/orders/order_1', '/refunds?key=deal_1_refund']) {
      for (const headers of [{}, { authorization: '' }, { authorization: `Bearer ${secrets[0]}` }]) {
        expect((await fetch(`${sandbox.url}/sandbox${path}`, { headers })).status).toBe(401);
      }
    }
    await sandbox.close();
  });

  test('a webhook that is refused is sent again, signed anew, until it is taken', async () => {
    const sandbox = await openSandbox();
    sandbox.receiver.answerWith(500);
    const { providerOrderId } = await newOrder(sandbox);
    await sandbox.press(providerOrderId, 'pay');
    const first = await sandbox.receiver.next(providerOrderId);
    sandbox.moveClock(10 * 60_000);
    const second = await sandbox.receiver.next(providerOrderId);
    expect(second.rawBody).toEqual(first.rawBody);
    expect(second.headers['x-sandbox-signature']).not.toBe(first.headers['x-sandbox-signature']);
    const later = new Date(Date.now() + 10 * 60_000);
    expect((await sandbox.provider.verifyWebhook(second.rawBody, second.headers, later)).facts).toHaveLength(1);
    sandbox.receiver.answerWith(200);
    sandbox.moveClock(10 * 60_000);
    await sandbox.receiver.next(providerOrderId);
    await expect
      .poll(async () => (await listSandboxDeliveries(sandbox.pool, providerOrderId, 1))[0], { timeout: 10_000 })
      .toMatchObject({ attempts: 3, lastAnswer: 'HTTP 200', endedAt: expect.any(String) });
    await sandbox.close();
  });

  test('a webhook nobody takes is given up after a day', async () => {
    const sandbox = await openSandbox();
    sandbox.receiver.answerWith(500);
    const { providerOrderId } = await newOrder(sandbox);
    await sandbox.press(providerOrderId, 'pay');
    const delivery = async () => (await listSandboxDeliveries(sandbox.pool, providerOrderId, 1))[0];
    await expect.poll(delivery, { timeout: 10_000 }).toMatchObject({ lastAnswer: 'HTTP 500', endedAt: null });
    sandbox.moveClock(24 * HOUR);
    await expect.poll(delivery, { timeout: 10_000 }).toMatchObject({ endedAt: expect.any(String) });
    const { attempts } = (await delivery()) ?? {};
    sandbox.moveClock(HOUR);
    const { providerOrderId: next } = await newOrder(sandbox, { expiresAt: null });
    await sandbox.press(next, 'pay');
    await sandbox.receiver.next(next);
    expect((await delivery())?.attempts).toBe(attempts);
    await sandbox.close();
  });

  test('a webhook owed when the process ends is sent by the next one', async () => {
    const pool = createPool(await createTestDatabase());
    const before = await openSandbox(pool);
    before.receiver.answerWith(503);
    const { providerOrderId } = await newOrder(before);
    await before.press(providerOrderId, 'pay');
    await before.receiver.next(providerOrderId);
    await before.close();
    const after = await openSandbox(pool);
    const { rawBody } = await after.receiver.next(providerOrderId);
    expect(JSON.parse(rawBody.toString()).type).toBe('payment.captured');
    await after.close();
    await pool.end();
  });

  test('two processes send each webhook once', async () => {
    const pool = createPool(await createTestDatabase());
    const [one, other] = [await openSandbox(pool), await openSandbox(pool)];
    const orders = await Promise.all(Array.from({ length: 20 }, () => newOrder(one)));
    await Promise.all(orders.map(({ providerOrderId }, at) => (at % 2 ? one : other).press(providerOrderId, 'pay')));
    const all = () =>
      [...one.receiver.deliveries, ...other.receiver.deliveries].map(({ rawBody }) => JSON.parse(`${rawBody}`).id);
    await expect.poll(() => new Set(all()).size, { timeout: 10_000 }).toBe(20);
    expect(all()).toHaveLength(20);
    await Promise.all([one.close(), other.close()]);
    await pool.end();
  });
});

function buttonsOn(page: string): string[] {
  return [...page.matchAll(/name="button" value="(\w+)"/g)].map((match) => match[1] ?? '');
}
