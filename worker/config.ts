import { z } from 'zod';
import type { PAYMENT_SETTINGS } from '#payments/providers.ts';

const text = z.string().min(1, 'is empty');

/** What the worker reads from the environment, beside the payment providers' settings. */
export const configSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' }).describe('Postgres 18'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// URL' })
    .optional()
    .describe('Where bells ring; without it the sweep finds everything within two seconds'),
  TEMPORAL_ADDRESS: text.default('127.0.0.1:7233').describe('host:port of the Temporal server'),
  TEMPORAL_NAMESPACE: text.default('default').describe('Its namespace'),
  TEMPORAL_TASK_QUEUE: text.default('tandem').describe('The queue that workflows are started on and workers poll'),
  SYSTEM_USER_ID: z
    .uuid('is not a UUID')
    .default('00000000-0000-0000-0000-000000000000')
    .describe('The account that system messages come from'),
  WORKER_HOST: text.default('127.0.0.1').describe('The address that the worker answers its probes on'),
  WORKER_PORT: z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(0, 'is below 0')
    .max(65_535, 'is above 65535')
    .default(3001)
    .describe('Where the worker answers /livez, /readyz and /metrics; 0 takes a free one'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('From which level on lines are written'),
});

export type Config = z.output<typeof configSchema> & {
  payments: Partial<Record<(typeof PAYMENT_SETTINGS)[number], string>>;
};

/** Throws an Error with one sentence per variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = configSchema.safeParse(given);
  if (!result.success) {
    throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`).join('\n'));
  }
  return { ...result.data, payments: given };
}
