import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Collector, openCollector } from './testing/collector.ts';
import { beginSpan, failureName, keepTraces, spanned, spannedMethods, spannedWithin, traceparent } from './trace.ts';
import { startTracing } from './tracing.ts';

let collector: Collector;
let stop: () => Promise<void>;
const before = { ...process.env };

beforeAll(async () => {
  collector = await openCollector();
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  stop = await startTracing('api', process.env);
});
afterAll(async () => {
  keepTraces(null);
  await stop();
  process.env = before;
  await collector.close();
});

const named = (name: string) => collector.first((span) => span.name === name);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what is begun within a span is part of it, however many turns later', async () => {
  await spanned('the request', { kind: 'server', parent: null }, async () => {
    await turn();
    await spannedWithin('its statement', { attributes: { 'db.system.name': 'postgresql' } }, turn);
  });
  const way = await collector.wayTo(await named('its statement'));
  expect(way.map(({ name, service }) => [name, service])).toEqual([
    ['the request', 'tandem-api'],
    ['its statement', 'tandem-api'],
  ]);
  expect(way[1]?.attributes).toEqual({ 'db.system.name': 'postgresql' });
});

test('a traceparent that was kept is gone on with, under the id that others were told, and links to what else led there', async () => {
  const first = beginSpan('the click', { parent: null });
  const other = beginSpan('another click', { parent: null });
  const [from, beside] = [first?.traceparent ?? '', other?.traceparent ?? ''];
  for (const each of [first, other]) each?.end();
  expect(from).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  beginSpan('the workflow', { parent: from, links: [beside], id: 'abcdefabcdefabcd' })?.end();
  const workflow = await named('the workflow');
  expect(workflow).toMatchObject({ spanId: 'abcdefabcdefabcd', links: [beside.split('-')[2]] });
  expect((await collector.wayTo(workflow)).map(({ name }) => name)).toEqual(['the click', 'the workflow']);
});

test('what is no traceparent begins a trace of its own', async () => {
  const zeros = `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`;
  for (const [place, parent] of ['', 'nonsense', zeros, 'ff-1-2-3'].entries()) {
    beginSpan(`alone ${place}`, { parent })?.end();
    expect((await named(`alone ${place}`)).parentSpanId).toBeNull();
  }
});

test('a failure is told by its name or its code, and none of its words leave', async () => {
  const failing = Object.assign(new Error('asha@example.com has no money'), { code: 'INSUFFICIENT_FUNDS' });
  await expect(spanned('the refusal', {}, () => Promise.reject(failing))).rejects.toBe(failing);
  const refusal = await named('the refusal');
  expect(refusal).toMatchObject({ failed: true, attributes: { 'error.type': 'INSUFFICIENT_FUNDS' } });
  expect(JSON.stringify(collector.spans)).not.toContain('asha');
  expect(failureName(Object.assign(new TypeError('x'), { code: 'words with blanks' }))).toBe('TypeError');
});

test('a provider is asked as before, each call within something as a span of its own', async () => {
  class Provider {
    readonly #secret = 7;
    readonly name = 'sandbox';
    async refund(amount: number): Promise<number> {
      return amount + this.#secret;
    }
    async *listPayments(): AsyncGenerator<number> {
      yield this.#secret;
    }
    refuse(): never {
      throw new RangeError('no');
    }
  }
  const provider = spannedMethods('sandbox', new Provider());
  expect(provider.name).toBe('sandbox');
  expect(await provider.refund(1)).toBe(8);
  await spanned('the activity', { parent: null }, async () => {
    expect(await provider.refund(2)).toBe(9);
    for await (const payment of provider.listPayments()) expect(payment).toBe(7);
    expect(() => provider.refuse()).toThrow(RangeError);
  });
  await named('the activity');
  const calls = collector.spans.filter(({ name }) => name.startsWith('sandbox '));
  expect(calls.map(({ name, failed }) => [name, failed])).toEqual([
    ['sandbox refund', false],
    ['sandbox listPayments', false],
    ['sandbox refuse', true],
  ]);
});

test('what nobody asked for is done without a span', async () => {
  expect(traceparent()).toBeNull();
  expect(await spannedWithin('a sweep', {}, async () => traceparent())).toBeNull();
  await spanned('the last', { parent: null }, turn);
  await named('the last');
  expect(collector.spans.map(({ name }) => name)).not.toContain('a sweep');
});

const HOOK = fileURLToPath(new URL('testing/loaded.ts', import.meta.url));
const PROGRAM = `
  const { startTracing } = await import(${JSON.stringify(new URL('tracing.ts', import.meta.url).href)});
  const stop = await startTracing('api', process.env);
  await stop();
`;
const run = async (environment: Record<string, string>) => {
  const args = ['--import', HOOK, '--input-type=module', '--eval', PROGRAM];
  const { stderr } = await promisify(execFile)(process.execPath, args, { env: { PATH: before.PATH, ...environment } });
  return stderr;
};

test('nothing of OpenTelemetry is loaded where no endpoint is set, or where it is switched off', async () => {
  const there = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  expect(await run({})).toBe('');
  expect(await run({ ...there, OTEL_SDK_DISABLED: 'true' })).toBe('');
  expect(await run(there)).toMatch(/loads \S+@opentelemetry\/sdk-trace/);
}, 60_000);

const SAMPLED = `
  const { startTracing } = await import(${JSON.stringify(new URL('tracing.ts', import.meta.url).href)});
  const { beginSpan } = await import(${JSON.stringify(new URL('trace.ts', import.meta.url).href)});
  const stop = await startTracing('api', process.env);
  const flagsOf = (parent) => beginSpan('a request', { parent }).traceparent.slice(-2);
  const traced = '00-' + 'a'.repeat(32) + '-' + 'b'.repeat(16) + '-';
  console.log([flagsOf(null), flagsOf(traced + '00'), flagsOf(traced + '01')].join());
  await stop();
`;

test.for([
  ['', '', '01,00,01'],
  ['always_off', '', '00,00,00'],
  ['traceidratio', '0', '00,00,00'],
  ['parentbased_traceidratio', '0', '00,00,01'],
  ['parentbased_traceidratio', '1', '01,00,01'],
  ['always_on', '', '01,01,01'],
] as const)(
  'the sampler "%s" of "%s" keeps what it says, and what it does not is known by others as not kept',
  { timeout: 60_000 },
  async ([OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, flags]) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG };
    const args = ['--input-type=module', '--eval', SAMPLED];
    const env = { PATH: before.PATH, ...environment };
    expect((await promisify(execFile)(process.execPath, args, { env })).stdout.trim()).toBe(flags);
  },
);
