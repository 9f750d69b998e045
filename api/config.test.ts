import { expect, test } from 'vitest';
import { PAYMENT_SETTINGS } from '#payments/providers.ts';
import { ConfigInvalid } from '#program/settings.ts';
import { configSchema, readConfig } from './config.ts';

const least = { DATABASE_URL: 'postgres://tandem@127.0.0.1/tandem' };

function sentences(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.sentences;
    throw error;
  }
}

test('a database is all that has to be set, and the address that others use follows from where it listens', () => {
  expect(readConfig(least)).toMatchObject({
    PORT: 3000,
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    PLATFORM_FEE_BPS: 1000,
    SYSTEM_USER_ID: '00000000-0000-0000-0000-000000000000',
    CORS_ORIGIN: [],
    TRUST_PROXY: [],
  });
  expect(readConfig({ ...least, HOST: '0.0.0.0', PORT: '4000' }).PUBLIC_URL).toBe('http://127.0.0.1:4000');
  expect(readConfig({ ...least, HOST: '::1' }).PUBLIC_URL).toBe('http://[::1]:3000');
  expect(readConfig({ ...least, PUBLIC_URL: 'https://market.example/' }).PUBLIC_URL).toBe('https://market.example');
});

test('a variable that is set but empty counts as not set', () => {
  expect(readConfig({ ...least, REDIS_URL: '', PORT: '', CORS_ORIGIN: '' })).toMatchObject({
    PORT: 3000,
    CORS_ORIGIN: [],
  });
  expect(sentences({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is not set.']);
});

test.each([
  ['PORT', '99999', 'PORT is above 65535.'],
  ['PORT', '80.5', 'PORT is not a whole number.'],
  ['PORT', 'http', 'PORT is not a number.'],
  ['DATABASE_URL', 'mysql://x/y', 'DATABASE_URL is not a postgres:// URL.'],
  ['PUBLIC_URL', 'market.example', 'PUBLIC_URL is not an http(s) URL.'],
  ['NODE_ENV', 'staging', 'NODE_ENV can be development, test, production.'],
  ['PAYMENT_PROVIDER', 'paypall', 'PAYMENT_PROVIDER can be sandbox, razorpay, stripe, flutterwave, paypal, coinbase.'],
  ['SYSTEM_USER_ID', '42', 'SYSTEM_USER_ID is not a UUID.'],
  ['PLATFORM_FEE_BPS', '10001', 'PLATFORM_FEE_BPS is above 10000.'],
  ['CORS_ORIGIN', 'https://a.example/path', 'CORS_ORIGIN is not a list of origins such as https://a.example.'],
  ['TRUST_PROXY', '1', 'TRUST_PROXY is not a list of addresses or CIDR ranges.'],
  ['TRUST_PROXY', '10.0.0.0/33', 'TRUST_PROXY is not a list of addresses or CIDR ranges.'],
  ['ADMIN_HANDLE', 'root', 'ADMIN_HANDLE and ADMIN_PASSWORD go together: one of them is not set.'],
  [
    'AUTH_ISSUER_JWKS_URL',
    'https://login.example/keys',
    'AUTH_ISSUER_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: keys alone do not say whom a token is for.',
  ],
])('%s=%s is refused in one sentence', (name, value, sentence) => {
  expect(sentences({ ...least, [name]: value })).toEqual([sentence]);
});

test('proxies are addresses, ranges, or the ranges that have names', () => {
  const ranges = '10.0.0.0/8, 192.0.2.1,loopback , 2001:db8::/32';
  expect(readConfig({ ...least, TRUST_PROXY: ranges }).TRUST_PROXY).toEqual([
    '10.0.0.0/8',
    '192.0.2.1',
    'loopback',
    '2001:db8::/32',
  ]);
});

test('every variable says what it is for', () => {
  for (const [name, schema] of Object.entries(configSchema.shape)) {
    expect(schema.description, name).toMatch(/^[A-Z].{10,}/);
  }
  expect(Object.keys(configSchema.shape)).toEqual(expect.arrayContaining([...PAYMENT_SETTINGS]));
});

test('what is wrong with a secret is said without the secret', () => {
  expect(sentences({ ...least, ADMIN_HANDLE: 'root', ADMIN_PASSWORD: 'hunter2' })).toEqual([
    'ADMIN_PASSWORD has fewer than 8 characters.',
  ]);
});
