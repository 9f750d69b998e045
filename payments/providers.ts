import { PROVIDERS, type ProviderName } from '#workflows/payment/fact.ts';
import type { PaymentProvider } from './provider.ts';
import { razorpayProvider } from './razorpay.ts';
import { sandboxProvider } from './sandbox.ts';
import { stripeProvider } from './stripe.ts';

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
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_BASE_URL',
] as const;

export type PaymentSettings = Partial<Record<(typeof PAYMENT_SETTINGS)[number], string | undefined>>;

export type Providers = {
  /** Every provider whose keys are there: webhooks and refunds of older orders go on after a change of provider. */
  byName: Partial<Record<ProviderName, PaymentProvider>>;
  /** The one for new orders. */
  current: PaymentProvider;
};

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
 * The sandbox takes anybody's word for having paid, so in production it is there only when asked for by name.
 */
export function createProviders(settings: PaymentSettings): Providers {
  const name = settings.PAYMENT_PROVIDER || 'sandbox';
  const chosen = PROVIDERS.find((provider) => provider === name);
  if (!chosen) throw new Error(`PAYMENT_PROVIDER is "${name}"; it can be ${PROVIDERS.join(', ')}.`);
  if (settings.NODE_ENV === 'production' && !settings.PAYMENT_PROVIDER) {
    throw new Error('PAYMENT_PROVIDER is not set; in production the sandbox is used only when it is named.');
  }
  const timeoutMs = timeoutOf(settings);

  const byName: Providers['byName'] = {};
  const makers: Record<ProviderName, () => PaymentProvider | null> = {
    sandbox: () => makeSandbox(settings, timeoutMs),
    razorpay: () => makeRazorpay(settings, timeoutMs),
    stripe: () => makeStripe(settings, timeoutMs),
  };
  for (const provider of PROVIDERS) {
    const made = makers[provider]();
    if (made) byName[provider] = made;
  }
  const current = byName[chosen];
  if (!current) throw new Error(`PAYMENT_PROVIDER is ${chosen}, which needs ${missing(chosen, settings)}.`);
  return { byName, current };
}

const NEEDS: Record<ProviderName, (keyof PaymentSettings)[]> = {
  sandbox: ['SANDBOX_WEBHOOK_SECRET', 'PUBLIC_URL'],
  razorpay: ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'PUBLIC_URL'],
};

/** Lists of secrets count as missing when they hold none. */
function missing(provider: ProviderName, settings: PaymentSettings): string {
  const instead = provider === 'sandbox' ? settings.SANDBOX_BASE_URL : undefined;
  return NEEDS[provider]
    .filter((name) => secretList(settings[name]).length === 0 && !(name === 'PUBLIC_URL' && instead))
    .join(', ');
}

function makeSandbox(settings: PaymentSettings, timeoutMs: number): PaymentProvider | null {
  if (settings.NODE_ENV === 'production' && settings.PAYMENT_PROVIDER !== 'sandbox') return null;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const baseUrl = urlOf(settings, 'SANDBOX_BASE_URL', publicUrl && `${publicUrl}/sandbox`);
  const webhookSecrets = secretList(settings.SANDBOX_WEBHOOK_SECRET);
  if (!baseUrl || webhookSecrets.length === 0) return null;
  return sandboxProvider({ baseUrl, webhookSecrets, timeoutMs });
}

function makeRazorpay(settings: PaymentSettings, timeoutMs: number): PaymentProvider | null {
  const { RAZORPAY_KEY_ID: keyId, RAZORPAY_KEY_SECRET: keySecret } = settings;
  const webhookSecrets = secretList(settings.RAZORPAY_WEBHOOK_SECRET);
  if (!keyId || !keySecret || webhookSecrets.length === 0) return null;
  const baseUrl = urlOf(settings, 'RAZORPAY_BASE_URL', 'https://api.razorpay.com');
  return razorpayProvider({ keyId, keySecret, webhookSecrets, baseUrl, timeoutMs });
}

function makeStripe(settings: PaymentSettings, timeoutMs: number): PaymentProvider | null {
  const { STRIPE_SECRET_KEY: secretKey } = settings;
  const publicUrl = urlOf(settings, 'PUBLIC_URL', '');
  const webhookSecrets = secretList(settings.STRIPE_WEBHOOK_SECRET);
  if (!secretKey || !publicUrl || webhookSecrets.length === 0) return null;
  const baseUrl = urlOf(settings, 'STRIPE_BASE_URL', 'https://api.stripe.com');
  return stripeProvider({ secretKey, webhookSecrets, baseUrl, returnUrl: `${publicUrl}/`, timeoutMs });
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
