import { PROVIDERS, type ProviderName } from '#workflows/payment/fact.ts';
import { coinbaseProvider } from './coinbase.ts';
import { FLUTTERWAVE_SIGNATURES, flutterwaveProvider } from './flutterwave.ts';
import { type KycProvider, sandboxKyc } from './kyc.ts';
import type { PayoutProvider } from './payout.ts';
import { paypalProvider } from './paypal.ts';
import type { PaymentProvider } from './provider.ts';
import { razorpayProvider } from './razorpay.ts';
import { razorpayXProvider } from './razorpayX.ts';
import { type SandboxConfig, sandboxProvider } from './sandbox.ts';
import { sandboxPayouts } from './sandboxPayouts.ts';
import { stripeProvider } from './stripe.ts';
import { stripeKyc } from './stripeKyc.ts';
import { stripePayouts } from './stripePayouts.ts';

/** The settings payments are made from, by the names of the environment. */
export const PAYMENT_SETTINGS = [
  'PAYMENT_PROVIDER',
  'PAYMENT_TIMEOUT_MS',
  'NODE_ENV',
  'PUBLIC_URL',
  'SANDBOX_BASE_URL',
  'SANDBOX_WEBHOOK_SECRET',
  'RAZORPAY_KEY_ID',
  'RAZORPAY_KEY_SECRET',
  'RAZORPAY_WEBHOOK_SECRET',
  'RAZORPAY_BASE_URL',
  'RAZORPAYX_ACCOUNT_NUMBER',
  'RAZORPAYX_WEBHOOK_SECRET',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_BASE_URL',
  'FLUTTERWAVE_SECRET_KEY',
  'FLUTTERWAVE_WEBHOOK_SECRET',
  'FLUTTERWAVE_SIGNATURE',
  'FLUTTERWAVE_BASE_URL',
  'PAYPAL_CLIENT_ID',
  'PAYPAL_CLIENT_SECRET',
  'PAYPAL_WEBHOOK_ID',
  'PAYPAL_BASE_URL',
  'COINBASE_API_KEY',
  'COINBASE_WEBHOOK_SECRET',
  'COINBASE_BASE_URL',
] as const;

/** Of those, what webhooks are known by: who takes none needs none of them. The sandbox's says that there is a sandbox. */
export const WEBHOOK_SETTINGS = [
  'RAZORPAY_WEBHOOK_SECRET',
  'RAZORPAYX_WEBHOOK_SECRET',
  'STRIPE_WEBHOOK_SECRET',
  'FLUTTERWAVE_WEBHOOK_SECRET',
  'PAYPAL_WEBHOOK_ID',
  'COINBASE_WEBHOOK_SECRET',
] as const satisfies readonly (typeof PAYMENT_SETTINGS)[number][];

export type PaymentSettings = Partial<Record<(typeof PAYMENT_SETTINGS)[number], string | undefined>>;

export type Providers = {
  /** Every provider whose keys are there: webhooks and refunds of older orders go on after a change of provider. */
  byName: Partial<Record<ProviderName, PaymentProvider>>;
  /** The one for new orders. */
  current: PaymentProvider;
};

/** Who pays out, and who knows whether a payee may be paid: every one whose keys are there. */
export type PayoutProviders = {
  payouts: Partial<Record<ProviderName, PayoutProvider>>;
  kyc: Partial<Record<ProviderName, KycProvider>>;
};

/** Whether webhooks of a provider with these secrets can be told from others, or need not be. */
type IsKnown = (secrets: readonly string[]) => boolean;

const TIMEOUT_MS = 10_000;

/** How long any one call to a provider may take, in ms. Throws an Error where what is set is no such time. */
export function timeoutOf({ PAYMENT_TIMEOUT_MS: said }: PaymentSettings): number {
  const timeoutMs = Number(said || TIMEOUT_MS);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000) {
    throw new Error('PAYMENT_TIMEOUT_MS is not a number of milliseconds from 1 to 60000.');
  }
  return timeoutMs;
}

/**
 * The providers that are configured. Throws an Error with one sentence that says which setting is missing or wrong.
 * The sandbox takes anybody's word for having paid, so in production it is not there. Who takes no webhooks needs no
 * secrets of theirs: each that comes is then one that nobody signed.
 */
export function createProviders(settings: PaymentSettings, { takesWebhooks = true } = {}): Providers {
  const name = settings.PAYMENT_PROVIDER || 'sandbox';
  const chosen = PROVIDERS.find((provider) => provider === name);
  if (!chosen) throw new Error(`PAYMENT_PROVIDER is "${name}"; it can be ${PROVIDERS.join(', ')}.`);
  if (settings.NODE_ENV === 'production' && chosen === 'sandbox') {
    throw new Error('PAYMENT_PROVIDER has to be named, and in production it cannot be the sandbox.');
  }
  const timeoutMs = timeoutOf(settings);

  const byName: Providers['byName'] = {};
  const isKnown = (secrets: readonly string[]) => !takesWebhooks || secrets.length > 0;
  const makers: Record<ProviderName, () => PaymentProvider | null> = {
    sandbox: () => makeSandbox(settings, timeoutMs),
    razorpay: () => makeRazorpay(settings, timeoutMs, isKnown),
    stripe: () => makeStripe(settings, timeoutMs, isKnown),
    flutterwave: () => makeFlutterwave(settings, timeoutMs, isKnown),
    paypal: () => makePaypal(settings, timeoutMs, isKnown),
    coinbase: () => makeCoinbase(settings, timeoutMs, isKnown),
  };
  for (const provider of PROVIDERS) {
    const made = makers[provider]();
    if (made) byName[provider] = made;
  }
  const current = byName[chosen];
  if (!current)
    throw new Error(`PAYMENT_PROVIDER is ${chosen}, which needs ${missing(chosen, settings, takesWebhooks)}.`);
  return { byName, current };
}

const NEEDS: Record<ProviderName, (keyof PaymentSettings)[]> = {
  sandbox: ['SANDBOX_WEBHOOK_SECRET', 'PUBLIC_URL'],
  razorpay: ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'PUBLIC_URL'],
  flutterwave: ['FLUTTERWAVE_SECRET_KEY', 'FLUTTERWAVE_WEBHOOK_SECRET', 'PUBLIC_URL'],
  paypal: ['PAYPAL_CLIENT_ID', 'PAYPAL_CLIENT_SECRET', 'PAYPAL_WEBHOOK_ID', 'PUBLIC_URL'],
  coinbase: ['COINBASE_API_KEY', 'COINBASE_WEBHOOK_SECRET', 'PUBLIC_URL'],
};

/** Lists of secrets count as missing when they hold none. */
function missing(provider: ProviderName, settings: PaymentSettings, takesWebhooks: boolean): string {
  const notNeeded: readonly string[] = takesWebhooks ? [] : WEBHOOK_SETTINGS;
  const instead = provider === 'sandbox' ? settings.SANDBOX_BASE_URL : undefined;
  return NEEDS[provider]
    .filter((name) => !notNeeded.includes(name))
    .filter((name) => secretList(settings[name]).length === 0 && !(name === 'PUBLIC_URL' && instead))
    .join(', ');
}

function sandboxConfig(settings: PaymentSettings, timeoutMs: number): SandboxConfig | null {
  if (settings.NODE_ENV === 'production') return null;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const baseUrl = urlOf(settings, 'SANDBOX_BASE_URL', publicUrl && `${publicUrl}/sandbox`);
  const webhookSecrets = secretList(settings.SANDBOX_WEBHOOK_SECRET);
  return baseUrl && webhookSecrets.length > 0 ? { baseUrl, webhookSecrets, timeoutMs } : null;
}

function makeSandbox(settings: PaymentSettings, timeoutMs: number): PaymentProvider | null {
  const config = sandboxConfig(settings, timeoutMs);
  return config && sandboxProvider(config);
}

function makeRazorpay(settings: PaymentSettings, timeoutMs: number, isKnown: IsKnown): PaymentProvider | null {
  const access = razorpayAccess(settings, timeoutMs);
  const webhookSecrets = secretList(settings.RAZORPAY_WEBHOOK_SECRET);
  if (!access || !isKnown(webhookSecrets)) return null;
  // RazorpayX sends to the same address, and may sign with a secret of its own.
  webhookSecrets.push(...secretList(settings.RAZORPAYX_WEBHOOK_SECRET));
  return razorpayProvider({ ...access, webhookSecrets });
}

function razorpayAccess(settings: PaymentSettings, timeoutMs: number) {
  const { RAZORPAY_KEY_ID: keyId, RAZORPAY_KEY_SECRET: keySecret } = settings;
  const baseUrl = urlOf(settings, 'RAZORPAY_BASE_URL', 'https://api.razorpay.com');
  return keyId && keySecret ? { keyId, keySecret, baseUrl, timeoutMs } : null;
}

function makeStripe(settings: PaymentSettings, timeoutMs: number, isKnown: IsKnown): PaymentProvider | null {
  const access = stripeAccess(settings, timeoutMs);
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const webhookSecrets = secretList(settings.STRIPE_WEBHOOK_SECRET);
  if (!access || !publicUrl || !isKnown(webhookSecrets)) return null;
  return stripeProvider({ ...access, webhookSecrets, returnUrl: `${publicUrl}/` });
}

function stripeAccess(settings: PaymentSettings, timeoutMs: number) {
  const { STRIPE_SECRET_KEY: secretKey } = settings;
  const baseUrl = urlOf(settings, 'STRIPE_BASE_URL', 'https://api.stripe.com');
  return secretKey ? { secretKey, baseUrl, timeoutMs } : null;
}

function makeFlutterwave(settings: PaymentSettings, timeoutMs: number, isKnown: IsKnown): PaymentProvider | null {
  const { FLUTTERWAVE_SECRET_KEY: secretKey } = settings;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const webhookSecrets = secretList(settings.FLUTTERWAVE_WEBHOOK_SECRET);
  const said = settings.FLUTTERWAVE_SIGNATURE || 'verif-hash';
  const signature = FLUTTERWAVE_SIGNATURES.find((known) => known === said);
  if (!signature) {
    throw new Error(`FLUTTERWAVE_SIGNATURE is "${said}"; it can be ${FLUTTERWAVE_SIGNATURES.join(', ')}.`);
  }
  const baseUrl = urlOf(settings, 'FLUTTERWAVE_BASE_URL', 'https://api.flutterwave.com');
  if (!secretKey || !publicUrl || !isKnown(webhookSecrets)) return null;
  return flutterwaveProvider({ secretKey, webhookSecrets, signature, baseUrl, returnUrl: `${publicUrl}/`, timeoutMs });
}

function makePaypal(settings: PaymentSettings, timeoutMs: number, isKnown: IsKnown): PaymentProvider | null {
  const { PAYPAL_CLIENT_ID: clientId, PAYPAL_CLIENT_SECRET: clientSecret } = settings;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const webhookIds = secretList(settings.PAYPAL_WEBHOOK_ID);
  const baseUrl = urlOf(settings, 'PAYPAL_BASE_URL', 'https://api-m.paypal.com');
  if (!clientId || !clientSecret || !publicUrl || !isKnown(webhookIds)) return null;
  return paypalProvider({ clientId, clientSecret, webhookIds, baseUrl, returnUrl: `${publicUrl}/`, timeoutMs });
}

function makeCoinbase(settings: PaymentSettings, timeoutMs: number, isKnown: IsKnown): PaymentProvider | null {
  const { COINBASE_API_KEY: apiKey } = settings;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const webhookSecrets = secretList(settings.COINBASE_WEBHOOK_SECRET);
  const baseUrl = urlOf(settings, 'COINBASE_BASE_URL', 'https://api.commerce.coinbase.com');
  if (!apiKey || !publicUrl || !isKnown(webhookSecrets)) return null;
  return coinbaseProvider({ apiKey, webhookSecrets, baseUrl, returnUrl: `${publicUrl}/`, timeoutMs });
}

/** The providers that pay out. Throws an Error with one sentence where a setting is wrong. */
export function createPayoutProviders(settings: PaymentSettings): PayoutProviders {
  const timeoutMs = timeoutOf(settings);
  const sandbox = sandboxConfig(settings, timeoutMs);
  const razorpay = razorpayAccess(settings, timeoutMs);
  const stripe = stripeAccess(settings, timeoutMs);
  const { RAZORPAYX_ACCOUNT_NUMBER: accountNumber } = settings;
  return {
    payouts: {
      ...(sandbox && { sandbox: sandboxPayouts(sandbox) }),
      ...(razorpay && accountNumber && { razorpay: razorpayXProvider({ ...razorpay, accountNumber }) }),
      ...(stripe && { stripe: stripePayouts(stripe) }),
    },
    kyc: { ...(sandbox && { sandbox: sandboxKyc() }), ...(stripe && { stripe: stripeKyc(stripe) }) },
  };
}

/** "new,old" → ["new", "old"]: a webhook secret may be a list, newest first, while it is rotated. */
export function secretList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

/** The setting, or `otherwise`, without a slash at its end. Throws where it is no http(s) URL. */
function urlOf(settings: PaymentSettings, name: keyof PaymentSettings, otherwise: string): string {
  const url = settings[name] || otherwise;
  if (url !== '' && !/^https?:\/\/[^/]/.test(url)) throw new Error(`${name} is not an http or https URL.`);
  return url.replace(/\/+$/, '');
}
