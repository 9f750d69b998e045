import { isIP } from 'node:net';
import { z } from 'zod';
import { HANDLE } from '#db/people/accounts.ts';
import type { PAYMENT_SETTINGS } from '#payments/providers.ts';
import { type Environment, port, readSettings, sharedSettings, text, wholeNumber } from '#program/settings.ts';
import { durationMs } from '#workflows/durations.ts';
import { PLATFORMS } from '#workflows/notification/contract.ts';
import { PROVIDERS } from '#workflows/payment/fact.ts';
import { isRange } from './address.ts';

/** "a, b" → ["a", "b"]; empty entries are left out. */
const commaList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

/** "handle:role:password, …" → what a page offers to sign in as. */
const demoAccounts = commaList
  .refine(
    (entries) => entries.every((entry) => /^[^:]+:(?:brand_owner|influencer):.+$/.test(entry)),
    'is not a list of handle:role:password, with brand_owner or influencer as the role',
  )
  .transform((entries) =>
    entries.map((entry) => {
      const [handle = '', role, ...password] = entry.split(':');
      return { handle, role: role as 'brand_owner' | 'influencer', password: password.join(':') };
    }),
  );

/** "LYK:P365D/P1D, CREDIT:P90D" → by asset. */
const pointsLifetimes = commaList
  .refine(
    (entries) => entries.every((entry) => /^(?:LYK|CREDIT):P(?=[\dT])(?:\d+[DWMY])*(?:\/PT?\d+[DHM])?$/.test(entry)),
    'is not a list such as LYK:P365D, CREDIT:P90D/P1D',
  )
  .transform((entries) =>
    entries.map((entry) => {
      const [asset, rule = ''] = entry.split(':');
      const [lifetime = '', locked = null] = rule.split('/');
      return { asset: asset as 'LYK' | 'CREDIT', lifetime, locked };
    }),
  );

/** "BTC=zpub…;ETH=https://…" → by asset. */
const depositSources = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(';')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine(
    (entries) => entries.every((entry) => /^(?:BTC|ETH|USDT)=\S+$/.test(entry)),
    'is not a list such as BTC=zpub…;ETH=xpub…, of BTC, ETH and USDT',
  )
  .transform(
    (entries) =>
      new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)])),
  );

const holdTime = text.refine(
  (value) => durationMs(value) !== null,
  'is no duration of weeks, days, hours, minutes and seconds such as PT15M',
);

const origin = /^(\*|https?:\/\/[^/\s]+)$/;
const url = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' });

/** What the API reads, each from an environment variable of this name. The README's table is made from this. */
export const configSchema = z.object({
  PORT: port.default(3000).describe('Where the API, sockets, documents and console listen; 0 takes a free one'),
  HOST: text.default('127.0.0.1').describe('The address to listen on; 0.0.0.0 for every one'),
  PUBLIC_URL: url
    .optional()
    .describe('How others reach this deployment, without a slash at the end; by default the address it listens on'),
  ...sharedSettings,
  DATABASE_POOL_SIZE: wholeNumber
    .min(2, 'is below 2')
    .max(100, 'is above 100')
    .default(10)
    .describe('Connections of one API process to Postgres, at most; probes and metrics have two of their own'),
  DATABASE_QUEUE_LENGTH: wholeNumber
    .min(0, 'is below 0')
    .default(1_000)
    .describe(
      'Questions to Postgres that may wait for one of them; a new request is refused with 503 where as many do. 0 for any number',
    ),
  DATABASE_QUEUE_MS: wholeNumber
    .min(0, 'is below 0')
    .default(2_000)
    .describe(
      'So long a new request may wait for one of them where more is asked than can be answered; others are refused likewise. 0 for as long as it takes',
    ),
  TEMPORAL_UI_URL: url.optional().describe("Temporal's Web UI, for links; `npm start` tells it where it runs its own"),
  TEMPORAL_NAMESPACE: text.default('default').describe('Its namespace; the API reads it for links'),
  CORS_ORIGIN: commaList
    .refine(
      (origins) => origins.every((entry) => origin.test(entry)),
      'is not a list of origins such as https://a.example',
    )
    .describe('Origins whose pages may call the API, separated by commas; `*` for all. None by default'),
  OPEN_IN_PRODUCTION: commaList
    .refine((names) => names.every((name) => name === 'docs' || name === 'metrics'), 'can hold docs and metrics')
    .describe(
      'What production shows without a token: docs, metrics, or both with a comma; metrics to nobody who comes by a proxy. Elsewhere both are there',
    ),
  METRICS_PORT: port
    .optional()
    .describe(
      'Where the API answers /metrics, at HOST, instead of at PORT; 0 takes a free one. Whatever stands before the API has no way there. By default at PORT, as OPEN_IN_PRODUCTION says',
    ),
  ACCOUNT_WRITES_PER_MINUTE: wholeNumber
    .min(0, 'is below 0')
    .default(1_200)
    .describe('Requests of one account that change something, a minute, at most; 0 for any number'),
  PACE_PERCENT: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe('How much one account may do to others (messages, campaigns, follows …), in percent of the usual'),
  OPEN_AT_ONCE_PERCENT: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe(
      'How many processes of a kind (deals, trades, streams …) one account may have open, in percent of the usual',
    ),
  ADDRESS_REQUESTS_PER_MINUTE: wholeNumber
    .min(0, 'is below 0')
    .default(60_000)
    .describe('Requests from one address a minute, at most, webhooks and probes aside; 0 for any number'),
  REFUSED_WEBHOOKS_PER_MINUTE: wholeNumber
    .min(0, 'is below 0')
    .default(300)
    .describe('Webhooks without a valid signature from one address a minute, at most; 0 for any number'),
  TRUST_PROXY: commaList
    .refine((ranges) => ranges.every(isRange), 'is not a list of addresses or CIDR ranges')
    .describe('Proxies whose X-Forwarded-For is believed: addresses or CIDR ranges, separated by commas'),
  ADMIN_HANDLE: z
    .string()
    .regex(HANDLE, 'is not 2 to 40 letters, digits, dots, dashes or underscores')
    .optional()
    .describe('The first administrator; made at the start where there is none of this name'),
  ADMIN_PASSWORD: z
    .string()
    .min(8, 'has fewer than 8 characters')
    .optional()
    .describe("The first administrator's password; a changed one takes effect at the next start"),
  DEMO_ACCOUNTS: demoAccounts.describe(
    'Accounts that the console offers to sign in as, handle:role:password, separated by commas; `npm start` sets it. Their passwords are published, so not in production',
  ),
  PLATFORM_FEE_BPS: wholeNumber
    .min(0, 'is below 0')
    .max(10_000, 'is above 10000')
    .default(1000)
    .describe('Fee on what is released, in basis points; a deal keeps the one of the day its price was accepted'),
  GIFT_SHARE_BPS: wholeNumber
    .min(0, 'is below 0')
    .max(10_000, 'is above 10000')
    .default(7000)
    .describe('What of a gift’s tokens is its creator’s, in basis points, rounded down'),
  MAKER_FEE_BPS: wholeNumber
    .min(0, 'is below 0')
    .max(5_000, 'is above 5000')
    .default(10)
    .describe(
      'Fee of an order that lay in the book, on what is traded, in basis points; an order keeps the one of its day',
    ),
  TAKER_FEE_BPS: wholeNumber
    .min(0, 'is below 0')
    .max(5_000, 'is above 5000')
    .default(20)
    .describe('Fee of an order that takes from the book, likewise'),
  PAYOUT_FEE_BPS: wholeNumber
    .min(0, 'is below 0')
    .max(10_000, 'is above 10000')
    .default(100)
    .describe('Fee on payouts where no commission rule says otherwise, in basis points of what leaves the wallet'),
  PAYOUT_HOLD: holdTime.default('PT5S').describe('How long a payout may be taken back before it leaves (ISO 8601)'),
  PAYOUT_NEW_DESTINATION_HOLD: holdTime
    .default('PT10S')
    .describe('The same of the first payouts to a destination, until one has arrived there; a day suits real money'),
  PAYOUT_LIMITS_PERCENT: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe('What a day pays out to an account, and from what on two people look at it, in percent of the usual'),
  TOKEN_PRICE_PAISE: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe('What a TOKEN costs, in paise'),
  CREDIT_PRICE_PAISE: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe('What a CREDIT costs, in paise'),
  TRANSFER_LIMITS_PERCENT: wholeNumber
    .min(1, 'is below 1')
    .max(1_000_000, 'is above 1000000')
    .default(100)
    .describe('What may be sent to others a day, in percent of the usual limits'),
  POINTS_LIFETIMES: pointsLifetimes.describe(
    'How long points live from when they are given, and how long they are locked: LYK:P365D/P1D, CREDIT:P90D. For ever, and not at all, by default',
  ),
  DEPOSIT_ADDRESSES: depositSources.describe(
    'Where wallets are paid from outside: asset=source, separated by semicolons. A source is an extended public key, an http(s) URL that answers { address }, or addresses separated by `|`. None by default',
  ),
  POLICY_FLOOR_SECONDS: wholeNumber
    .min(1, 'is below 1')
    .default(1)
    .describe('The shortest deadline that a policy may set, in seconds'),
  AUTH_ISSUER_JWKS_URL: url
    .optional()
    .describe('Keys of an outside issuer: its access tokens are taken instead of our own, and nobody registers here'),
  AUTH_ISSUER: text.optional().describe("The outside issuer's `iss`"),
  AUTH_AUDIENCE: text.optional().describe('The `aud` its tokens carry for this deployment'),
  AUTH_ROLES_CLAIM: text.default('roles').describe("The claim with the account's roles: a list, or words in a text"),
  AUTH_ADMIN_ROLE: text
    .optional()
    .describe('The entry of that claim which makes an administrator; without it nobody of the issuer is one'),
  PAYMENT_PROVIDER: z
    .enum(PROVIDERS)
    .optional()
    .describe('The provider of new orders; sandbox by default, and only outside of production'),
  PAYMENT_TIMEOUT_MS: text.optional().describe('How long one call to a provider may take, in ms; 10000 by default'),
  SANDBOX_BASE_URL: url.optional().describe('Where the sandbox service is; by default under PUBLIC_URL'),
  SANDBOX_WEBHOOK_SECRET: text
    .optional()
    .describe('Signs the webhooks of the sandbox; a comma-separated list while it is rotated, newest first'),
  LIVEKIT_URL: url
    .optional()
    .describe('The media server of live streams, as its clients reach it (https or http); none by default'),
  LIVEKIT_API_KEY: text.optional().describe("LiveKit's key"),
  LIVEKIT_API_SECRET: text.optional().describe("LiveKit's key, the secret part: signs tokens and webhooks"),
  RAZORPAY_KEY_ID: text.optional().describe("Razorpay's key"),
  RAZORPAY_KEY_SECRET: text.optional().describe("Razorpay's key, the secret part"),
  RAZORPAY_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs Razorpay's webhooks; a comma-separated list while it is rotated, newest first"),
  RAZORPAY_BASE_URL: url.optional().describe("Razorpay's API, where it is not the usual one"),
  RAZORPAYX_ACCOUNT_NUMBER: text.optional().describe('The account at RazorpayX that payouts leave from'),
  RAZORPAYX_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs RazorpayX's webhooks where it is not Razorpay's; a list like that"),
  STRIPE_SECRET_KEY: text.optional().describe("Stripe's secret key"),
  STRIPE_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs Stripe's webhooks; a comma-separated list while it is rotated, newest first"),
  STRIPE_BASE_URL: url.optional().describe("Stripe's API, where it is not the usual one"),
  PUSH_PLATFORMS: commaList
    .refine(
      (names) => names.every((name) => PLATFORMS.some((platform) => platform === name)),
      `can hold ${PLATFORMS.join(' and ')}`,
    )
    .describe(
      `What the workers push to, for an API that has not their keys: ${PLATFORMS.join(', ')}, or both with a comma. By default what its own keys are for`,
    ),
  FCM_SERVICE_ACCOUNT: text
    .optional()
    .describe('The JSON key of a service account that may send by Firebase Cloud Messaging, as it is or in base64'),
  FCM_BASE_URL: url.optional().describe("FCM's API, where it is not the usual one"),
  FCM_TOKEN_URL: url.optional().describe("Where FCM's access tokens come from, where that is not the usual place"),
  WEB_PUSH_PUBLIC_KEY: text.optional().describe('The VAPID key that browsers subscribe with, base64url'),
  WEB_PUSH_PRIVATE_KEY: text.optional().describe('Its private part'),
  WEB_PUSH_SUBJECT: text.optional().describe('Whom push services may ask: a mailto: or https: address'),
  WEB_PUSH_HOSTS: text
    .optional()
    .describe("Hosts that a browser's subscription may lead to, separated by commas; by default those of browsers"),
  PUSH_TIMEOUT_MS: text.optional().describe('How long one call to a push service may take, in ms; 10000 by default'),
  FLUTTERWAVE_SECRET_KEY: text.optional().describe("Flutterwave's secret key"),
  FLUTTERWAVE_WEBHOOK_SECRET: text
    .optional()
    .describe("Flutterwave's secret hash; a comma-separated list while it is rotated, newest first"),
  FLUTTERWAVE_SIGNATURE: text
    .optional()
    .describe('How its webhooks say who sent them: `verif-hash` (v3, the default), `hmac` or `equal` (v4)'),
  FLUTTERWAVE_BASE_URL: url.optional().describe("Flutterwave's API, where it is not the usual one"),
  PAYPAL_CLIENT_ID: text.optional().describe("PayPal's client id"),
  PAYPAL_CLIENT_SECRET: text.optional().describe("PayPal's client secret"),
  PAYPAL_WEBHOOK_ID: text
    .optional()
    .describe("PayPal's id of our webhook, which its signatures name; a comma-separated list, newest first"),
  PAYPAL_BASE_URL: url.optional().describe("PayPal's API, where it is not the usual one"),
  COINBASE_API_KEY: text.optional().describe("Coinbase Commerce's key"),
  COINBASE_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs Coinbase Commerce's webhooks; a comma-separated list while it is rotated, newest first"),
  COINBASE_BASE_URL: url.optional().describe("Coinbase Commerce's API, where it is not the usual one"),
  TANDEM_HOME: text.default('.tandem').describe('The folder of all that `npm start` keeps'),
} satisfies Record<(typeof PAYMENT_SETTINGS)[number], z.ZodType> & Record<string, z.ZodType>);

export type Config = z.infer<typeof configSchema> & { PUBLIC_URL: string };

/** Reads the configuration from an environment. Throws ConfigInvalid. */
export function readConfig(environment: Environment): Config {
  const settings = readSettings(configSchema, environment, contradictions);
  return {
    ...settings,
    PUBLIC_URL: (settings.PUBLIC_URL ?? urlOf(settings.HOST, settings.PORT)).replace(/\/+$/, ''),
  };
}

/** Whether what is for developers and machines is answered without a token. */
export function isOpen(config: Pick<Config, 'NODE_ENV' | 'OPEN_IN_PRODUCTION'>, what: 'docs' | 'metrics'): boolean {
  return config.NODE_ENV !== 'production' || config.OPEN_IN_PRODUCTION.includes(what);
}

/** How one who listens there is reached from this machine; where it listens on every address, by one of them. */
export function urlOf(host: string, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  const reachable = isIP(host) === 6 ? `[${host}]` : host;
  return `http://${everywhere ? '127.0.0.1' : reachable}:${port}`;
}

function contradictions(config: z.infer<typeof configSchema>): string[] {
  const sentences: string[] = [];
  if (Boolean(config.ADMIN_HANDLE) !== Boolean(config.ADMIN_PASSWORD)) {
    sentences.push('ADMIN_HANDLE and ADMIN_PASSWORD go together: one of them is not set.');
  }
  if (config.AUTH_ISSUER_JWKS_URL && !(config.AUTH_ISSUER && config.AUTH_AUDIENCE)) {
    sentences.push(
      'AUTH_ISSUER_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: keys alone do not say whom a token is for.',
    );
  }
  if (config.PUSH_PLATFORMS.includes('webpush') && !config.WEB_PUSH_PUBLIC_KEY) {
    sentences.push(
      'PUSH_PLATFORMS has webpush, which browsers subscribe to with WEB_PUSH_PUBLIC_KEY: that is not set.',
    );
  }
  return sentences;
}
