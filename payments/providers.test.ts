import { expect, test } from 'vitest';
import { WebhookRejected } from './provider.ts';
import { createPayoutProviders, createProviders, type PaymentSettings, WEBHOOK_SETTINGS } from './providers.ts';
import { signTimestamped } from './signature.ts';

const sandbox = { PUBLIC_URL: 'http://127.0.0.1:3000', SANDBOX_WEBHOOK_SECRET: 'secret' };
const razorpay = { RAZORPAY_KEY_ID: 'rzp_test_1', RAZORPAY_KEY_SECRET: 'secret', RAZORPAY_WEBHOOK_SECRET: 'hook' };
const flutterwave = { FLUTTERWAVE_SECRET_KEY: 'FLWSECK_TEST-1', FLUTTERWAVE_WEBHOOK_SECRET: 'hash' };
const paypal = { PAYPAL_CLIENT_ID: 'id', PAYPAL_CLIENT_SECRET: 'secret', PAYPAL_WEBHOOK_ID: '8PT597110X687430L' };
const coinbase = { COINBASE_API_KEY: 'key', COINBASE_WEBHOOK_SECRET: 'secret' };
const stripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };

test('new orders go to the sandbox unless another provider is named', () => {
  expect(createProviders(sandbox).current.name).toBe('sandbox');
  expect(createProviders({ ...sandbox, ...razorpay, PAYMENT_PROVIDER: 'razorpay' }).current.name).toBe('razorpay');
  expect(createProviders({ ...sandbox, ...stripe, PAYMENT_PROVIDER: 'stripe' }).current.name).toBe('stripe');
});

test.each([
  ['flutterwave', flutterwave],
  ['paypal', paypal],
  ['coinbase', coinbase],
])('%s takes new orders where it is named', (name, settings) => {
  expect(createProviders({ ...sandbox, ...settings, PAYMENT_PROVIDER: name }).current.name).toBe(name);
});

test('payouts and papers are where the keys for them are, in production without the sandbox', () => {
  const all = { ...sandbox, ...razorpay, ...stripe, RAZORPAYX_ACCOUNT_NUMBER: '7878780080316316' };
  const { payouts, kyc } = createPayoutProviders(all);
  expect(Object.keys(payouts).toSorted()).toEqual(['razorpay', 'sandbox', 'stripe']);
  expect(Object.keys(kyc).toSorted()).toEqual(['sandbox', 'stripe']);
  const production = createPayoutProviders({ ...all, NODE_ENV: 'production', PAYMENT_PROVIDER: 'stripe' });
  expect(Object.keys(production.payouts).toSorted()).toEqual(['razorpay', 'stripe']);
  expect(Object.keys(createPayoutProviders({ ...sandbox, ...razorpay }).payouts)).toEqual(['sandbox']);
});

test('papers at the sandbox are in order at once', async () => {
  const payee = { key: 'k', reference: 'our_account', accountId: null, name: 'Asha', email: null, country: 'IN' };
  const { kyc } = createPayoutProviders(sandbox);
  const begun = await kyc.sandbox?.start({ ...payee, returnUrl: 'http://127.0.0.1:3000/' });
  expect(begun).toMatchObject({ accountId: 'sandbox_our_account', url: null, kyc: { status: 'verified' } });
  expect(await kyc.sandbox?.status('sandbox_our_account')).toEqual(begun?.kyc);
});

test('every provider with keys is there, whichever is current: old orders still get their webhooks', () => {
  const { byName } = createProviders({ ...sandbox, ...razorpay, ...stripe, PAYMENT_PROVIDER: 'stripe' });
  expect(Object.keys(byName).toSorted()).toEqual(['razorpay', 'sandbox', 'stripe']);
  expect(Object.keys(createProviders(sandbox).byName)).toEqual(['sandbox']);
});

test('who takes no webhooks makes every provider without their secrets, and believes no webhook', async () => {
  const all = { ...razorpay, ...stripe, ...flutterwave, ...paypal, ...coinbase };
  const keys = Object.entries(all).filter(([name]) => !WEBHOOK_SETTINGS.some((secret) => secret === name));
  expect(keys).toHaveLength(7);
  const settings: PaymentSettings = {
    ...Object.fromEntries(keys),
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://a.example',
  };
  const outgoing = { ...settings, PAYMENT_PROVIDER: 'stripe' };
  const { byName, current } = createProviders(outgoing, { takesWebhooks: false });
  expect(Object.keys(byName).toSorted()).toEqual(['coinbase', 'flutterwave', 'paypal', 'razorpay', 'stripe']);
  expect(current.name).toBe('stripe');
  const body = Buffer.from('{}');
  const headers = { 'stripe-signature': signTimestamped('', body, new Date()) };
  await expect(current.verifyWebhook(body, headers, new Date())).rejects.toThrow(WebhookRejected);
  expect(() => createProviders(outgoing)).toThrow('needs STRIPE_WEBHOOK_SECRET.');
  expect(() => createProviders({ ...outgoing, STRIPE_SECRET_KEY: '' }, { takesWebhooks: false })).toThrow(
    'needs STRIPE_SECRET_KEY.',
  );
});

test('in production there is no sandbox, even where it is asked for by name', () => {
  const production = { ...sandbox, NODE_ENV: 'production' };
  for (const PAYMENT_PROVIDER of ['sandbox', '']) {
    expect(() => createProviders({ ...production, PAYMENT_PROVIDER })).toThrow('it cannot be the sandbox');
  }
  const { byName } = createProviders({ ...production, ...razorpay, PAYMENT_PROVIDER: 'razorpay' });
  expect(Object.keys(byName)).toEqual(['razorpay']);
});

test.each<[string, PaymentSettings]>([
  [
    'PAYMENT_PROVIDER is "klarna"; it can be sandbox, razorpay, stripe, flutterwave, paypal, coinbase.',
    { ...sandbox, PAYMENT_PROVIDER: 'klarna' },
  ],
  ['needs PAYPAL_WEBHOOK_ID.', { ...sandbox, ...paypal, PAYPAL_WEBHOOK_ID: ' ', PAYMENT_PROVIDER: 'paypal' }],
  ['needs FLUTTERWAVE_SECRET_KEY, FLUTTERWAVE_WEBHOOK_SECRET.', { ...sandbox, PAYMENT_PROVIDER: 'flutterwave' }],
  ['FLUTTERWAVE_SIGNATURE is "md5"; it can be', { ...sandbox, ...flutterwave, FLUTTERWAVE_SIGNATURE: 'md5' }],
  ['needs COINBASE_WEBHOOK_SECRET.', { ...sandbox, COINBASE_API_KEY: 'key', PAYMENT_PROVIDER: 'coinbase' }],
  ['PAYMENT_PROVIDER is "toString"; it can be', { ...sandbox, PAYMENT_PROVIDER: 'toString' }],
  ['needs SANDBOX_WEBHOOK_SECRET', { PUBLIC_URL: 'http://127.0.0.1:3000' }],
  ['needs SANDBOX_WEBHOOK_SECRET', { ...sandbox, SANDBOX_WEBHOOK_SECRET: ' , ' }],
  ['needs PUBLIC_URL.', { SANDBOX_WEBHOOK_SECRET: 'secret' }],
  ['needs SANDBOX_WEBHOOK_SECRET.', { SANDBOX_BASE_URL: 'http://127.0.0.1:3000/sandbox' }],
  ['needs RAZORPAY_KEY_SECRET', { ...sandbox, ...razorpay, RAZORPAY_KEY_SECRET: '', PAYMENT_PROVIDER: 'razorpay' }],
  ['needs STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET.', { ...sandbox, PAYMENT_PROVIDER: 'stripe' }],
  ['STRIPE_BASE_URL is not', { ...sandbox, ...stripe, STRIPE_BASE_URL: 'localhost:12111', PAYMENT_PROVIDER: 'stripe' }],
  ['PAYMENT_TIMEOUT_MS is not', { ...sandbox, PAYMENT_TIMEOUT_MS: '10s' }],
])('a setting that is wrong or missing gets one sentence: %s', (sentence, settings) => {
  expect(() => createProviders(settings)).toThrow(sentence);
  expect(() => createProviders(settings)).toThrow(/^[^.]+(\.[^.]+)*\.$/);
});
