import { namedKeys, readKeysOrPlain, seal, unseal } from '#program/sealing.ts';

/**
 * Secrets of ours as they lie in Postgres: sealed under the newest key of SECRETS_KEY, for one row and column, where they
 * would open something for whoever reads a dump. What was written before there was a key is plain, and read as it is.
 */

/** Where a secret is kept. Sealed for one, it opens in no other. */
export type Cell = { table: string; column: string; id: string };

/** A sentence; which key or row it is about, and nothing of the secret. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

export type Secrets = {
  /** The id of the key that is sealed with; null where secrets are written as they are. */
  readonly sealsWith: string | null;
  /** The ids of all keys that are opened with. */
  readonly opensWith: ReadonlySet<string>;
  seal(cell: Cell, plain: string): string;
  /** SecretUnreadable where it is under a key that is not here, was changed, or was sealed for another cell. */
  open(cell: Cell, kept: string): string;
};

const MARK = 'sealed:';
/** No secret of ours begins so: those of endpoints do with `whsec_`, and what is JSON with a brace. */
const SEALED = /^sealed:([0-9a-f]{12}):([A-Za-z0-9+/]+=*)$/;

/** As SECRETS_KEY says: see `readKeysOrPlain`. RangeError where it says no keys. */
export function createSecrets(setting?: string): Secrets {
  const { keys, seals } = readKeysOrPlain(setting);
  const known = namedKeys(keys, 'tandem secrets key');
  const newest = seals ? known[0] : undefined;
  return {
    sealsWith: newest?.id ?? null,
    opensWith: new Set(known.map(({ id }) => id)),
    seal(cell, plain) {
      if (!newest) return plain;
      return `${MARK}${newest.id}:${seal(Buffer.from(plain), newest, aboutOf(cell)).toString('base64')}`;
    },
    open(cell, kept) {
      if (!isSealed(kept)) return kept;
      const [, id, sealed = ''] = SEALED.exec(kept) ?? [];
      const key = known.find((each) => each.id === id);
      if (!key)
        throw new SecretUnreadable(`${nameOf(cell)} is sealed under the key ${id}, which SECRETS_KEY does not have`);
      try {
        return unseal(Buffer.from(sealed, 'base64'), key, aboutOf(cell)).toString();
      } catch {
        throw new SecretUnreadable(`${nameOf(cell)} was not sealed for this row and column, or was changed`);
      }
    },
  };
}

function isSealed(kept: string): boolean {
  return kept.startsWith(MARK);
}

/** The key it is sealed under; null where it is plain. */
export function keyIdOf(kept: string): string | null {
  return isSealed(kept) ? (SEALED.exec(kept)?.[1] ?? '') : null;
}

const aboutOf = ({ table, column, id }: Cell): string => JSON.stringify([table, column, id]);
const nameOf = ({ table, column, id }: Cell): string => `${table}.${column} of ${id}`;

/** For a column of JSON, as its text: what is sealed is one string there, and a plain value of ours never is. */
export function sealJson(secrets: Secrets, cell: Cell, value: unknown): string {
  const text = JSON.stringify(value);
  return secrets.sealsWith === null ? text : JSON.stringify(secrets.seal(cell, text));
}

export function openJson(secrets: Secrets, cell: Cell, kept: unknown): unknown {
  return typeof kept === 'string' ? JSON.parse(secrets.open(cell, kept)) : kept;
}

/** For a column of bytes, of which plain ones are of this many. */
const PLAIN_BYTES = 32;

export function sealBytes(secrets: Secrets, cell: Cell, plain: Buffer): Buffer {
  return secrets.sealsWith === null ? plain : Buffer.from(secrets.seal(cell, plain.toString('base64')));
}

export function openBytes(secrets: Secrets, cell: Cell, kept: Buffer): Buffer {
  return kept.length === PLAIN_BYTES ? kept : Buffer.from(secrets.open(cell, kept.toString()), 'base64');
}
