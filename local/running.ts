import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Pool } from '#db/pool.ts';
import { KeyMissing, noteKeys } from '#db/secretKeys.ts';
import { createSecrets, type Secrets } from '#db/secrets.ts';
import { exitSaying, orExit } from '#program/start.ts';
import type { StackFile } from './home.ts';
import { SECRETS_KEY_FILE } from './settings.ts';

/** DATABASE_URL, or the database of what `npm start` runs here; ends this program with a sentence where there is neither. */
export function runningDatabase(): string {
  return process.env.DATABASE_URL || running('DATABASE_URL').databaseUrl;
}

/**
 * Secrets of that database, as SECRETS_KEY says or what `npm start` runs here keeps them; ends this program with a sentence
 * where something there is sealed under a key that is not there.
 */
export async function runningSecrets(pool: Pool): Promise<Secrets> {
  const file = join(home(), SECRETS_KEY_FILE);
  const isOurs = !process.env.DATABASE_URL && existsSync(file);
  const setting = process.env.SECRETS_KEY || (isOurs ? readFileSync(file, 'utf8').trim() : undefined);
  const secrets = orExit(() => createSecrets(setting));
  try {
    await noteKeys(pool, secrets, new Date().toISOString());
  } catch (error) {
    if (error instanceof KeyMissing) exitSaying(error);
    throw error;
  }
  return secrets;
}

/** The same of TEMPORAL_ADDRESS. */
export function runningTemporal(): string {
  return process.env.TEMPORAL_ADDRESS || running('TEMPORAL_ADDRESS').temporalAddress;
}

function running(setting: string): StackFile {
  return findRunning() ?? nothingRuns(`start Tandem, or set ${setting}`);
}

/** All of what `npm start` runs here; ends this program with a sentence where it runs nothing. */
export function runningHere(): StackFile {
  return findRunning() ?? nothingRuns('start Tandem');
}

/** The same; null where nothing runs. */
export function findRunning(): StackFile | null {
  try {
    return JSON.parse(readFileSync(stackFile(), 'utf8'));
  } catch {
    return null;
  }
}

const home = () => resolve(process.env.TANDEM_HOME || '.tandem');
const stackFile = () => join(home(), 'stack.json');

function nothingRuns(todo: string): never {
  console.error(`Nothing runs here (${stackFile()} is not there): ${todo}.`);
  process.exit(1);
}
