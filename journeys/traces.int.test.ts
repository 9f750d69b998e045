import { fileURLToPath } from 'node:url';
import { Connection, Client as Temporal } from '@temporalio/client';
import { Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testTemporalAddress } from '#local/testStack.ts';
import { type Collected, type Collector, openCollector } from '#program/testing/collector.ts';
import { Client } from '#realtime/testing/client.ts';
import { workflowBundle } from '#worker/bundle.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { PASSWORD, register, sendWebhook, until } from './person.ts';
import { newSides, ok, openDeal, order, PAISE, type Played, type Sides } from './play.ts';
import { type Programs, startPrograms } from './programs.ts';

/** What a request brings about, over all processes, as one trace. */

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const CLICK = 'POST /api/messages/conversations/:id/button-click';
const WEBHOOK = 'POST /api/webhooks/:provider';

let collector: Collector;
let programs: Programs;
let played: Played;
let socket: Client;
let ended = false;

const withTraces = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  // Who waits on a busy machine asks very often, and what is looked for may be what there was no place for.
  OTEL_BSP_MAX_QUEUE_SIZE: '65536',
});

beforeAll(async () => {
  Runtime.install({ logger: quiet });
  collector = await openCollector();
  programs = await startPrograms(withTraces());
  const { url } = programs;
  const sides = await newSides(programs);
  socket = new Client({ url: () => `${url.replace('http', 'ws')}/ws`, token: () => sides.brand.access });
  await until(
    async () => socket.ready,
    (ready) => ready !== null,
  );
  played = await ordered(sides);
}, 300_000);

afterAll(async () => {
  socket?.close();
  await programs?.end();
  await collector?.close();
});

/** A deal whose price is agreed on, and whose brand was asked to pay it. */
async function ordered(sides: Sides): Promise<Played> {
  const deal = await openDeal(sides, 'campaign');
  const { id, brand, influencer } = deal;
  await ok(brand.click(id, 'accept_application'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  await order(deal);
  return deal;
}

/** Its payment is told of, and is in escrow. */
async function pay({ orderId, paymentId, brand, id }: Played): Promise<void> {
  const data = { order_id: orderId, payment_id: paymentId, amount: PAISE, currency: 'INR' };
  const event = { id: `evt_${paymentId}`, type: 'payment.captured', data };
  // 503: it could not be stored within a second, as on a busy machine. Providers come again.
  const { status } = await until(
    () => sendWebhook(programs.url, event),
    (answer) => answer.status !== 503,
  );
  expect(status).toBe(200);
  await until(
    async () => (await brand.get(`/api/messages/conversations/${id}/context`)).body,
    (body) => body.data.conversation.flow_state === 'payment_completed',
  );
}

/** A way from the root, without what Postgres was asked on it: each span with whose it is. */
const namesOf = (way: readonly Collected[]) =>
  way
    .filter(({ name }) => !name.startsWith('postgres '))
    .map(({ service, name }) => `${service.replace('tandem-', '')} ${name}`);

const wayTo = async (wanted: (span: Collected) => boolean) => collector.wayTo(await collector.first(wanted));

/** Of a deal's trace, however late its parts arrive. */
const ofDeal = (id: string, name: string) =>
  collector.first(
    (span) =>
      span.name === name &&
      collector.spans.some(
        ({ traceId, attributes }) => traceId === span.traceId && attributes['tandem.process_id'] === id,
      ),
  );

test('a click goes on in its provider’s call, its transaction, its Signal, its workflow and the sockets of both', async () => {
  const created = await collector.wayTo(await ofDeal(played.id, 'sandbox createOrder'));
  expect(namesOf(created)).toEqual([`api ${CLICK}`, 'api sandbox createOrder']);
  expect(created[0]?.parentSpanId).toBeNull();
  const { traceId } = created[0] as Collected;
  const within = (start: string) => (span: Collected) => span.traceId === traceId && span.name.startsWith(start);
  expect(namesOf(await wayTo(within('workflow ')))).toEqual([
    `api ${CLICK}`,
    'worker signal deal',
    'worker workflow deal',
  ]);
  expect(namesOf(await wayTo(within('socket ')))[0]).toBe(`api ${CLICK}`);
  await wayTo(within('postgres append_step'));
});

test('a command over a socket begins a trace, in which Postgres is asked', async () => {
  expect(await socket.command('join_conversation', { conversationId: played.id })).toMatchObject({ success: true });
  const { traceId, parentSpanId } = await collector.first(({ name }) => name === 'command join_conversation');
  expect(parentSpanId).toBeNull();
  await collector.first((span) => span.traceId === traceId && span.name.startsWith('postgres '));
});

test('its webhook goes on with the same trace, to the activity that books it and the socket that tells of it', async () => {
  const { traceId } = await ofDeal(played.id, 'sandbox createOrder');
  await pay(played);
  const booked = await wayTo((span) => span.name === 'activity bookFacts' && span.traceId === traceId);
  const way = [
    ...[`api ${CLICK}`, `api ${WEBHOOK}`, 'worker signal deal'],
    ...['worker workflow deal', 'worker activity bookFacts'],
  ];
  expect(namesOf(booked)).toEqual(way);
  const id = booked.at(-1)?.spanId;
  const told = await wayTo(
    ({ name, parentSpanId }) => name.startsWith('socket ') && parentSpanId !== null && isIn(id, parentSpanId),
  );
  expect(namesOf(told).slice(0, -1)).toEqual(way);
});

/** Whether a span is another one, or part of it. */
function isIn(id: string | undefined, spanId: string): boolean {
  if (id === spanId) return true;
  const parent = collector.spans.find((span) => span.spanId === spanId)?.parentSpanId;
  return parent ? isIn(id, parent) : false;
}

test('money that goes back is asked of its provider in the trace of the click that gave it back', async () => {
  const deal = await ordered(await newSides(programs));
  await pay(deal);
  await ok(deal.influencer.click(deal.id, 'decline_work'));
  const refunded = await collector.wayTo(await ofDeal(deal.id, 'sandbox refund'));
  const names = namesOf(refunded);
  expect(names[0]).toBe(`api ${CLICK}`);
  expect(names.slice(-3)).toEqual(['worker workflow deal', 'worker activity askCall', 'worker sandbox refund']);
});

test('a span says ids, kinds, commands and routes, and nothing of people', async () => {
  await played.brand.get('/api/users/nobody-of-this-name');
  const { brand, influencer } = played;
  const said = collector.spans.flatMap(({ name, attributes }) => [name, ...Object.values(attributes).map(String)]);
  expect(said.length).toBeGreaterThan(100);
  const known = new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)));
  expect([...known].sort()).toEqual(
    [
      ...['db.system.name', 'error.type', 'http.request.method', 'http.response.status_code', 'http.route'],
      ...['tandem.attempt', 'tandem.process_id', 'tandem.provider', 'temporal.workflow_id'],
    ].filter((key) => key !== 'error.type' || known.has(key)),
  );
  const secrets = [brand, influencer].flatMap(({ handle, access, id }) => [handle, access, id]);
  for (const secret of [...secrets, PASSWORD, 'Monsoon', 'reels', '5,000', 'nobody-of-this-name']) {
    expect(said.filter((text) => text.includes(secret))).toEqual([]);
  }
});

test('a history that was traced replays with the traces and without', async () => {
  const connection = await Connection.connect({ address: testTemporalAddress() });
  const workflowId = workflowIdOf('deal', played.id);
  const temporal = new Temporal({ connection, namespace: programs.namespace });
  const history = await temporal.workflow.getHandle(workflowId).fetchHistory();
  expect(JSON.stringify(history)).toContain('tandem-traceparent');
  await connection.close();
  for (const traced of [true, false]) {
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle({ traced }) }, history, workflowId);
  }
});

test('a stranger’s traceparent is not believed', async () => {
  const theirs = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await played.brand.post('/api/bids', {}, { traceparent: theirs });
  const asked = await collector.first(({ name }) => name === 'POST /api/bids');
  expect(asked).toMatchObject({ parentSpanId: null });
  expect(collector.spans.filter(({ traceId }) => traceId === 'a'.repeat(32))).toEqual([]);
});

test('what both log names the trace that it is part of', async () => {
  const { traceId } = await ofDeal(played.id, 'sandbox createOrder');
  const lines = (text: string) => text.split('\n').filter((line) => line.includes(`"trace_id":"${traceId}"`));
  await until(
    async () => lines(programs.api.output()).map((line) => JSON.parse(line).msg),
    (said) => said.includes('step taken') && said.includes('answered'),
  );
});

test('both send what is left when they end', async () => {
  // Tried again it is about others: these have ended.
  const own = ended ? await startPrograms(withTraces()) : programs;
  ended = true;
  const brand = await register(own.url, ['brand_owner']);
  const before = collector.spans.length;
  expect((await brand.get('/api/gigs')).status).toBe(200);
  expect(await own.end()).toEqual([0, 0]);
  expect(collector.spans.slice(before).map(({ name }) => name)).toContain('GET /api/gigs');
}, 300_000);

test('without an endpoint neither loads anything of OpenTelemetry', async () => {
  const hook = fileURLToPath(new URL('../program/testing/loaded.ts', import.meta.url));
  const untraced = await startPrograms({ NODE_OPTIONS: `--import=${hook}` });
  const brand = await register(untraced.url, ['brand_owner']);
  expect((await brand.post('/api/campaigns', { title: 'Monsoon', description: 'Reels', budget: '20000' })).status).toBe(
    201,
  );
  expect(await untraced.end()).toEqual([0, 0]);
  for (const { output } of [untraced.api, untraced.worker]) {
    expect(
      output()
        .split('\n')
        .filter((line) => line.startsWith('loads ')),
    ).toEqual([]);
    expect(output()).toContain('closed');
    expect(output()).not.toContain('trace_id');
  }
}, 300_000);
