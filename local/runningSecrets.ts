import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '#db/pool.ts';
import { KeyMissing, noteKeys } from '#db/secretKeys.ts';
import { createSecrets, type Secrets } from '#db/secrets.ts';
import { exitSaying, orExit } from '#program/start.ts';
import { homeHere, SECRETS_KEY_FILE } from './settings.ts';

/**
 * Secrets of the database that `runningDatabase` names, as SECRETS_KEY says or what `npm start` runs here keeps them; ends
 * this program with a sentence where something there is sealed under a key that is not there.
 */
export async function runningSecrets(pool: Pool): Promise<Secrets> {
  const file = join(homeHere(), SECRETS_KEY_FILE);
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
