import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';

/** What `npm start` itself reads from the environment; the rest goes on to the programs as it is. */
export interface Settings {
  readonly home: string;
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly amqpUrl: string | null;
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string;
  readonly temporalUi: string | null;
  /** Where the worker answers its probes; null for any free port. */
  readonly workerPort: number | null;
  readonly workerHost: string;
}

/** A sentence for the user; no stack trace goes with it. */
export class SettingInvalid extends Error {
  override readonly name = 'SettingInvalid';
}

/** Reads them from an environment; what is set but empty counts as not set. Throws `SettingInvalid`. */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<Settings> {
  const given = (name: string) => environment[name] || null;
  return {
    home: resolve(given('TANDEM_HOME') ?? fileURLToPath(new URL('../.tandem', import.meta.url))),
    port: readPort('PORT', given('PORT') ?? '3000') || (await freePort()),
    host: given('HOST') ?? '127.0.0.1',
    databaseUrl: given('DATABASE_URL'),
    redisUrl: given('REDIS_URL'),
    amqpUrl: given('AMQP_URL'),
    temporalAddress: given('TEMPORAL_ADDRESS'),
    temporalNamespace: given('TEMPORAL_NAMESPACE') ?? 'default',
    temporalUi: given('TEMPORAL_UI_URL'),
    workerPort: readPort('WORKER_PORT', given('WORKER_PORT') ?? '0') || null,
    workerHost: given('WORKER_HOST') ?? '127.0.0.1',
  };
}

function readPort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535)
    throw new SettingInvalid(`${name} is "${text}": it has to be a number up to 65535.`);
  return port;
}

/** The home that a command beside `npm start` is about. */
export function homeHere(): string {
  return resolve(process.env.TANDEM_HOME || '.tandem');
}

/** Where a home keeps the key of the secrets in its database. */
export const SECRETS_KEY_FILE = 'secrets-key';

/** A secret that this home makes once and keeps; 32 random bytes as text. */
export function keptSecret(file: string): string {
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(32).toString('base64url'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, 'utf8').trim();
}
