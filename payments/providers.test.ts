import { expect, test } from 'vitest';
import { createProviders, type PaymentSettings } from './providers.ts';

const sandbox = { PUBLIC_URL: 'http://127.0.0.1:3000', SANDBOX_WEBHOOK_SECRET: 'secret' };
const razorpay = { RAZORPAY_KEY_ID: 'rzp_test_1', RAZORPAY_KEY_SECRET: 'secret', RAZORPAY_WEBHOOK_SECRET: 'hook' };
const stripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };

test('new orders go to the sandbox unless another provider is named', () => {
  expect(createProviders(sandbox).current.name).toBe('sandbox');
  expect(createProviders({ ...sandbox, ...razorpay, PAYMENT_PROVIDER: 'razorpay' }).current.name).toBe('razorpay');
  expect(createProviders({ ...sandbox, ...stripe, PAYMENT_PROVIDER: 'stripe' }).current.name).toBe('stripe');
});

test('every provider with keys is there, whichever is current: old orders still get their webhooks', () => {
  const { byName } = createProviders({ ...sandbox, ...razorpay, ...stripe, PAYMENT_PROVIDER: 'stripe' });
  expect(Object.keys(byName).toSorted()).toEqual(['razorpay', 'sandbox', 'stripe']);
  expect(Object.keys(createProviders(sandbox).byName)).toEqual(['sandbox']);
});

test('in production the sandbox is there only when it is asked for by name', () => {
  const production = { ...sandbox, NODE_ENV: 'production' };
  expect(createProviders({ ...production, PAYMENT_PROVIDER: 'sandbox' }).current.name).toBe('sandbox');
  expect(() => createProviders(production)).toThrow('PAYMENT_PROVIDER is not set');
  const { byName } = createProviders({ ...production, ...razorpay, PAYMENT_PROVIDER: 'razorpay' });
  expect(Object.keys(byName)).toEqual(['razorpay']);
});

test.each<[string, PaymentSettings]>([
  ['PAYMENT_PROVIDER is "paypal"; it can be sandbox, razorpay, stripe.', { ...sandbox, PAYMENT_PROVIDER: 'paypal' }],
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
