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
import { ok, openDeal, order, PAISE, type Played } from './play.ts';
import { type Programs, startPrograms } from './programs.ts';

/** What a request brings about, over all processes, as one trace. */

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const CLICK = 'POST /api/messages/conversations/:id/button-click';
const WEBHOOK = 'POST /api/webhooks/:provider';

let collector: Collector;
let programs: Programs;
let played: Played;
let socket: Client;

beforeAll(async () => {
  Runtime.install({ logger: quiet });
  collector = await openCollector();
  programs = await startPrograms({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const { url } = programs;
  const sides = { brand: await register(url, ['brand_owner']), influencer: await register(url, ['influencer']) };
  socket = new Client({ url: () => `${url.replace('http', 'ws')}/ws`, token: () => sides.brand.access });
  await until(
    async () => socket.ready,
    (ready) => ready !== null,
  );
  played = await openDeal(sides, 'campaign');
  const { id, brand, influencer } = played;
  await ok(brand.click(id, 'accept_application'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  await order(played);
}, 300_000);

afterAll(async () => {
  socket?.close();
  await programs?.end();
  await collector?.close();
});

/** A way from the root, without what Postgres was asked on it: each span with whose it is. */
const namesOf = (way: readonly Collected[]) =>
  way
    .filter(({ name }) => !name.startsWith('postgres '))
    .map(({ service, name }) => `${service.replace('tandem-', '')} ${name}`);

const wayTo = async (wanted: (span: Collected) => boolean) => collector.wayTo(await collector.first(wanted));

const reached = (state: string) =>
  until(
    async () => (await played.brand.get(`/api/messages/conversations/${played.id}/context`)).body,
    ({ data }) => data.conversation.flow_state === state,
  );

test('a click goes on in its provider’s call, its transaction, its Signal, its workflow and the sockets of both', async () => {
  const created = await wayTo(({ name }) => name === 'sandbox createOrder');
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

test('its webhook goes on with the same trace, to the activity that books it and the socket that tells of it', async () => {
  const { orderId, paymentId } = played;
  const { traceId } = await collector.first(({ name }) => name === 'sandbox createOrder');
  const data = { order_id: orderId, payment_id: paymentId, amount: PAISE, currency: 'INR' };
  expect((await sendWebhook(programs.url, { type: 'payment.captured', data })).status).toBe(200);
  await reached('payment_completed');
  const booked = await wayTo((span) => span.name === 'activity bookFacts');
  expect(booked[0]?.traceId).toBe(traceId);
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
  await ok(played.influencer.click(played.id, 'decline_work'));
  const refunded = await wayTo(({ name }) => name === 'sandbox refund');
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
  const { traceId } = await collector.first(({ name }) => name === 'sandbox createOrder');
  const lines = (text: string) => text.split('\n').filter((line) => line.includes(`"trace_id":"${traceId}"`));
  await until(
    async () => lines(programs.api.output()).map((line) => JSON.parse(line).msg),
    (said) => said.includes('step taken') && said.includes('answered'),
  );
});

test('both send what is left when they end', async () => {
  const before = collector.spans.length;
  await played.brand.get('/api/campaigns');
  expect(await programs.end()).toEqual([0, 0]);
  expect(collector.spans.slice(before).map(({ name }) => name)).toContain('GET /api/campaigns');
});

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
