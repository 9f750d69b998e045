import { configSchema as apiSchema } from '#api/config.ts';
import { PAYMENT_SETTINGS, WEBHOOK_SETTINGS } from '#payments/providers.ts';
import { PRICE_SETTINGS } from '#prices/feeds.ts';
import { PUSH_SETTINGS } from '#push/services.ts';
import { configSchema as workerSchema } from '#worker/config.ts';

/** The settings that the code reads, for tests of who is given which of them. */

type Part = 'api' | 'worker';

const SECRET = /SECRET|PASSWORD|SERVICE_ACCOUNT|_KEY(_ID)?$|_CLIENT_ID$|_WEBHOOK_ID$|^(DATABASE|REDIS|AMQP)_URL$/;
/** Browsers are told it. */
const PUBLIC = 'WEB_PUSH_PUBLIC_KEY';

/** What an API can do without, where it is told what is pushed to and the first administrator is the migrations'. */
const OF_OTHERS = new Set<string>(['FCM_SERVICE_ACCOUNT', 'WEB_PUSH_PRIVATE_KEY', 'ADMIN_HANDLE', 'ADMIN_PASSWORD']);

export const isSecret = (name: string): boolean => SECRET.test(name) && name !== PUBLIC;

const webhooks: readonly string[] = WEBHOOK_SETTINGS;

/** What each part has a use for. */
export const SETTINGS_OF: Readonly<Record<Part, readonly string[]>> = {
  api: Object.keys(apiSchema.shape).filter((name) => !OF_OTHERS.has(name)),
  worker: [
    ...new Set<string>([
      ...[...Object.keys(workerSchema.shape), ...PAYMENT_SETTINGS, ...PUSH_SETTINGS, ...PRICE_SETTINGS],
    ]),
  ].filter((name) => !webhooks.includes(name)),
};

export const secretsOf = (part: Part): string[] => SETTINGS_OF[part].filter(isSecret).sort();
