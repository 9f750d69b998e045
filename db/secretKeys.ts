import { z } from 'zod';
import { type Executor, sql } from './pool.ts';
import type { Secrets } from './secrets.ts';

/** Which keys secrets in this database are sealed under: noted before the first is, crossed out when none is any more. */

/** A sentence for whoever starts a program that could not open what lies here. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
}

const AT_MOST = 100;
const keyRow = z.object({ id: z.string() });

/**
 * To be asked before a program is of use: notes the key that it seals with. KeyMissing where something may be sealed
 * under one that it does not have; nothing is noted then.
 */
export async function noteKeys(executor: Executor, secrets: Secrets, now: string): Promise<void> {
  const noted = await executor.any(sql.type(keyRow)`SELECT id FROM secret_keys ORDER BY since LIMIT ${AT_MOST}`);
  const missing = noted.map(({ id }) => id).filter((id) => !secrets.opensWith.has(id));
  if (missing.length > 0) {
    throw new KeyMissing(
      `SECRETS_KEY lacks the key ${missing.join(' and the key ')}, which secrets in this database are sealed under: set it beside the others, the newest first.`,
    );
  }
  if (secrets.sealsWith === null) return;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO secret_keys (id, since) VALUES (${secrets.sealsWith}, ${now}::timestamptz) ON CONFLICT DO NOTHING
  `);
}

/** Nothing is sealed under any other key than this, or under none. */
export async function forgetOtherKeys(executor: Executor, keyId: string | null): Promise<void> {
  await executor.query(sql.typeAlias('void')`DELETE FROM secret_keys WHERE id IS DISTINCT FROM ${keyId}`);
}
