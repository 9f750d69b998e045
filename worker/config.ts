import { z } from 'zod';
import type { PAYMENT_SETTINGS } from '#payments/providers.ts';
import type { PriceSettings } from '#prices/feeds.ts';
import { readKeys } from '#program/sealing.ts';
import {
  type Environment,
  isReadBy,
  port,
  readSettings,
  sharedSettings,
  text,
  wholeNumber,
  withoutEmpty,
} from '#program/settings.ts';
import type { PUSH_SETTINGS } from '#push/services.ts';
import { DEFAULT_PATIENCE, type Patience } from '#workflows/process/patience.ts';
import { DEPLOYMENT } from './cluster.ts';
import { DEFAULT_ROOM, type Room } from './temporal.ts';

const count = wholeNumber.min(1, 'is below 1');

/** What the worker reads, beside the settings of payment providers and of push services. */
export const configSchema = z.object({
  ...sharedSettings,
  TEMPORAL_ADDRESS: text
    .default('127.0.0.1:7233')
    .describe('The Temporal server, as host:port; read by the worker alone'),
  TEMPORAL_NAMESPACE: text.default('default').describe('Its namespace; the API reads it for links'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
    .optional()
    .describe('How others reach this deployment, without a slash at the end; by default the address it listens on'),
  TEMPORAL_TASK_QUEUE: text.default('tandem').describe('The queue that workflows are started on and workers poll'),
  WORKER_HOST: text.default('127.0.0.1').describe('The address that the worker answers its probes on'),
  TEMPORAL_CODEC_KEY: text
    .refine(isReadBy(readKeys), 'is not 32 bytes in base64, or several such with commas between')
    .optional()
    .describe('Encrypts what Temporal keeps (AES-256-GCM): 32 bytes in base64; several, the newest first, with commas'),
  TEMPORAL_CODEC_ORIGIN: text
    .regex(/^https?:\/\/[^/\s]+$/, 'is not an origin such as https://temporal.example')
    .optional()
    .describe(
      "The Web UI's origin: its pages may have the worker decode what is encrypted, at /codec, for an administrator. Nobody's by default",
    ),
  TEMPORAL_WORKER_BUILD_ID: text
    .optional()
    .describe(
      'The release that this worker is, for Temporal to give workflows to the one in use: see To release in operators.md',
    ),
  TEMPORAL_DEPLOYMENT_NAME: text
    .regex(/^[^.:]+$/, 'has a dot or a colon')
    .default(DEPLOYMENT)
    .describe('What the workers of all releases are called together'),
  WORKER_WORKFLOW_SLOTS: count
    .default(DEFAULT_ROOM.workflowSlots)
    .describe('Workflow tasks at once; one that waits for a transaction holds its slot meanwhile'),
  WORKER_ACTIVITY_SLOTS: count.default(DEFAULT_ROOM.activitySlots).describe('Activities at once, of our own'),
  WORKER_POLLS: count.default(DEFAULT_ROOM.polls).describe('Polls for workflow tasks that wait at the server'),
  WORKER_CACHED_WORKFLOWS: count
    .default(DEFAULT_ROOM.cached)
    .describe('Workflows held in memory, some 500 KB each; another is replayed when it is needed'),
  WORKER_GRACE_MS: wholeNumber
    .min(0, 'is below 0')
    .max(4_000, 'is above 4000')
    .default(DEFAULT_ROOM.graceMs)
    .describe('What is under way when a worker ends has so long'),
  PROVIDER_SLOTS: count.default(DEFAULT_ROOM.providerSlots).describe('Calls to one payment provider at once'),
  PROVIDER_CALLS_PER_SECOND: z.coerce
    .number('is not a number')
    .positive('is not above 0')
    .default(DEFAULT_ROOM.providerRate)
    .describe('Calls to one payment provider a second, of all workers together'),
  ORDER_WAIT_SECONDS: wholeNumber
    .min(0, 'is below 0')
    .default(DEFAULT_PATIENCE.orderMs / 1_000)
    .describe('So long a deadline that has passed waits for the provider to say whether the open order was paid'),
  TRIES_BEFORE_ATTENTION: count
    .default(DEFAULT_PATIENCE.ownTries)
    .describe('So often one of our own transactions is tried before an operator is called, some 2 minutes at 7'),
  AMQP_URL: z
    .url({ protocol: /^amqps?$/, error: 'is not an amqp:// URL' })
    .optional()
    .describe('RabbitMQ, which other services hear of credits and boosts by; read by the worker alone'),
  WEBHOOK_ALLOWED_HOSTS: text
    .optional()
    .describe(
      'Hosts that webhooks may go to wherever they are, and by http, with commas between: for tests and intranets. Production refuses those of the worker itself and of clouds’ metadata',
    ),
  WORKER_PORT: port.default(3001).describe('Where the worker answers /livez, /readyz and /metrics; 0 takes a free one'),
});

export type Config = z.output<typeof configSchema> & {
  payments: Partial<Record<(typeof PAYMENT_SETTINGS)[number], string>>;
  push: Partial<Record<(typeof PUSH_SETTINGS)[number], string>>;
  prices: PriceSettings;
};

/** How much the worker does at once. */
export function roomOf(config: Config): Room {
  return {
    workflowSlots: config.WORKER_WORKFLOW_SLOTS,
    activitySlots: config.WORKER_ACTIVITY_SLOTS,
    providerSlots: config.PROVIDER_SLOTS,
    providerRate: config.PROVIDER_CALLS_PER_SECOND,
    polls: config.WORKER_POLLS,
    cached: config.WORKER_CACHED_WORKFLOWS,
    graceMs: config.WORKER_GRACE_MS,
  };
}

/** What workflows are begun with, where it is not what they have of themselves: what is usual need not stand in histories. */
export function patienceOf(config: Config): Partial<Patience> | undefined {
  const set = { ownTries: config.TRIES_BEFORE_ATTENTION, orderMs: config.ORDER_WAIT_SECONDS * 1_000 };
  const isUsual = set.ownTries === DEFAULT_PATIENCE.ownTries && set.orderMs === DEFAULT_PATIENCE.orderMs;
  return isUsual ? undefined : set;
}

/** Reads the configuration from an environment. Throws ConfigInvalid. */
export function readConfig(environment: Environment): Config {
  const set = withoutEmpty(environment);
  return { ...readSettings(configSchema, environment, contradictions), payments: set, push: set, prices: set };
}

function contradictions(config: z.output<typeof configSchema>): string[] {
  if (!config.TEMPORAL_CODEC_ORIGIN || (config.TEMPORAL_CODEC_KEY && config.PUBLIC_URL)) return [];
  return [
    'TEMPORAL_CODEC_ORIGIN needs TEMPORAL_CODEC_KEY and PUBLIC_URL: there is nothing to decode, or nobody to ask who signs in.',
  ];
}
