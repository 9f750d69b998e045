import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLine, type Line } from '#db/line.ts';
import { createPool, type HeldConnection, type Pool } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { createProviders } from '#payments/providers.ts';
import { sandboxLetter } from '#payments/testing/sandboxLetter.ts';
import { readConfig } from './config.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

/** More than Postgres answers in time, on a real one: who is refused, who is not, and what becomes of them. */

const SECRET = 'a secret of the tests';
const PLACES = 2;
const LONGEST = 3;

let api: TestApp;
let line: Line;
let pool: Pool;
let held: HeldConnection[];
let provider: { asked: Promise<void>; answer: () => void };

/** An API whose line is so long, and whose calls take so long at most. */
async function open(deadline = 10_000): Promise<void> {
  const databaseUrl = await createTestDatabase();
  line = createLine({
    places: PLACES,
    longest: LONGEST,
    patienceMs: 0,
    shed: (why) => api.deps.metrics.shed.inc({ why }),
  });
  pool = createPool(databaseUrl, { size: PLACES, deadline, line });
  api = await startTestApp({ databaseUrl, deps: { pool, providers: slowProviders(databaseUrl) } });
}

/** The sandbox's, which answers for an order when a test says so. */
function slowProviders(databaseUrl: string) {
  const settings = { NODE_ENV: 'test', DATABASE_URL: databaseUrl, SANDBOX_WEBHOOK_SECRET: SECRET };
  const { current } = createProviders(readConfig(settings));
  let wasAsked = () => {};
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    wasAsked = resolve;
  });
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  provider = { asked, answer };
  const slow: PaymentProvider = Object.create(current, {
    createOrder: {
      async value() {
        wasAsked();
        await answered;
        return { providerOrderId: 'order_of_the_test', checkoutUrl: null, expiresAt: null };
      },
    },
  });
  return { current: slow, byName: { sandbox: slow } };
}

beforeEach(() => {
  held = [];
});
afterEach(async () => {
  letGo();
  provider.answer();
  await api.close();
});

/** Takes every connection there is, but those that steps are written on. */
async function takeAll(): Promise<void> {
  while (line.state().free > 0) held.push(await pool.hold());
}

function letGo(): void {
  for (const { release } of held.splice(0)) release(true);
}

async function register(handle: string, role: string): Promise<string> {
  const payload = { handle, password: 'secret123', roles: [role] };
  const answer = await api.app.inject({ method: 'POST', url: '/api/auth/register', payload });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json().data.access;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const look = (token: string) => api.app.inject({ url: '/api/campaigns', headers: bearer(token) });
const post = (token: string, url: string, payload: object) =>
  api.app.inject({ method: 'POST', url, payload, headers: bearer(token) });
const untilWaiting = (many: number) => vi.waitFor(() => expect(line.state().waiting).toBe(many), { interval: 5 });
const counted = async (why: string) =>
  (await api.deps.metrics.shed.get()).values.find(({ labels }) => labels.why === why)?.value ?? 0;

function webhook(id: string) {
  const event = { id, type: 'payment.captured', data: PAID, at: api.clock.now };
  const { path, text, headers } = sandboxLetter(SECRET, event);
  return api.app.inject({ method: 'POST', url: path, payload: text, headers });
}
const PAID = { order_id: 'order_of_nobody', payment_id: 'pay_of_nobody', amount: 100, currency: 'INR' };

const REFUSED = {
  success: false,
  error_code: 'UNAVAILABLE',
  message: 'Too much is asked at this moment; come again in a second.',
  details: {},
};

test('who comes when enough wait is refused at once; those who wait are answered, webhooks and probes meanwhile', async () => {
  await open();
  const token = await register('asha', 'brand_owner');
  expect((await look(token)).statusCode).toBe(200);
  await takeAll();
  const waiting = Array.from({ length: LONGEST }, () => look(token));
  await untilWaiting(LONGEST);
  for (let n = 0; n < 20; n++) {
    const refused = await look(token);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toEqual(REFUSED);
  }
  expect((await post(token, '/api/campaigns', { title: 'a', description: 'b', budget: '1' })).statusCode).toBe(503);
  expect((await webhook('evt_meanwhile')).statusCode).toBe(200);
  for (const url of ['/livez', '/readyz', '/metrics']) expect((await api.app.inject(url)).statusCode, url).toBe(200);
  expect(await counted('length')).toBe(21);
  letGo();
  expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect((await look(token)).statusCode).toBe(200);
});

test('who was told that it took too long has nothing done once there is room again', async () => {
  await open(2_000);
  const token = await register('asha', 'brand_owner');
  const count = async () => (await look(token)).json().data.length;
  expect(await count()).toBe(0);
  await takeAll();
  const late = await post(token, '/api/campaigns', { title: 'a', description: 'b', budget: '1' });
  expect(late.statusCode, late.body).toBe(503);
  expect(late.headers['retry-after']).toBe('1');
  letGo();
  expect(await count()).toBe(0);
  expect((await post(token, '/api/campaigns', { title: 'a', description: 'b', budget: '1' })).statusCode).toBe(201);
  expect(await count()).toBe(1);
});

test('a click whose step was taken goes on behind a flood, and is answered', async () => {
  await open();
  const [brand, influencer] = [await register('asha', 'brand_owner'), await register('ravi', 'influencer')];
  const campaign = await post(brand, '/api/campaigns', { title: 'Monsoon', description: 'Reels', budget: '20000' });
  const applied = await post(influencer, `/api/campaigns/${campaign.json().data.id}/apply`, {
    message: 'I would love to',
    proposed_amount: 6000,
  });
  const deal = `/api/messages/conversations/${applied.json().data.conversation.id}`;
  const click = (token: string, button_id: string, additional_data = {}) =>
    post(token, `${deal}/button-click`, { button_id, additional_data });
  expect((await click(brand, 'accept_application')).statusCode).toBe(200);
  const offer = await post(brand, `${deal}/text-input`, { input_type: 'price_offer', text: '₹5,000' });
  expect(offer.statusCode, offer.body).toBe(200);
  expect((await click(influencer, 'accept_price', { price: 5000 })).statusCode).toBe(200);
  const paying = click(brand, 'proceed_to_payment');
  await provider.asked;
  await takeAll();
  const waiting = Array.from({ length: LONGEST }, () => look(influencer));
  await untilWaiting(LONGEST);
  provider.answer();
  // It waits where nobody who comes now may.
  await untilWaiting(LONGEST + 1);
  expect((await look(influencer)).statusCode).toBe(503);
  letGo();
  const paid = await paying;
  expect(paid.statusCode, paid.body).toBe(200);
  expect(paid.json().data.payment_order.order_id).toBe('order_of_the_test');
  expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
});
