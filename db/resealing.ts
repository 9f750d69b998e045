import { z } from 'zod';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';
import { cellOfAnswer } from './process/answers.ts';
import { forgetOtherKeys } from './secretKeys.ts';
import {
  type Cell,
  keyIdOf,
  openBytes,
  openJson,
  type Secrets,
  SecretUnreadable,
  sealBytes,
  sealJson,
} from './secrets.ts';

/**
 * Brings every secret that lies here under the newest key, or makes it plain where nothing is to be sealed: what was
 * written before there was a key, and what is under an older one. Some rows at a time, in a transaction each, so that it
 * may be broken off and begun again; rows that somebody has locked are left for the next round.
 */

const AT_ONCE = 500;
/** Of answers, most of which show no secret. */
const LOOKED_THROUGH = 10_000;
/** At most, until nothing is left that somebody had locked. */
const ROUNDS = 5;

/** A secret as its column has it, as text. */
type Kept = { cell: Cell; kept: string };
/** `next`: what the next chunk comes after; null where this was the last one. */
type Chunk = { rows: readonly Kept[]; next: string | null };

type Column = {
  /** `locks`: theirs alone until the transaction is over, without those that are locked. */
  read(executor: Executor, after: string | null, locks: boolean): Promise<Chunk>;
  write(transaction: Transaction, rows: readonly Kept[]): Promise<void>;
  /** The key that it is sealed under; null where it is plain. */
  keyId(kept: string): string | null;
  reseal(secrets: Secrets, row: Kept): string;
};

const SKIP_LOCKED = sql.fragment`FOR NO KEY UPDATE SKIP LOCKED`;
const NO_LOCK = sql.fragment``;
const texts = (all: readonly string[]) => sql.array([...all], 'text');

const FORMS = {
  text: {
    read: (column: Identifier) => sql.fragment`${column}`,
    write: sql.fragment`sealed.kept`,
    keyId: keyIdOf,
    reseal: (secrets: Secrets, { cell, kept }: Kept) => secrets.seal(cell, secrets.open(cell, kept)),
  },
  json: {
    read: (column: Identifier) => sql.fragment`${column}::text`,
    write: sql.fragment`sealed.kept::jsonb`,
    keyId(kept: string) {
      const value: unknown = JSON.parse(kept);
      return typeof value === 'string' ? keyIdOf(value) : null;
    },
    reseal: (secrets: Secrets, { cell, kept }: Kept) =>
      sealJson(secrets, cell, openJson(secrets, cell, JSON.parse(kept))),
  },
  bytes: {
    read: (column: Identifier) => sql.fragment`encode(${column}, 'hex')`,
    write: sql.fragment`decode(sealed.kept, 'hex')`,
    keyId: (kept: string) => keyIdOf(Buffer.from(kept, 'hex').toString()),
    reseal: (secrets: Secrets, { cell, kept }: Kept) =>
      sealBytes(secrets, cell, openBytes(secrets, cell, Buffer.from(kept, 'hex'))).toString('hex'),
  },
};
type Identifier = ReturnType<typeof sql.identifier>;

const keptRow = z.object({ id: z.string(), kept: z.string().nullable() });

/** A column of a table whose key is one column. */
function columnOf(
  [table, column]: readonly [string, string],
  key: { name: string; type: 'uuid' | 'text' },
  form: keyof typeof FORMS,
): Column {
  const [from, at, id] = [sql.identifier([table]), sql.identifier([column]), sql.identifier([key.name])];
  const type = sql.identifier([key.type]);
  const { read, write, keyId, reseal } = FORMS[form];
  return {
    async read(executor, after, locks) {
      const beyond = after === null ? sql.fragment`TRUE` : sql.fragment`${id} > ${after}::${type}`;
      const found = await executor.any(sql.type(keptRow)`
        SELECT ${id}::text AS id, ${read(at)} AS kept FROM ${from} WHERE ${beyond}
        ORDER BY ${id} LIMIT ${AT_ONCE} ${locks ? SKIP_LOCKED : NO_LOCK}
      `);
      const rows = found.flatMap((row) =>
        row.kept === null ? [] : [{ cell: { table, column, id: row.id }, kept: row.kept }],
      );
      return { rows, next: found.length < AT_ONCE ? null : (found.at(-1)?.id ?? null) };
    },
    async write(transaction, rows) {
      await transaction.query(sql.typeAlias('void')`
        UPDATE ${from} SET ${at} = ${write}
        FROM unnest(${texts(rows.map(({ cell }) => cell.id))}, ${texts(rows.map(({ kept }) => kept))})
          AS sealed (id, kept)
        WHERE ${from}.${id} = sealed.id::${type}
      `);
    },
    keyId,
    reseal,
  };
}

const answerRow = z.object({ account_id: z.string(), path: z.string(), key: z.string() });
type AnswerRow = z.infer<typeof answerRow>;
const keptAnswerRow = answerRow.extend({ kept: z.string() });

/** Answers on these paths: they show a secret. `paths`: a regular expression of Postgres'. */
function answersAt(paths: string): Column {
  return {
    ...FORMS.json,
    async read(executor, after, locks) {
      const from = after === null ? null : (JSON.parse(after) as AnswerRow);
      const beyond = from
        ? sql.fragment`(account_id, path, key) > (${from.account_id}::uuid, ${from.path}, ${from.key})`
        : sql.fragment`TRUE`;
      const last = await executor.maybeOne(sql.type(answerRow)`
        SELECT account_id, path, key FROM answers WHERE ${beyond}
        ORDER BY account_id, path, key OFFSET ${LOOKED_THROUGH - 1} LIMIT 1
      `);
      const within = last
        ? sql.fragment`(account_id, path, key) <= (${last.account_id}::uuid, ${last.path}, ${last.key})`
        : sql.fragment`TRUE`;
      const found = await executor.any(sql.type(keptAnswerRow)`
        SELECT account_id, path, key, answer::text AS kept FROM answers
        WHERE ${beyond} AND ${within} AND path ~ ${paths}
        ORDER BY account_id, path, key ${locks ? SKIP_LOCKED : NO_LOCK}
      `);
      return { rows: found.map(keptAnswer), next: last && JSON.stringify(last) };
    },
    async write(transaction, rows) {
      const keys = rows.map(({ cell }) => JSON.parse(cell.id) as [string, string, string]);
      await transaction.query(sql.typeAlias('void')`
        UPDATE answers SET answer = sealed.kept::json
        FROM unnest(${texts(keys.map(([account]) => account))}, ${texts(keys.map(([, path]) => path))},
          ${texts(keys.map(([, , key]) => key))}, ${texts(rows.map(({ kept }) => kept))})
          AS sealed (account_id, path, key, kept)
        WHERE answers.account_id = sealed.account_id::uuid AND answers.path = sealed.path AND answers.key = sealed.key
      `);
    },
  };
}

function keptAnswer({ account_id: accountId, path, key, kept }: z.infer<typeof keptAnswerRow>): Kept {
  return { cell: cellOfAnswer({ accountId, path, key }), kept };
}

const BY_ID = { name: 'id', type: 'uuid' } as const;
/** Every column that has secrets in it, but answers. */
const COLUMNS: readonly Column[] = [
  columnOf(['signing_keys', 'private_jwk'], { name: 'kid', type: 'text' }, 'json'),
  columnOf(['webhook_endpoints', 'secret'], BY_ID, 'text'),
  columnOf(['webhook_endpoints', 'old_secret'], BY_ID, 'text'),
  columnOf(['webhook_endpoints', 'headers'], BY_ID, 'json'),
  columnOf(['sessions', 'secret'], BY_ID, 'bytes'),
];

export type Resealed = {
  /** Secrets that were written anew. */
  written: number;
  /** Those that were not, as somebody kept them locked: to be asked for again. */
  left: number;
  /** A sentence for each that could not be opened, and so is as it was. */
  unreadable: readonly string[];
};

/**
 * `answers`: on which paths answers show a secret; `onChunk`: after each transaction, with how many were written in it.
 * When nothing is left, keys that are not needed any more are no longer asked for.
 */
export async function resealAll(
  pool: Pool,
  secrets: Secrets,
  { answers, onChunk = () => {} }: { answers: string; onChunk?: (written: number) => void },
): Promise<Resealed> {
  const columns = [...COLUMNS, answersAt(answers)];
  const unreadable = new Set<string>();
  let written = 0;
  let left = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const column of columns) {
      for await (const many of resealColumn(pool, secrets, column, unreadable)) {
        written += many;
        onChunk(many);
      }
    }
    left = 0;
    for (const column of columns) left += await countOthers(pool, secrets, column);
    left -= unreadable.size;
    if (left <= 0) break;
  }
  if (left <= 0 && unreadable.size === 0) await forgetOtherKeys(pool, secrets.sealsWith);
  return { written, left: Math.max(left, 0), unreadable: [...unreadable] };
}

/** Goes through a column once; yields how many were written after each transaction. */
async function* resealColumn(pool: Pool, secrets: Secrets, column: Column, unreadable: Set<string>) {
  let after: string | null = null;
  do {
    const { rows, next } = await pool.transaction(async (transaction): Promise<Chunk> => {
      const found = await column.read(transaction, after, true);
      const others = found.rows.filter(({ kept }) => column.keyId(kept) !== secrets.sealsWith);
      const anew = others.flatMap((row) => {
        try {
          return [{ ...row, kept: column.reseal(secrets, row) }];
        } catch (error) {
          if (!(error instanceof SecretUnreadable)) throw error;
          unreadable.add(error.message);
          return [];
        }
      });
      if (anew.length > 0) await column.write(transaction, anew);
      return { rows: anew, next: found.next };
    });
    yield rows.length;
    after = next;
  } while (after !== null);
}

/** How many are not as they are to be. */
async function countOthers(pool: Pool, secrets: Secrets, column: Column): Promise<number> {
  let many = 0;
  let after: string | null = null;
  do {
    const { rows, next }: Chunk = await column.read(pool, after, false);
    many += rows.filter(({ kept }) => column.keyId(kept) !== secrets.sealsWith).length;
    after = next;
  } while (after !== null);
  return many;
}
