import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, sql } from '#db/pool.ts';
import { type BothPrograms, startBoth } from '#local/testing/bothPrograms.ts';
import type { Started } from '#program/testing/programs.ts';
import { Client } from '#realtime/testing/client.ts';
import { openReceiver, type ReceivedSpan, type Receiver } from '#telemetry/testing/otlpReceiver.ts';
import { type Json, PASSWORD, type Person, register, sendWebhook, signIn, until, WEBHOOK_SECRET } from './person.ts';
import { ok, openDeal, order, PAISE } from './play.ts';

/** What can be seen from outside of what a person did: one trace of it, and logs that tell of nobody. */

const ADMIN = { ADMIN_HANDLE: 'the_admin', ADMIN_PASSWORD: 'a password of the admin' };

let collector: Receiver;
let both: BothPrograms;
let api = '';

beforeAll(async () => {
  collector = await openReceiver();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '50' };
  both = await startBoth(
    { ...traced, SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET, LOG_LEVEL: 'debug', ...ADMIN },
    { api: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, worker: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } },
  );
  api = both.urls.api;
});
afterAll(async () => {
  if (process.env.SIGHT_DEBUG)
    (await import('node:fs')).writeFileSync(
      process.env.SIGHT_DEBUG,
      Object.values(both.started)
        .map(({ output }) => output())
        .join('') +
        '\n' +
        lineage(collector.spans).join('\n'),
    );
  await both?.end();
  await collector?.close();
});

/** Two sides whose deal is paid for; a socket of the brand's hears what becomes of it. */
async function playUntilPaid(): Promise<{ brand: Person; influencer: Person; id: string; socket: Client }> {
  const [brand, influencer] = await Promise.all([register(api, ['brand_owner']), register(api, ['influencer'])]);
  const played = await openDeal({ brand, influencer });
  const { id, paymentId } = played;
  await ok(brand.click(id, 'accept_application'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  await order(played);
  const data = { order_id: played.orderId, payment_id: paymentId, amount: PAISE, currency: 'INR' };
  expect((await sendWebhook(api, { type: 'payment.captured', data })).status).toBe(200);
  await untilState(brand, id, 'payment_completed');
  const socket = new Client({ url: () => `${api.replace('http', 'ws')}/ws`, token: () => brand.access });
  await until(
    async () => socket.ready,
    (ready) => ready !== null,
  );
  return { brand, influencer, id, socket };
}

const untilState = (person: Person, id: string, state: string) =>
  until(
    async () => (await ok(person.get(`/api/messages/conversations/${id}/context`))).conversation.flow_state,
    (seen) => seen === state,
  );

/** Each span with the one that it is part of. */
function lineage(spans: readonly ReceivedSpan[]): string[] {
  const known = new Map(spans.map((span) => [span.spanId, span.name]));
  return spans.map(
    ({ service, name, parentSpanId }) => `${service}: ${name} < ${known.get(parentSpanId) ?? parentSpanId}`,
  );
}

test('a click is one trace: its request, the transaction, relay, Signal, workflow, activities, the provider’s call, the sockets', async () => {
  const { influencer, id, socket } = await playUntilPaid();
  const [traceId, caller] = ['5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e', 'c0ffee00c0ffee00'];
  // The payment is given back at its provider for it.
  await ok(influencer.click(id, 'decline_work', {}, { traceparent: `00-${traceId}-${caller}-01` }));
  // What the refund is told by is part of what asked for it.
  const refunded = (each: string) => each.startsWith('tandem-api: deliver') && each.endsWith('< transaction');
  const ofTrace = () => collector.spans.filter((span) => span.traceId === traceId);
  await until(
    async () => lineage(ofTrace()),
    (seen) => seen.some(refunded) && seen.some((each) => each.includes('sandbox refund')),
  );
  const spans = ofTrace();
  socket.close();
  const click = 'POST /api/messages/conversations/:id/button-click';
  expect(lineage(spans)).toEqual(
    expect.arrayContaining([
      `tandem-api: ${click} < ${caller}`,
      `tandem-api: take step < ${click}`,
      'tandem-api: deliver conversation_updated < take step',
      'tandem-worker: tell deal < take step',
      'tandem-worker: signal stepped < tell deal',
      'tandem-worker: workflow deal stepped < signal stepped',
      'tandem-worker: activity carryPromise < workflow deal stepped',
      'tandem-worker: transaction < activity carryPromise',
      'tandem-worker: activity askCall < workflow deal stepped',
      'tandem-worker: sandbox refund < activity askCall',
      'tandem-worker: transaction < activity askCall',
    ]),
  );
  const ids = spans.map(({ spanId }) => spanId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(spans.filter(({ parentSpanId }) => ![...ids, caller].includes(parentSpanId))).toEqual([]);
  expect(spans.filter(({ startMs, endMs }) => endMs < startMs)).toEqual([]);
  expect(collector.types).toEqual(new Set(['application/x-protobuf', 'application/json']));

  const lines = linesOf(Object.values(both.started)).filter((line) => line.trace_id === traceId);
  expect(lines.map(({ process, msg }) => `${process}: ${msg}`)).toEqual(
    expect.arrayContaining(['api: answered', 'worker: promise carried', 'worker: refund asked for']),
  );
});

test('a webhook’s trace goes on where it is booked, and what is asked on and on begins none', async () => {
  await playUntilPaid().then(({ socket }) => socket.close());
  const hook = collector.spans.findLast(({ name }) => name === 'POST /api/webhooks/:provider');
  const seen = await until(
    async () => lineage(collector.spans.filter(({ traceId }) => traceId === hook?.traceId)),
    (lines) => lines.some((each) => each.includes('activity bookFacts')),
  );
  // By the Signal that told of it, or the one of a step that went with it.
  const booking = seen.find((each) => each.includes('activity bookFacts'));
  expect(booking).toMatch(/^tandem-worker: activity bookFacts < workflow deal (paymentReported|stepped)$/);
  const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name);
  expect(roots.filter((name) => !/^(GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD|activity|command) /.test(name))).toEqual([]);
  expect(roots.filter((name) => /livez|readyz|metrics/.test(name))).toEqual([]);
});

/** What programs have written to their logs. */
function linesOf(those: readonly Started[]): Json[] {
  return those.flatMap(({ output }) =>
    output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line)),
  );
}

/** Something private, which nobody else says. */
const secret = (what: string) => `${what}-${randomBytes(6).toString('hex')}`;

/** Has Postgres refuse messages: what was to be written is then in the error's own hands. */
async function refuseMessages(): Promise<() => Promise<void>> {
  const pool = createPool(both.databaseUrl, { size: 1 });
  await pool.query(sql.typeAlias('void')`ALTER TABLE messages ADD CONSTRAINT no_more CHECK (false) NOT VALID`);
  return async () => {
    await pool.query(sql.typeAlias('void')`ALTER TABLE messages DROP CONSTRAINT no_more`);
    await pool.end();
  };
}

test('no line of any log tells what is private: tokens, passwords, addresses, payment details, texts, webhook secrets', async () => {
  const { brand, influencer, id, socket } = await playUntilPaid();
  const admin = await signIn(api, ADMIN.ADMIN_HANDLE, ADMIN.ADMIN_PASSWORD);
  const texts = ['said', 'refused', 'worked', 'wrong', 'badJson', 'note'].map(secret);
  const [said, refused, worked, wrong, badJson, note] = texts as [string, string, string, string, string, string];
  const [upi, wallet, device, header] = [
    `${secret('asha')}@bank`,
    `0x${randomBytes(20).toString('hex')}`,
    secret('fcm'),
    secret('hdr'),
  ];
  await ok(influencer.click(id, 'start_work'));
  await ok(influencer.click(id, 'submit_work', { deliverables: `https://drive.example/${worked}` }));
  await influencer.post('/api/auth/login', { handle: influencer.handle, password: wrong });
  const bad = { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"password": "${badJson}` };
  expect((await fetch(`${api}/api/auth/login?token=${badJson}`, bad)).status).toBe(400);
  await ok(brand.post('/api/devices', { platform: 'fcm', token: device.padEnd(120, 'x') }));
  await ok(influencer.post('/api/sandbox/faucet', { asset: 'USDT', amount: '0.001001' }));
  const trade = { buyer_id: brand.id, asset: 'USDT', amount: '0.001001', price: '0.09', currency: 'INR' };
  await ok(influencer.post('/api/crypto/p2p/escrow', { ...trade, payment_method: 'UPI', payment_details: upi }));
  await influencer.post(`/api/wallet/${influencer.id}/destinations`, { kind: 'upi', holder: 'Asha', address: upi });
  await influencer.post(`/api/wallet/${influencer.id}/destinations`, { kind: 'sandbox', account: wallet });
  const endpoint = { url: 'https://hooks.example/', headers: { 'x-own': header }, description: note };
  const { secret: signing } = await ok(admin.post('/api/admin/webhook-endpoints', endpoint));
  await ok(brand.click(id, 'approve_work'));
  await untilState(brand, id, 'real_time');
  await ok(brand.post('/api/messages/send', { conversation_id: id, message: said }));
  await socket.command('send_message', { conversationId: id, content: said });
  const open = await refuseMessages();
  expect((await brand.post('/api/messages/send', { conversation_id: id, message: refused })).status).toBe(500);
  await open();
  socket.close();

  const seen = () =>
    Object.values(both.started)
      .map(({ output }) => output())
      .join('');
  await ok(brand.ask('GET', '/api/me', undefined, { 'x-request-id': 'the-last-of-all' }));
  const log = await until(
    async () => seen(),
    (text) => text.includes('the-last-of-all') && text.includes('"no_more"') && text.includes(`"process_id":"${id}"`),
  );
  const tokens = [brand, influencer, admin].map(({ access }) => access);
  const found = [
    ...tokens,
    ...tokens.flatMap((token) => token.split('.').at(-1) ?? []),
    ...texts,
    upi,
    wallet,
    device,
    header,
    signing,
  ]
    .concat([PASSWORD, ADMIN.ADMIN_PASSWORD, WEBHOOK_SECRET])
    .filter((each) => log.includes(each));
  expect(found).toEqual([]);
  expect(log.match(/eyJ[\w-]+\.[\w-]+/g) ?? []).toEqual([]);
});
