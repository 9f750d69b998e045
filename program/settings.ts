import { z } from 'zod';
import { refusalsOf } from './production.ts';
import { readKeysOrPlain } from './sealing.ts';

/** How a program of ours reads its environment, and the settings that all of them have. */

export const text = z.string().min(1, 'is empty');
export const wholeNumber = z.coerce.number('is not a number').int('is not a whole number');
export const port = wholeNumber.min(0, 'is below 0').max(65_535, 'is above 65535');

export const sharedSettings = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe(
      'In production the sandbox, demo accounts, default secrets and an open CORS are refused at the start, and what `npm start` has for trying things out is not there',
    ),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' })
    .describe('Postgres 18. `npm start` runs one of its own where this is not set'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// URL' })
    .optional()
    .describe('Redis or Valkey. Without it, or while it is away, everything but live events between processes works'),
  SECRETS_KEY: text
    .refine(isReadBy(readKeysOrPlain), 'is not 32 bytes in base64, or several such with commas between')
    .optional()
    .describe(
      'Seals the secrets that lie in Postgres (AES-256-GCM): 32 bytes in base64; several, the newest first, with commas. `plain` in front of them seals nothing and reads all: see Secrets in operators.md. `npm start` makes one of its own',
    ),
  SYSTEM_USER_ID: z
    .uuid('is not a UUID')
    .default('00000000-0000-0000-0000-000000000000')
    .describe('The account that system messages come from'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('From which level on log lines are written'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
    .optional()
    .describe(
      'Where traces are sent by OTLP over HTTP, without the path; none are made by default. What else OpenTelemetry’s own variables say of the exporter and the batches holds too: see Traces in operators.md',
    ),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'])
    .default('http/protobuf')
    .describe('How traces are encoded'),
  OTEL_SERVICE_NAME: text
    .optional()
    .describe('What a program is called in traces; tandem-api and tandem-worker by default'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      ...(['always_on', 'always_off', 'traceidratio', 'parentbased_always_on'] as const),
      ...(['parentbased_always_off', 'parentbased_traceidratio'] as const),
    ])
    .default('parentbased_always_on')
    .describe('Which traces are kept'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('is not a number')
    .min(0, 'is below 0')
    .max(1, 'is above 1')
    .optional()
    .describe('Of the samplers that take a ratio: how many of all, such as 0.01; all by default'),
};

/** Whether a setting is what its reader takes, which throws for what is none. */
export function isReadBy(read: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      read(text);
      return true;
    } catch {
      return false;
    }
  };
}

export type Environment = Record<string, string | undefined>;

/** What is wrong with the environment: one sentence per variable. */
export class ConfigInvalid extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'ConfigInvalid';
    this.sentences = sentences;
  }
}

/**
 * An environment as its schema sees it; a variable that is set but empty counts as not set. Throws ConfigInvalid, with
 * what `contradictions` finds between variables that are each right, and what production is refused for.
 */
export function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  contradictions: (settings: z.output<Schema>) => string[] = () => [],
): z.output<Schema> {
  const given = withoutEmpty(environment);
  const result = schema.safeParse(given);
  if (!result.success) throw new ConfigInvalid(result.error.issues.map((issue) => sentence(issue, given)));
  const sentences = [...contradictions(result.data), ...refusalsOf(given)];
  if (sentences.length > 0) throw new ConfigInvalid(sentences);
  return result.data;
}

export function withoutEmpty(environment: Environment): Record<string, string> {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(set) as Record<string, string>;
}

function sentence(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  if (!(name in given)) return `${name} is not set.`;
  if (issue.code === 'invalid_value') return `${name} can be ${issue.values.join(', ')}.`;
  return `${name} ${issue.message}.`;
}
