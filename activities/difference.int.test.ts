import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser, startDealing } from '#db/deal/testing/dealing.ts';
import { findOpenOrder } from '#db/payment/orders.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { listTasks } from '#db/task/tasks.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { coinbaseProvider } from '#payments/coinbase.ts';
import { flutterwaveProvider } from '#payments/flutterwave.ts';
import type { PayoutProvider } from '#payments/payout.ts';
import { paypalProvider } from '#payments/paypal.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { razorpayProvider } from '#payments/razorpay.ts';
import { razorpayXProvider } from '#payments/razorpayX.ts';
import { stripeProvider } from '#payments/stripe.ts';
import { stripePayouts } from '#payments/stripePayouts.ts';
import { startCoinbaseServer } from '#payments/testing/coinbaseServer.ts';
import { startFlutterwaveServer } from '#payments/testing/flutterwaveServer.ts';
import { startPaypalServer } from '#payments/testing/paypalServer.ts';
import { startRazorpayServer } from '#payments/testing/razorpayServer.ts';
import { startRazorpayXServer } from '#payments/testing/razorpayXServer.ts';
import { startReceiver } from '#payments/testing/receiver.ts';
import { startStripeServer } from '#payments/testing/stripeServer.ts';
import { minor } from '#workflows/money.ts';
import { compareProvider } from './difference.ts';

// The books beside each provider's own lists, on servers that speak as the providers do: a difference is made of each kind.

type World = {
  provider: PaymentProvider;
  payouts: PayoutProvider | null;
  currency: string;
  pay(orderId: string): Promise<unknown>;
  dispute?(paymentId: string): Promise<unknown>;
  refunds?: true;
  destination?: { kind: 'bank'; holder: string; accountNumber: string; ifsc: string };
  close(): Promise<void>;
};

const webhookSecrets = ['a secret'];
const timeoutMs = 10_000;

const WORLDS: Record<string, () => Promise<World>> = {
  async razorpay() {
    const keys = { keyId: 'rzp_test_key', keySecret: 'very secret' };
    const accountNumber = '7878780080316316';
    const receiver = await startReceiver();
    const server = await startRazorpayServer({ ...keys, webhookSecret: 'a secret' });
    const bank = await startRazorpayXServer({ ...keys, accountNumber, webhookSecret: 'a secret' });
    server.webhookUrl = receiver.url;
    bank.webhookUrl = receiver.url;
    return {
      provider: razorpayProvider({ ...keys, webhookSecrets, baseUrl: server.url, timeoutMs }),
      payouts: razorpayXProvider({ ...keys, accountNumber, baseUrl: bank.url, timeoutMs }),
      currency: 'INR',
      pay: server.pay,
      dispute: server.dispute,
      refunds: true,
      destination: { kind: 'bank', holder: 'Asha Rao', accountNumber: '765432123456789', ifsc: 'HDFC0000053' },
      close: async () => {
        await Promise.all([server.close(), bank.close(), receiver.close()]);
      },
    };
  },
  async stripe() {
    const receiver = await startReceiver();
    const server = await startStripeServer({ secretKey: 'sk_test_123', webhookSecret: 'a secret' });
    server.webhookUrl = receiver.url;
    const access = { secretKey: 'sk_test_123', baseUrl: server.url, timeoutMs };
    return {
      provider: stripeProvider({ ...access, webhookSecrets, returnUrl: 'http://127.0.0.1:3000/' }),
      payouts: stripePayouts(access),
      currency: 'INR',
      pay: server.pay,
      dispute: server.dispute,
      refunds: true,
      close: async () => {
        await Promise.all([server.close(), receiver.close()]);
      },
    };
  },
  async paypal() {
    const keys = { clientId: 'a client', clientSecret: 'very secret' };
    const receiver = await startReceiver();
    const server = await startPaypalServer({ ...keys, webhookId: 'a hook' });
    server.webhookUrl = receiver.url;
    const settings = {
      ...keys,
      webhookIds: ['a hook'],
      baseUrl: server.url,
      returnUrl: 'http://127.0.0.1/',
      timeoutMs,
    };
    return {
      provider: paypalProvider(settings),
      payouts: null,
      currency: 'USD',
      pay: server.approve,
      dispute: server.dispute,
      refunds: true,
      close: async () => {
        await Promise.all([server.close(), receiver.close()]);
      },
    };
  },
  async flutterwave() {
    const receiver = await startReceiver();
    const server = await startFlutterwaveServer({ secretKey: 'very secret', secretHash: 'a secret' });
    server.webhookUrl = receiver.url;
    const settings = { webhookSecrets, baseUrl: server.url, returnUrl: 'http://127.0.0.1/', timeoutMs };
    return {
      provider: flutterwaveProvider({ ...settings, secretKey: 'very secret', signature: 'verif-hash' }),
      payouts: null,
      currency: 'INR',
      pay: (orderId) => server.pay(orderId),
      refunds: true,
      close: async () => {
        await Promise.all([server.close(), receiver.close()]);
      },
    };
  },
  async coinbase() {
    const receiver = await startReceiver();
    const server = await startCoinbaseServer({ apiKey: 'a key', webhookSecret: 'a secret' });
    server.webhookUrl = receiver.url;
    const settings = {
      apiKey: 'a key',
      webhookSecrets,
      baseUrl: server.url,
      timeoutMs,
      returnUrl: 'http://127.0.0.1/',
    };
    return {
      provider: coinbaseProvider(settings),
      payouts: null,
      currency: 'USD',
      pay: server.pay,
      close: async () => {
        await Promise.all([server.close(), receiver.close()]);
      },
    };
  },
};

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
});
afterAll(() => pool?.end());

const AMOUNT = minor(500_000n);

/** An order of a deal as the books have it, of this provider; made there as well, unless it is one that they do not know. */
async function ordered({ provider, currency }: World, isKnown: boolean): Promise<{ id: string; theirs: string }> {
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  dealing.clock.now = new Date();
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  await dealing.order(id);
  const order = await findOpenOrder(pool, id);
  if (!order) throw new Error('no order is open');
  const made = isKnown ? await make({ provider, currency }, order.id) : `order_${randomUUID()}`;
  await pool.query(sql.typeAlias('void')`
    UPDATE payment_orders SET provider = ${provider.name}, provider_order_id = ${made}, currency = ${currency}
    WHERE id = ${order.id}
  `);
  return { id: order.id, theirs: made };
}

async function make({ provider, currency }: Pick<World, 'provider' | 'currency'>, id: string): Promise<string> {
  const order = { id, amount: AMOUNT, currency, description: 'Three reels', expiresAt: null };
  return (await provider.createOrder(order)).providerOrderId;
}

/** As if it were so much later: what is of the last hour may be under way. */
const compare = ({ provider, payouts }: World, hours: number) =>
  compareProvider(
    {
      pool,
      provider: (name) => (name === provider.name ? provider : null),
      payoutProvider: (name) => (name === provider.name ? payouts : null),
      log: { info() {}, warn() {}, error() {} },
    },
    provider.name,
    new Date(Date.now() + hours * 3_600_000).toISOString(),
  );

async function found(name: string): Promise<string[]> {
  const tasks = await listTasks(pool, { open: true, kind: 'difference', limit: 100, before: null });
  const own = tasks.filter(({ details }) => details.provider === name);
  return own.map(({ details: { thing, what, ours, theirs } }) => `${thing} ${what}: ${ours} / ${theirs}`).sort();
}

test.each(Object.keys(WORLDS))(
  '%s: each difference between its lists and the books is a task of its own',
  async (name) => {
    const world = await (WORLDS[name] as () => Promise<World>)();
    const { provider, payouts, currency } = world;
    try {
      await ordered(world, true);
      const { done } = await compare(world, 2);
      // Where none is listed, what was paid is compared and nothing else.
      if (provider.listOrders) expect(done).toContain('1 orders, 0 new differences');
      else expect(done).not.toContain('orders');
      expect(await found(name)).toEqual([]);

      // One that nobody of ours made, one that they do not know, one of another amount, and one whose webhook never came.
      await make(world, randomUUID());
      await ordered(world, false);
      const other = await ordered(world, true);
      await pool.query(sql.typeAlias('void')`UPDATE payment_orders SET amount = amount - 1 WHERE id = ${other.id}`);
      const unheard = await ordered(world, true);
      await world.pay(unheard.theirs);
      const ofOrders = [
        `order booked_otherwise: 499999 ${currency} open / 500000 ${currency} open`,
        `order booked_otherwise: 500000 ${currency} open / 500000 ${currency} paid`,
        `order not_booked: null / 500000 ${currency} open`,
        `order not_listed: 500000 ${currency} open / null`,
      ];
      const said = [`payment not_booked: null / 500000 ${currency} captured`];
      if (provider.listOrders) said.push(...ofOrders);
      const paymentId = (await provider.findOrder(unheard.theirs)).payments[0]?.paymentId ?? '';
      if (world.dispute) {
        await world.dispute(paymentId);
        said.push(`dispute not_booked: null / 500000 ${currency} open`);
      }
      if (world.refunds) {
        const refund = { key: 'a_key_of_nobody', paymentId, providerOrderId: null, currency, reason: 'Why not' };
        await provider.refund({ ...refund, amount: minor(700n) });
        said.push(`refund not_booked: null / 700 ${currency} processed`);
      }
      if (payouts && world.destination) {
        const of = { destinationId: randomUUID(), destination: world.destination, narration: 'Nobody asked for it' };
        await payouts.createPayout({
          ...of,
          key: 'payout_of_nobody',
          reference: 'of_nobody',
          amount: minor(900n),
          currency,
        });
        said.push(`payout not_booked: null / 900 ${currency} pending`);
      }
      // Within the hour all of it may still be under way.
      await compare(world, 0);
      expect(await found(name)).toEqual([]);
      await Promise.all([compare(world, 2), compare(world, 2)]);
      expect(await found(name)).toEqual(said.sort());
    } finally {
      await world.close();
    }
  },
  60_000,
);
