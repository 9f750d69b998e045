import { z } from 'zod';
import type { PAYMENT_SETTINGS } from '#payments/providers.ts';
import { type Environment, port, readSettings, sharedSettings, text, withoutEmpty } from '#program/settings.ts';

/** What the worker reads, beside the payment providers' settings. */
export const configSchema = z.object({
  ...sharedSettings,
  TEMPORAL_ADDRESS: text
    .default('127.0.0.1:7233')
    .describe('The Temporal server, as host:port; read by the worker alone'),
  TEMPORAL_NAMESPACE: text.default('default').describe('Its namespace; read by the worker alone'),
  TEMPORAL_TASK_QUEUE: text.default('tandem').describe('The queue that workflows are started on and workers poll'),
  WORKER_HOST: text.default('127.0.0.1').describe('The address that the worker answers its probes on'),
  WORKER_PORT: port.default(3001).describe('Where the worker answers /livez, /readyz and /metrics; 0 takes a free one'),
});

export type Config = z.output<typeof configSchema> & {
  payments: Partial<Record<(typeof PAYMENT_SETTINGS)[number], string>>;
};

/** Reads the configuration from an environment. Throws ConfigInvalid. */
export function readConfig(environment: Environment): Config {
  return { ...readSettings(configSchema, environment), payments: withoutEmpty(environment) };
}
