import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Pool, sql, type Transaction } from '../../pool.ts';
import { newPeople } from '../../talk/testing/crowd.ts';
import { KEPT, type KeptTable, NOBODYS } from '../kept.ts';

/** Somebody who did everything: of every table that keeps something of people a row of theirs, with a mark in each text. */

const columnRow = z.object({
  table: z.string(),
  name: z.string(),
  type: z.string(),
  given: z.boolean(),
  inKey: z.boolean(),
  labels: z.array(z.string()).nullable(),
  checks: z.array(z.string()).nullable(),
});
export type Column = z.infer<typeof columnRow>;

/** What information_schema and the catalogue say of every column. `given`: by the database, where nobody says it. */
export function listColumns(pool: Pool): Promise<readonly Column[]> {
  return pool.any(sql.type(columnRow)`
    SELECT table_name AS "table", column_name AS name, udt_name AS type,
      (is_nullable = 'YES' OR column_default IS NOT NULL
        OR (is_identity = 'YES' AND table_name NOT IN ('ledger_accounts', 'ledger_transfers'))) AS given,
      EXISTS (
        SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        WHERE indrelid = table_name::text::regclass AND indisunique AND attname = column_name
      ) AS "inKey",
      (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = to_regtype(udt_name::text)) AS labels,
      (SELECT array_agg(pg_get_constraintdef(pg_constraint.oid)) FROM pg_constraint JOIN pg_attribute
        ON pg_attribute.attrelid = conrelid AND attnum = ANY(conkey)
        WHERE contype = 'c' AND conrelid = table_name::text::regclass AND attname = column_name AND cardinality(conkey) = 1) AS checks
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'schema_migrations'
    ORDER BY table_name, ordinal_position
  `);
}

/** What cannot be made out by a column's type. */
const VALUES: Record<string, Record<string, unknown>> = {
  devices: { platform: 'webpush' },
  event_replays: { until_at: '2026-01-02' },
  gift_events: { share: 1, tokens: 1 },
  ledger_entries: { account_id: 900_001, transfer_id: 900_001 },
  ledger_holds: { state: 'voided', returned: 1, ended_at: '2026-01-01' },
  messages: { content: 'text' },
  notification_triggers: { notification_id: (n: number, same: string) => (n === 0 ? same : randomUUID()) },
  outbox: { first_seq: 900, last_seq: 900 },
  payout_pauses: { ended_at: '2026-01-02' },
  payout_statements: { gross: 2 },
  payouts: { gross: 2 },
  questions: { status: 'answered', moved_at: '2026-01-01' },
  reward_rules: { points: 10 },
  rewards: { posting: 'x', points: 10 },
  // Others are in it as well.
  rooms: { many: 2 },
  seats: { role: 'seller' },
  stream_messages: { removed_at: '2026-01-01' },
  stream_openings: { word: 'x' },
  tellings: { until: 2 },
  trading_offers: { price: '1' },
  trading_orders: { held: 0 },
};

/** Of which one row is in a room, and another is not. */
const TWICE = ['members'];

export const markOf = (table: string, column: string): string => `mark-${table}-${column}-end`;

export type Everything = {
  userId: string;
  /** Columns in which there is a mark of theirs, as `table.column`. */
  marked: readonly string[];
};

/** Rows are written as they are, without what refers to what: every id that nobody's is, is the same. */
export async function didEverything(pool: Pool): Promise<Everything> {
  const [userId = '', ...others] = await newPeople(pool, 4);
  const columns = Map.groupBy(await listColumns(pool), ({ table }) => table);
  const same = randomUUID();
  const marked: string[] = [];
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    for (const [table, kept] of Object.entries({ ...rowsOfNobody, ...KEPT })) {
      if (table === 'users') continue;
      const people = Object.keys(kept.people ?? {});
      const rows = Math.max(1, people.length) + (TWICE.includes(table) ? 1 : 0);
      for (let n = 0; n < rows; n++) {
        await insertRow(transaction, table, columns.get(table) ?? [], { kept, n, same, userId, others });
      }
      marked.push(...Object.keys(kept.words ?? {}).map((column) => `${table}.${column}`));
    }
    await transaction.query(sql.typeAlias('void')`
      UPDATE users SET handle = ${markOf('users', 'handle')}, password_hash = ${markOf('users', 'password_hash')},
        external_subject = ${markOf('users', 'external_subject')}, display_name = ${markOf('users', 'display_name')},
        avatar_url = ${markOf('users', 'avatar_url')}, bio = ${markOf('users', 'bio')},
        time_zone = ${markOf('users', 'time_zone')}
      WHERE id = ${userId}
    `);
    marked.push(...Object.keys(KEPT.users?.words ?? {}).map((column) => `users.${column}`));
  });
  return { userId, marked };
}

/** What sections join to. */
const rowsOfNobody: Record<string, KeptTable> = Object.fromEntries(
  NOBODYS.filter((table) => ['captures', 'ledger_entries', 'deliveries'].includes(table)).map((table) => [table, {}]),
);

type Row = { kept: KeptTable; n: number; same: string; userId: string; others: readonly string[] };

async function insertRow(transaction: Transaction, table: string, columns: readonly Column[], row: Row): Promise<void> {
  const record: Record<string, unknown> = {};
  for (const column of columns) {
    const value = cellOf(column, row);
    if (value !== undefined) record[column.name] = value;
  }
  const given = columns.filter(({ name }) => name in record).map(({ name }) => sql.identifier([name]));
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO ${sql.identifier([table])} (${sql.join(given, sql.fragment`, `)}) OVERRIDING SYSTEM VALUE
    SELECT ${sql.join(given, sql.fragment`, `)}
    FROM jsonb_populate_record(NULL::${sql.identifier([table])}, ${JSON.stringify(record)}::jsonb)
  `);
}

/** Undefined: as the database gives it. */
function cellOf({ table, name, type, given, inKey, labels, checks }: Column, row: Row): unknown {
  const { kept, n, same, userId, others } = row;
  const people = Object.keys(kept.people ?? {});
  if (people.includes(name)) return (people[n] ?? people[0]) === name ? userId : others[people.indexOf(name)];
  const own = VALUES[table] ?? {};
  if (name in own) {
    const value = own[name];
    return typeof value === 'function' ? value(n, same) : value;
  }
  if (kept.words && name in kept.words) return wordsOf(n === 0 ? markOf(table, name) : `others ${n}`, type);
  if (type === 'uuid') {
    if (!inKey && given) return isJoined(name) ? same : undefined;
    return n > 0 && inKey ? randomUUID() : same;
  }
  if (given) return undefined;
  if (labels) return labels[0];
  const first = checks?.map((check) => /ARRAY\['([^']*)'/.exec(check)?.[1]).find((value) => value !== undefined);
  if (first !== undefined) return first;
  if (/^(int8)$/.test(type)) return /(^|_)id$/.test(name) ? 900_001 + n : 1 + n;
  if (/^(int2|int4|float8|numeric)$/.test(type)) return 1 + n;
  if (type === 'bool') return false;
  if (type === 'date') return '2026-01-01';
  if (/^timestamp/.test(type)) return '2026-01-01T00:00:00Z';
  if (/^json/.test(type)) return {};
  if (type === 'bytea') return `\\x0${n}`;
  if (type.startsWith('_')) return [];
  return `x${n}`;
}

/** Columns that may be empty, and that sections join by. */
const isJoined = (name: string) => ['order_id', 'capture_id', 'stream_id'].includes(name);

function wordsOf(mark: string, type: string): unknown {
  if (/^json/.test(type)) return { said: mark };
  if (type === 'bytea') return `\\x${Buffer.from(mark).toString('hex')}`;
  if (type.startsWith('_')) return [mark, mark];
  return mark;
}
