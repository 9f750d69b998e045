import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { verbatim } from '#db/invariants.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { type Json, PASSWORD, type Person, register, sendWebhook, signIn, until, WEBHOOK_SECRET } from './person.ts';
import { newSides, ok, openDeal, order, PAISE, type Played } from './play.ts';
import { type Programs, startPrograms } from './programs.ts';

/**
 * What API and worker log at `debug` while people write, pay, are paid and mistype, and while a provider and Postgres
 * refuse them: nothing of what is theirs, and none of our secrets.
 */

/** What is private here, by what it is: none of it may stand in a line. */
const secrets = new Map<string, string>();
const secret = (what: string, value: string): string => {
  secrets.set(what, value);
  return value;
};
const OF_OURS = {
  SANDBOX_WEBHOOK_SECRET: secret('the sandbox’s webhook secret', WEBHOOK_SECRET),
  RAZORPAY_KEY_ID: 'rzp_test_of_these',
  RAZORPAY_KEY_SECRET: secret('a provider’s key', 'razorpay-key-of-these-tests'),
  RAZORPAY_WEBHOOK_SECRET: secret('a provider’s webhook secret', 'razorpay-webhooks-of-these-tests'),
  RAZORPAYX_ACCOUNT_NUMBER: secret('our account at a provider', '7878780080316316'),
  ADMIN_HANDLE: 'the_admin',
  ADMIN_PASSWORD: secret('the administrator’s password', 'a password of the admin'),
};
secret('a password', PASSWORD);

let echo: Server;
let programs: Programs;
let pool: Pool;
let played: Played;
let admin: Person;

beforeAll(async () => {
  echo = createServer(answerWithWhatWasSaid).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const RAZORPAY_BASE_URL = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  programs = await startPrograms({ ...OF_OURS, RAZORPAY_BASE_URL, LOG_LEVEL: 'debug' });
  pool = createPool(programs.databaseUrl, { size: 2 });
  admin = await until(
    () => signIn(programs.url, OF_OURS.ADMIN_HANDLE, OF_OURS.ADMIN_PASSWORD).catch(() => null),
    (signed) => signed !== null,
  ).then((signed) => signed as Person);
  secret('the administrator’s token', admin.access);
}, 300_000);

afterAll(async () => {
  await programs?.end();
  await pool?.end();
  echo?.close();
});

let asked = 0;
/** A provider that says back what it was told, as a refusal and as a failure in turn. */
function answerWithWhatWasSaid(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const description = `what is ${Buffer.concat(chunks)} at ${request.url}?`;
    const error = { code: 'BAD_REQUEST_ERROR', description, reason: description };
    asked += 1;
    response.writeHead(asked % 2 === 0 ? 400 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error }));
  });
}

const run = (text: string) => pool.query(sql.typeAlias('void')(verbatim(text)));
const said = () => programs.api.output() + programs.worker.output();
/** A line with these words, now or when it is written. */
const line = (words: string | RegExp) =>
  until(
    async () =>
      said()
        .split('\n')
        .filter((each) => (typeof words === 'string' ? each.includes(words) : words.test(each))),
    (lines) => lines.length > 0,
  );
const raw = (path: string, headers: Record<string, string>, body?: string) =>
  fetch(programs.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });

/** A deal of new people, of which work was delivered twice. */
async function submitted(): Promise<Played> {
  const sides = await newSides(programs);
  for (const [role, { id, access }] of Object.entries(sides)) secret(`the token of the ${role} ${id}`, access);
  const deal = await openDeal(sides, 'campaign');
  const { id, brand, influencer } = deal;
  await ok(brand.click(id, 'accept_application'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  await order(deal);
  const payment = { order_id: deal.orderId, payment_id: deal.paymentId, amount: PAISE, currency: 'INR' };
  const contact = {
    email: secret('a payer’s mail', 'payer@example.com'),
    vpa: secret('a payer’s UPI', 'payer.one@okaxis'),
  };
  const paid = { id: `evt_${deal.paymentId}`, type: 'payment.captured', data: { ...payment, ...contact } };
  // 503: it could not be stored within a second, as on a busy machine. Providers come again.
  const { status } = await until(
    () => sendWebhook(programs.url, paid),
    (answer) => answer.status !== 503,
  );
  expect(status).toBe(200);
  await reached(deal, 'payment_completed');
  await ok(influencer.click(id, 'start_work'));
  const work = {
    deliverables: secret('what was delivered', 'https://drive.example/marigold-reels'),
    description: secret('how it was described', 'The marigold ones'),
    submission_notes: secret('notes', 'More marigold than agreed'),
  };
  await ok(influencer.click(id, 'submit_work', work));
  await ok(brand.click(id, 'request_revision', { feedback: secret('feedback', 'Less marigold next time') }));
  await ok(influencer.click(id, 'submit_work', work));
  return deal;
}

const reached = ({ id, brand }: Played, wanted: string) =>
  until(
    async () => (await brand.get(`/api/messages/conversations/${id}/context`)).body.data.conversation.flow_state,
    (state) => state === wanted,
  );

test('a deal in which both write, pay and are refused', async () => {
  played = await submitted();
  secret('a campaign’s words', 'Three reels');
  secret('an application', 'I live where it rains.');
  const { brand, influencer } = played;
  const login = await raw('/api/auth/login', {}, JSON.stringify({ handle: brand.handle, password: PASSWORD }));
  const { data } = (await login.json()) as Json;
  secret('a refresh token', data.refresh);
  const words = secret('a message', 'Meet me at the marigold café');
  await ok(brand.post('/api/messages/direct-connect', { target_user_id: influencer.id, initial_message: words }));
  await line('evolved');
});

test('people who are paid, at a provider that repeats what it is told', async () => {
  const payee = await register(programs.url, ['influencer']);
  const wallet = `/api/wallet/${payee.id}`;
  const person = { name: secret('a name', 'Asha Marigold Rao'), email: secret('a mail', 'asha.rao@example.com') };
  await ok(payee.post(`${wallet}/kyc`, { kind: 'sandbox', ...person }));
  const bank = {
    kind: 'bank',
    holder: secret('a holder', 'Asha M Rao of Pune'),
    account_number: secret('an account’s number', '50100123456789'),
    ifsc: secret('a bank’s code', 'HDFC0001234'),
  };
  const upi = { kind: 'upi', holder: bank.holder, address: secret('a UPI address', 'asha.rao@okhdfcbank') };
  const before = asked;
  // As a refusal and as a failure each.
  for (const destination of [bank, upi, upi, bank]) {
    expect((await payee.post(`${wallet}/destinations`, destination)).status).toBeGreaterThanOrEqual(400);
  }
  expect(asked).toBeGreaterThan(before + 1);
  await line(/"err".*ProviderUnavailable/);
  const device = { platform: 'fcm', token: secret('a device', `fcm-token-of-the-marigold-phone-${payee.id}`) };
  await ok(payee.post('/api/devices', device));
  const endpoint = {
    url: `https://shop.example/hooks?key=${secret('a key in a customer’s URL', `marigold-url-key-${payee.id}`)}`,
    headers: { 'x-api-key': secret('a customer’s key', 'marigold-header-key') },
  };
  const made = await ok(admin.post('/api/admin/webhook-endpoints', endpoint));
  secret('a customer’s webhook secret', made.secret);
  const rotated = await ok(admin.post(`/api/admin/webhook-endpoints/${made.id}/rotate-secret`, {}));
  secret('a customer’s next webhook secret', rotated.secret);
});

test('what is mistyped, sent elsewhere or signed wrongly', async () => {
  const { brand } = played;
  const wrong = secret('a mistyped password', 'marigold-mistyped');
  await raw('/api/auth/login', {}, JSON.stringify({ handle: brand.handle, password: wrong }));
  await raw('/api/auth/login', {}, `{"handle": "${brand.handle}", "password": "${wrong}`);
  await raw('/api/auth/login', {}, JSON.stringify({ handle: wrong.repeat(20), password: [wrong], [wrong]: 1 }));
  await raw('/api/auth/refresh', {}, JSON.stringify({ refresh: secret('a stale token', `stale-${randomUUID()}`) }));
  const strange = secret('a strange token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJpZ29sZCJ9.c2lnbmF0dXJl');
  await raw('/api/me', { authorization: `Bearer ${strange}` });
  await raw(`/api/nowhere/${strange}/asha.rao@example.com?access_token=${strange}`, {});
  await raw(`/api/users/asha.rao@example.com`, { authorization: `Bearer ${brand.access}` });
  await raw(`/sandbox/checkout/${strange}`, {});
  await raw(`/socket.io/?EIO=4&transport=polling&token=${strange}`, {});
  const signature = secret('a signature', `t=1,v1=${'ab12'.repeat(16)}`);
  const body = JSON.stringify({ id: 'x', data: { vpa: 'payer.one@okaxis' } });
  await raw('/api/webhooks/sandbox', { 'x-sandbox-signature': signature }, body);
  await raw('/api/webhooks/razorpay', { 'x-razorpay-signature': signature }, body);
  const socket = new WebSocket(`${programs.url.replace('http', 'ws')}/ws`);
  const closed = once(socket, 'close');
  socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token: strange })));
  await closed;
});

/** While something is done Postgres refuses to write one thing. */
async function refusing<T>(on: string, work: () => Promise<T>): Promise<T> {
  await run(`CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION ''the books are closed''; END'`);
  await run(`CREATE TRIGGER refuse_all BEFORE ${on} FOR EACH ROW EXECUTE FUNCTION refuse_all()`);
  try {
    return await work();
  } finally {
    await run('DROP FUNCTION refuse_all CASCADE');
  }
}

test('Postgres that refuses a click, and an activity', async () => {
  const deal = await submitted();
  const { id, brand, influencer } = deal;
  await refusing('INSERT ON messages', async () => {
    const unwritten = secret('a message that was not written', 'The marigold message that nobody wrote');
    const message = { target_user_id: influencer.id, initial_message: unwritten };
    expect((await brand.post('/api/messages/direct-connect', message)).status).toBe(500);
    const reason = secret('a reason', 'Two marigold reels are missing');
    expect((await brand.click(id, 'open_dispute', { reason })).status).toBe(500);
  });
  await refusing('UPDATE ON promises', async () => {
    await ok(brand.click(id, 'approve_work'));
    await line('Activity failed');
  });
  await reached(deal, 'real_time');
});

test('nothing of it is in the logs', async () => {
  await programs.end();
  const lines = said().split('\n');
  expect(lines.length).toBeGreaterThan(100);
  // Both have said what went wrong: there was something to leave out.
  expect(lines.filter((each) => each.includes('the books are closed')).length).toBeGreaterThan(1);
  expect(secrets.size).toBeGreaterThan(30);
  const found = [...secrets].flatMap(([what, value]) =>
    lines.filter((each) => each.includes(value)).map((each) => `${what}: ${each.slice(0, 2_000)}`),
  );
  expect(found).toEqual([]);
});

test('a line that had something private in it would be found', () => {
  const leak = JSON.stringify({ msg: 'refused', err: { message: `no such address: ${secrets.get('a UPI address')}` } });
  expect([...secrets.values()].some((value) => leak.includes(value))).toBe(true);
});
