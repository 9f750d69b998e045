import { expect, test } from 'vitest';
import { refusalsOf } from './production.ts';

const KEY = '7Z0tJ6mGk1xq0k2b0C0Qv3M4m1c9o8Qy5i5e3fJmZk0=';
const sound = {
  NODE_ENV: 'production',
  SECRETS_KEY: KEY,
  DATABASE_URL: 'postgres://tandem:6f1d0f7b2a@db:5432/tandem',
  REDIS_URL: 'redis://:6f1d0f7b2a@redis:6379',
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_live_6f1d0f7b2a',
  STRIPE_WEBHOOK_SECRET: 'whsec_6f1d0f7b2a6f1d0f7b2a',
  CORS_ORIGIN: 'https://market.example',
};

test('a production with secrets of its own is refused for nothing', () => {
  expect(refusalsOf(sound)).toEqual([]);
  expect(refusalsOf({ ...sound, DATABASE_URL: 'postgres:///tandem?host=/run/postgresql' })).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  [
    'PAYMENT_PROVIDER is sandbox, which takes anybody’s word for having paid: it cannot be used in production.',
    { PAYMENT_PROVIDER: 'sandbox' },
  ],
  ['PAYMENT_PROVIDER is not set: production has to be told who takes its money.', { PAYMENT_PROVIDER: '' }],
  [
    'SANDBOX_WEBHOOK_SECRET and SANDBOX_BASE_URL are the sandbox’s: they cannot be set in production.',
    { SANDBOX_WEBHOOK_SECRET: 'x' },
  ],
  ['DEMO_ACCOUNTS publishes passwords: it cannot be set in production.', { DEMO_ACCOUNTS: 'asha:influencer:secret12' }],
  [
    'CORS_ORIGIN is *, which lets the pages of any site call the API: name your origins.',
    { CORS_ORIGIN: 'https://a.example, *' },
  ],
  [
    'The password in DATABASE_URL is a published default: choose another.',
    { DATABASE_URL: 'postgres://tandem:tandem@db/tandem' },
  ],
  ['REDIS_URL has no password: whoever reaches it can write there.', { REDIS_URL: 'redis://redis:6379' }],
  ['The password in AMQP_URL is a published default: choose another.', { AMQP_URL: 'amqp://guest:guest@rabbitmq' }],
  [
    'STRIPE_WEBHOOK_SECRET is a published default: choose another.',
    { STRIPE_WEBHOOK_SECRET: 'whsec_6f1d0f7b2a6f1d0f7b2a, only-for-trying-out' },
  ],
  [
    'STRIPE_WEBHOOK_SECRET has fewer than 16 characters: whoever guesses it writes webhooks.',
    { STRIPE_WEBHOOK_SECRET: 'x' },
  ],
  [
    'SECRETS_KEY is not set: what signs tokens and webhooks would lie in the database as it is. Make one with `openssl rand -base64 32`, and see docs/upgrading.md where a release before it still runs.',
    { SECRETS_KEY: '' },
  ],
  [
    'SECRETS_KEY is not set: what signs tokens and webhooks would lie in the database as it is. Make one with `openssl rand -base64 32`, and see docs/upgrading.md where a release before it still runs.',
    { SECRETS_KEY: 'plain' },
  ],
  [
    'SECRETS_KEY has a key that is not by chance: make one with `openssl rand -base64 32`.',
    { SECRETS_KEY: `${KEY},${'A'.repeat(43)}=` },
  ],
  [
    'TEMPORAL_CODEC_KEY has a key that is not by chance: make one with `openssl rand -base64 32`.',
    { TEMPORAL_CODEC_KEY: `${KEY},${Buffer.alloc(32, 7).toString('base64')}` },
  ],
  ...[
    'localhost',
    'a.localhost',
    '127.0.0.9',
    '[::1]',
    '::ffff:127.0.0.1',
    '169.254.169.254',
    'metadata.google.internal',
  ].map((host): [string, Record<string, string>] => [
    `WEBHOOK_ALLOWED_HOSTS has ${host}: whoever registers a webhook would reach what listens on the worker's own machine, or its cloud's metadata.`,
    { WEBHOOK_ALLOWED_HOSTS: `billing.intranet, ${host}` },
  ]),
  ['ADMIN_PASSWORD is a published default: choose another.', { ADMIN_PASSWORD: 'tandem-demo' }],
])('production is refused in one sentence: %s', (sentence, changed) => {
  expect(refusalsOf({ ...sound, ...changed })).toEqual([sentence]);
});

test('a production may name the hosts of its intranet that webhooks go to', () => {
  expect(refusalsOf({ ...sound, WEBHOOK_ALLOWED_HOSTS: 'billing.intranet, 10.0.0.7, [fd12::7]' })).toEqual([]);
});

test('a production that waits for the release before to end has a key, and may seal nothing yet', () => {
  expect(refusalsOf({ ...sound, SECRETS_KEY: `plain,${KEY}` })).toEqual([]);
});

test('a part that opens no secrets needs no key for them', () => {
  expect(refusalsOf({ ...sound, SECRETS_KEY: '' }, { opensSecrets: false })).toEqual([]);
});

test('outside of production all of that may be', () => {
  const open = { ...sound, PAYMENT_PROVIDER: 'sandbox', SANDBOX_WEBHOOK_SECRET: 'x', CORS_ORIGIN: '*' };
  for (const NODE_ENV of ['', 'development', 'test']) expect(refusalsOf({ ...open, NODE_ENV })).toEqual([]);
});

test('no sentence repeats a secret', () => {
  const said = refusalsOf({ ...sound, STRIPE_WEBHOOK_SECRET: 'hunter2', DATABASE_URL: 'postgres://a:changeme@db/b' });
  expect(said).toHaveLength(2);
  expect(said.join()).not.toMatch(/hunter2|changeme/);
});
