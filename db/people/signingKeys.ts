import { z } from 'zod';
import { type Executor, type Pool, sql } from '../pool.ts';
import { openJson, type Secrets, sealJson } from '../secrets.ts';

/** Keys that sign access tokens: made once, shared by every API process, and kept while tokens of theirs are about. */

const jwk = z.record(z.string(), z.unknown());

const keyRow = z.object({
  kid: z.string(),
  algorithm: z.string(),
  /** As it is kept; see `cellOf`. */
  private_jwk: z.unknown(),
  public_jwk: jwk,
  created_at: z.string(),
  retired_at: z.string().nullable(),
});
type Jwk = z.infer<typeof jwk>;
/** `private_jwk`: of the one that signs; those before it only verify. */
export type StoredKey = Omit<z.infer<typeof keyRow>, 'private_jwk'> & { private_jwk: Jwk | null };
export type NewKey = Pick<StoredKey, 'kid' | 'algorithm' | 'public_jwk'> & { private_jwk: Jwk };

const cellOf = (kid: string) => ({ table: 'signing_keys', column: 'private_jwk', id: kid });

/** Any number, the same in every process: who holds this lock may change which key signs. */
const SIGNING_KEYS_LOCK = 7_261_101;

/** Whoever comes first makes the first key; two processes that start at once end up with the same one. */
export async function ensureSigningKey(pool: Pool, secrets: Secrets, made: NewKey, at: string): Promise<void> {
  await pool.transaction(async (transaction) => {
    await lockSigningKeys(transaction);
    const signing = await transaction.maybeOneFirst(sql.type(z.object({ kid: z.string() }))`
      SELECT kid FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 1
    `);
    if (signing === null) await insertSigningKey(transaction, secrets, made, at);
  });
}

/** From now on this key signs; those before it only verify. */
export async function replaceSigningKey(pool: Pool, secrets: Secrets, made: NewKey, at: string): Promise<void> {
  await pool.transaction(async (transaction) => {
    await lockSigningKeys(transaction);
    await transaction.query(sql.typeAlias('void')`
      UPDATE signing_keys SET retired_at = ${at} WHERE retired_at IS NULL
    `);
    await insertSigningKey(transaction, secrets, made, at);
  });
}

async function lockSigningKeys(executor: Executor): Promise<void> {
  await executor.query(sql.unsafe`SELECT pg_advisory_xact_lock(${SIGNING_KEYS_LOCK})`);
}

async function insertSigningKey(executor: Executor, secrets: Secrets, key: NewKey, at: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO signing_keys (kid, algorithm, private_jwk, public_jwk, created_at)
    VALUES (${key.kid}, ${key.algorithm}, ${sealJson(secrets, cellOf(key.kid), key.private_jwk)}::jsonb,
      ${JSON.stringify(key.public_jwk)}::jsonb, ${at})
  `);
}

/** Keys in use, and those that were retired after an instant; the one that signs comes first. */
export async function listSigningKeys(
  executor: Executor,
  secrets: Secrets,
  retiredAfter: string,
  limit: number,
): Promise<readonly StoredKey[]> {
  const kept = await executor.any(sql.type(keyRow)`
    SELECT kid, algorithm, private_jwk, public_jwk, created_at, retired_at
    FROM signing_keys
    WHERE retired_at IS NULL OR retired_at > ${retiredAfter}
    ORDER BY retired_at DESC NULLS FIRST, created_at DESC
    LIMIT ${limit}
  `);
  return kept.map(({ private_jwk, ...key }) => ({
    ...key,
    private_jwk: key.retired_at === null ? (openJson(secrets, cellOf(key.kid), private_jwk) as Jwk) : null,
  }));
}
