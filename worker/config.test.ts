import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const least = { DATABASE_URL: 'postgres://tandem@127.0.0.1/tandem', SANDBOX_WEBHOOK_SECRET: 'a secret of the tests' };
const decoding = {
  TEMPORAL_CODEC_ORIGIN: 'https://temporal.example',
  TEMPORAL_CODEC_KEY: KEY,
  PUBLIC_URL: 'https://market.example',
};

test('nobody’s pages have anything decoded unless their origin is named', () => {
  expect(readConfig(least).TEMPORAL_CODEC_ORIGIN).toBeUndefined();
  expect(readConfig({ ...least, ...decoding }).TEMPORAL_CODEC_ORIGIN).toBe('https://temporal.example');
});

test.each(['TEMPORAL_CODEC_KEY', 'PUBLIC_URL'])('decoding without %s is refused in a sentence', (name) => {
  expect(() => readConfig({ ...least, ...decoding, [name]: '' })).toThrow(
    'TEMPORAL_CODEC_ORIGIN needs TEMPORAL_CODEC_KEY and PUBLIC_URL',
  );
});

test.each(['*', 'temporal.example', 'https://temporal.example/', 'https://temporal.example/ui'])(
  '%s is no origin',
  (origin) => {
    expect(() => readConfig({ ...least, ...decoding, TEMPORAL_CODEC_ORIGIN: origin })).toThrow('is not an origin');
  },
);
