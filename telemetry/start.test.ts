import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReceiver, type Receiver } from './testing/otlpReceiver.ts';
import { ids, partOf, read, traced, traceparent, under } from './trace.ts';

/** What a program loads that starts tracing by these settings, and has one span. */
function loadedBy(settings: object): string[] {
  const start = JSON.stringify(new URL('start.ts', import.meta.url).href);
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve(name, from, next) { const found = next(name, from); loaded.push(found.url); return found; } });
    const tracing = await (await import(${start})).startTracing('test', ${JSON.stringify(settings)});
    const { traced } = await import(${start.replace('start.ts', 'trace.ts')});
    await traced({ name: 'one' }, () => {});
    console.log(JSON.stringify(loaded));
    await tracing?.end();
  `;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

const SETTINGS = {
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_BSP_SCHEDULE_DELAY: 50,
};
const ofSdk = (urls: readonly string[]) => urls.filter((url) => /@opentelemetry\/(?!api\/)/.test(url));

test('nothing of the SDK is loaded where no collector is named, or where it is switched off', () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9';
  expect(ofSdk(loadedBy(SETTINGS))).toEqual([]);
  expect(ofSdk(loadedBy({ ...SETTINGS, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: true }))).toEqual([]);
});

let collector: Receiver;
beforeAll(async () => {
  collector = await openReceiver();
});
afterAll(() => collector.close());

test('a span has nothing to say where nobody has started, and its work is done all the same', async () => {
  expect(await traced({ name: 'a' }, async () => [traceparent(), ids()])).toEqual([null, {}]);
  expect(await partOf({ name: 'a' }, async (span) => span)).toBeNull();
  await expect(
    traced({ name: 'a' }, () => {
      throw new RangeError('as it was thrown');
    }),
  ).rejects.toThrow('as it was thrown');
});

test('what is no traceparent is nothing that one could be part of', () => {
  const good = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  expect(read(good)).toMatchObject({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
  const bad = [
    '',
    'x',
    null,
    good.replace('1', 'G'),
    `${good} `,
    `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`,
    `01${good.slice(2)}`,
  ];
  for (const each of bad) {
    expect(read(each)).toBeNull();
    expect(under(each, traceparent)).toBeNull();
  }
});
