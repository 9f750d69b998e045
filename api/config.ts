import { isIP } from 'node:net';
import { z } from 'zod';
import { HANDLE } from '#db/accounts.ts';
import type { PAYMENT_SETTINGS } from '#payments/providers.ts';
import { type Environment, port, readSettings, sharedSettings, text, wholeNumber } from '#program/settings.ts';
import { PROVIDERS } from '#workflows/payment/fact.ts';

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

const origin = /^(\*|https?:\/\/[^/\s]+)$/;
const namedRanges = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isRange(text: string): boolean {
  if (namedRanges.has(text)) return true;
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const url = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' });

/** What the API reads, each from an environment variable of this name. The README's table is made from this. */
export const configSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('In production the sandbox provider has to be asked for by name'),
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
    .describe('Connections of one API process to Postgres, at most'),
  TEMPORAL_UI_URL: url.optional().describe("Temporal's Web UI, for links; `npm start` tells it where it runs its own"),
  CORS_ORIGIN: commaList
    .refine(
      (origins) => origins.every((entry) => origin.test(entry)),
      'is not a list of origins such as https://a.example',
    )
    .describe('Origins whose pages may call the API, separated by commas; `*` for all. None by default'),
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
    .describe('The provider of new orders; sandbox by default, outside of production'),
  PAYMENT_TIMEOUT_MS: text.optional().describe('How long one call to a provider may take, in ms; 10000 by default'),
  SANDBOX_BASE_URL: url.optional().describe('Where the sandbox service is; by default under PUBLIC_URL'),
  SANDBOX_WEBHOOK_SECRET: text
    .optional()
    .describe('Signs the webhooks of the sandbox; a comma-separated list while it is rotated, newest first'),
  RAZORPAY_KEY_ID: text.optional().describe("Razorpay's key"),
  RAZORPAY_KEY_SECRET: text.optional().describe("Razorpay's key, the secret part"),
  RAZORPAY_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs Razorpay's webhooks; a comma-separated list while it is rotated, newest first"),
  RAZORPAY_BASE_URL: url.optional().describe("Razorpay's API, where it is not the usual one"),
  STRIPE_SECRET_KEY: text.optional().describe("Stripe's secret key"),
  STRIPE_WEBHOOK_SECRET: text
    .optional()
    .describe("Signs Stripe's webhooks; a comma-separated list while it is rotated, newest first"),
  STRIPE_BASE_URL: url.optional().describe("Stripe's API, where it is not the usual one"),
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
  if (config.NODE_ENV === 'production' && config.DEMO_ACCOUNTS.length > 0) {
    sentences.push('DEMO_ACCOUNTS publishes passwords: it cannot be set in production.');
  }
  if (config.AUTH_ISSUER_JWKS_URL && !(config.AUTH_ISSUER && config.AUTH_AUDIENCE)) {
    sentences.push(
      'AUTH_ISSUER_JWKS_URL needs AUTH_ISSUER and AUTH_AUDIENCE: keys alone do not say whom a token is for.',
    );
  }
  return sentences;
}
