import { BlockList, isIP } from 'node:net';
import { readKeysOrPlain } from './sealing.ts';
import type { Environment } from './settings.ts';

/** What a production may not be started with: each is refused in a sentence that says what it would cost. */

/** Passwords and secrets that stand in documents, compose files and the defaults of servers. */
const PUBLISHED = new Set([
  ...['tandem', 'temporal', 'tandem-demo', 'only-for-trying-out', 'a secret of the tests'],
  ...['secret', 'password', 'postgres', 'guest', 'admin', 'root', 'test', 'changeme', 'change-me'],
]);
/** Signs what moves money: whoever guesses it pays with nothing. Providers' own are longer. */
const SIGNING_CHARACTERS = 16;

/** Secrets that sign webhooks, as lists with the newest first. */
const SIGNING = [
  ...['RAZORPAY_WEBHOOK_SECRET', 'RAZORPAYX_WEBHOOK_SECRET', 'STRIPE_WEBHOOK_SECRET'],
  ...['FLUTTERWAVE_WEBHOOK_SECRET', 'COINBASE_WEBHOOK_SECRET', 'LIVEKIT_API_SECRET'],
];
/** Keys that open an account at somebody's. */
const KEYS = [
  ...['RAZORPAY_KEY_SECRET', 'STRIPE_SECRET_KEY', 'FLUTTERWAVE_SECRET_KEY', 'PAYPAL_CLIENT_SECRET'],
  ...['COINBASE_API_KEY', 'WEB_PUSH_PRIVATE_KEY', 'TEMPORAL_API_KEY', 'TEMPORAL_POSTGRES_PASSWORD', 'ADMIN_PASSWORD'],
];
/** Servers of ours whose URL carries a password. Postgres may know who comes without one; Redis and RabbitMQ do not. */
const SERVERS = [
  { name: 'DATABASE_URL', needsPassword: false },
  { name: 'REDIS_URL', needsPassword: true },
  { name: 'AMQP_URL', needsPassword: true },
];

/** Addresses of a machine itself, and those at which clouds keep what they tell it. */
const OWN = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const) {
  OWN.addSubnet(network, prefix, 'ipv4');
}
for (const address of ['168.63.129.16', '100.100.100.200']) OWN.addAddress(address, 'ipv4');
OWN.addSubnet('::', 127, 'ipv6');
OWN.addSubnet('fe80::', 10, 'ipv6');
OWN.addAddress('fd00:ec2::254', 'ipv6');

/** Of 32 bytes of chance some 30 differ. */
const LEAST_DIFFERENT_BYTES = 16;

/**
 * One sentence for everything of an environment that production is refused for; none outside of production.
 * `opensSecrets`: whether it is of a part that reads secrets in Postgres, and so needs their key.
 */
export function refusalsOf(environment: Environment, { opensSecrets = true } = {}): string[] {
  if (environment.NODE_ENV !== 'production') return [];
  return [
    ...(opensSecrets ? sealing(environment) : []),
    ...byChance('TEMPORAL_CODEC_KEY', keysIn(environment.TEMPORAL_CODEC_KEY)),
    ...openness(environment),
    ...inwards(environment),
    ...SERVERS.flatMap((server) => passwordOf(environment, server)),
    ...secrets(environment),
  ];
}

function openness({ PAYMENT_PROVIDER, SANDBOX_WEBHOOK_SECRET, SANDBOX_BASE_URL, ...rest }: Environment): string[] {
  const sentences: string[] = [];
  if (!PAYMENT_PROVIDER) sentences.push('PAYMENT_PROVIDER is not set: production has to be told who takes its money.');
  if (PAYMENT_PROVIDER === 'sandbox') {
    sentences.push(
      'PAYMENT_PROVIDER is sandbox, which takes anybody’s word for having paid: it cannot be used in production.',
    );
  }
  if (SANDBOX_WEBHOOK_SECRET || SANDBOX_BASE_URL) {
    sentences.push('SANDBOX_WEBHOOK_SECRET and SANDBOX_BASE_URL are the sandbox’s: they cannot be set in production.');
  }
  if (rest.DEMO_ACCOUNTS) sentences.push('DEMO_ACCOUNTS publishes passwords: it cannot be set in production.');
  if (rest.CORS_ORIGIN?.split(',').some((origin) => origin.trim() === '*')) {
    sentences.push('CORS_ORIGIN is *, which lets the pages of any site call the API: name your origins.');
  }
  return sentences;
}

function sealing({ SECRETS_KEY }: Environment): string[] {
  const keys = keysIn(SECRETS_KEY);
  // That it is none is said elsewhere.
  if (keys === null) return [];
  if (keys.length === 0) {
    return [
      'SECRETS_KEY is not set: what signs tokens and webhooks would lie in the database as it is. Make one with `openssl rand -base64 32`, and see docs/upgrading.md where a release before it still runs.',
    ];
  }
  return byChance('SECRETS_KEY', keys);
}

function byChance(name: string, keys: readonly Buffer[] | null): string[] {
  const isGuessed = keys?.some((key) => new Set(key).size < LEAST_DIFFERENT_BYTES);
  return isGuessed ? [`${name} has a key that is not by chance: make one with \`openssl rand -base64 32\`.`] : [];
}

/** A host of an intranet may be meant; this machine and what a cloud tells its machines never are. */
function inwards({ WEBHOOK_ALLOWED_HOSTS }: Environment): string[] {
  const own = partsOf(WEBHOOK_ALLOWED_HOSTS).filter(isOwn);
  if (own.length === 0) return [];
  return [
    `WEBHOOK_ALLOWED_HOSTS has ${own.join(', ')}: whoever registers a webhook would reach what listens on the worker's own machine, or its cloud's metadata.`,
  ];
}

function isOwn(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const family = isIP(name);
  if (family !== 0) return OWN.check(name, family === 4 ? 'ipv4' : 'ipv6');
  return name === 'localhost' || name.endsWith('.localhost') || name.startsWith('metadata.');
}

function keysIn(setting: string | undefined): Buffer[] | null {
  try {
    return readKeysOrPlain(setting || undefined).keys;
  } catch {
    return null;
  }
}

function passwordOf(environment: Environment, { name, needsPassword }: (typeof SERVERS)[number]): string[] {
  const url = environment[name];
  if (!url || !URL.canParse(url)) return [];
  const password = decodeURIComponent(new URL(url).password);
  if (password === '') return needsPassword ? [`${name} has no password: whoever reaches it can write there.`] : [];
  return PUBLISHED.has(password) ? [`The password in ${name} is a published default: choose another.`] : [];
}

function secrets(environment: Environment): string[] {
  const published = [...SIGNING, ...KEYS].filter((name) =>
    partsOf(environment[name]).some((part) => PUBLISHED.has(part)),
  );
  const short = SIGNING.filter(
    (name) => !published.includes(name) && partsOf(environment[name]).some((part) => part.length < SIGNING_CHARACTERS),
  );
  return [
    ...published.map((name) => `${name} is a published default: choose another.`),
    ...short.map(
      (name) => `${name} has fewer than ${SIGNING_CHARACTERS} characters: whoever guesses it writes webhooks.`,
    ),
  ];
}

function partsOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
