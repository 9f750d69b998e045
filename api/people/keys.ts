import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { ensureSigningKey, listSigningKeys, type NewKey, replaceSigningKey } from '#db/people/signingKeys.ts';
import type { Pool } from '#db/pool.ts';
import type { Secrets } from '#db/secrets.ts';

export const ALGORITHM = 'EdDSA';

/** Other processes go on signing with a key that was retired until they read the keys again. */
const REREAD_AFTER_MS = 60_000;
/** A token with an unknown `kid` has the keys read again, but nobody can have them read all the time. */
const REREAD_AT_MOST_EVERY_MS = 5_000;
/** Keys at once: the one that signs, and those whose tokens have not all expired. */
const KEYS_AT_MOST = 20;

type Key = { kid: string; publicJwk: JWK; verify: CryptoKey; sign: CryptoKey | null };

export type KeyRing = {
  /** The key that signs now. */
  signing(): Promise<{ kid: string; key: CryptoKey }>;
  /** The key of this id while tokens of it may be about; null for any other. */
  verifying(kid: string): Promise<CryptoKey | null>;
  /** For `/.well-known/jwks.json`. */
  published(): Promise<JWK[]>;
  /** A new key signs from now on. */
  rotate(): Promise<void>;
};

/**
 * The keys of access tokens, kept in Postgres. The first process that needs one makes it; all others, and all later
 * starts, use the same. They are read lazily: a database that is late is no reason not to start.
 * `verifyFor` is how long tokens of a retired key go on being valid, in ms.
 */
export function createKeyRing(deps: { pool: Pool; secrets: Secrets; now: () => Date; verifyFor: number }): KeyRing {
  let known: { keys: Key[]; readAt: number } | null = null;
  let reading: Promise<Key[]> | null = null;

  const { pool, secrets } = deps;

  async function read(): Promise<Key[]> {
    const now = deps.now();
    const retiredAfter = new Date(now.getTime() - deps.verifyFor - REREAD_AFTER_MS).toISOString();
    let stored = await listSigningKeys(pool, secrets, retiredAfter, KEYS_AT_MOST);
    if (!stored.some((key) => key.retired_at === null)) {
      await ensureSigningKey(pool, secrets, await makeKey(), now.toISOString());
      stored = await listSigningKeys(pool, secrets, retiredAfter, KEYS_AT_MOST);
    }
    const keys = await Promise.all(
      stored.map(async (key) => ({
        kid: key.kid,
        publicJwk: key.public_jwk as JWK,
        verify: (await importJWK(key.public_jwk as JWK, key.algorithm)) as CryptoKey,
        sign: key.private_jwk && ((await importJWK(key.private_jwk as JWK, key.algorithm)) as CryptoKey),
      })),
    );
    known = { keys, readAt: now.getTime() };
    return keys;
  }

  function reread(): Promise<Key[]> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function current(): Promise<Key[]> {
    if (known && deps.now().getTime() - known.readAt < REREAD_AFTER_MS) return known.keys;
    try {
      return await reread();
    } catch (error) {
      // Keys do not change while Postgres is away.
      if (known) return known.keys;
      throw error;
    }
  }

  return {
    async signing() {
      for (const { kid, sign } of await current()) if (sign) return { kid, key: sign };
      throw new Error('there is no signing key');
    },
    async verifying(kid) {
      const find = (keys: Key[]) => keys.find((key) => key.kid === kid)?.verify ?? null;
      const found = find(await current());
      if (found || (known && deps.now().getTime() - known.readAt < REREAD_AT_MOST_EVERY_MS)) return found;
      return find(await reread());
    },
    async published() {
      return (await current()).map((key) => key.publicJwk);
    },
    async rotate() {
      await replaceSigningKey(pool, secrets, await makeKey(), deps.now().toISOString());
      await reread();
    },
  };
}

async function makeKey(): Promise<NewKey> {
  const kid = randomUUID();
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const marks = { kid, alg: ALGORITHM, use: 'sig' };
  return {
    kid,
    algorithm: ALGORITHM,
    private_jwk: { ...(await exportJWK(privateKey)), ...marks },
    public_jwk: { ...(await exportJWK(publicKey)), ...marks },
  };
}
