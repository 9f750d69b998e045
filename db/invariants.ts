import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { keepChecksOf, noteChecks, nowOf } from './operation/books.ts';
import { type Executor, type Pool, sql } from './pool.ts';

/** A query of a room's invariants.sql: its name, what it says in a sentence, and its text. */
export type Named = { kind: 'invariant' | 'report'; name: string; meaning: string; query: string };

const HEADING = /^-- (invariant|report): (\w+)$/;

/** Reads a text into its queries. Throws on a heading without a sentence or a query. */
function parseQueries(text: string): readonly Named[] {
  const found: Named[] = [];
  for (const part of text.split(/^(?=-- (?:invariant|report): )/m).slice(1)) {
    const [heading = '', ...lines] = part.trim().split('\n');
    const [, kind, name] = HEADING.exec(heading) ?? [];
    const meaning = lines.filter((line) => line.startsWith('-- ')).map((line) => line.slice(3));
    const query = lines.filter((line) => !line.startsWith('--')).join('\n');
    if (!kind || !name || meaning.length === 0 || !query.trimEnd().endsWith(';'))
      throw new Error(`unreadable: ${part}`);
    found.push({ kind: kind as Named['kind'], name, meaning: meaning.join(' '), query: query.trim().slice(0, -1) });
  }
  return found;
}

/** Rooms that say what is true of their tables, each in its `invariants.sql`. */
const ROOMS = [
  ...['money', 'process', 'talk', 'people', 'event', 'payment'],
  ...['deal', 'payout', 'topUp', 'boost', 'chargeBack', 'invoice', 'task'],
  ...['video', 'reward', 'creator', 'trading'],
  ...['stream', 'poll', 'question', 'gift', 'xp', 'leaderboard'],
  ...['challenge', 'battle'],
  ...['subscription', 'ticketEvent'],
];

export const QUERIES: readonly Named[] = ROOMS.flatMap((room) =>
  parseQueries(readFileSync(new URL(`./${room}/invariants.sql`, import.meta.url), 'utf8')),
);
for (const [place, { name }] of QUERIES.entries()) {
  if (QUERIES.findIndex((other) => other.name === name) !== place) throw new Error(`${name} is there twice`);
}

/** Names of all invariants, room by room. */
export const INVARIANTS = QUERIES.filter(({ kind }) => kind === 'invariant').map(({ name }) => name);

/** Of an answer's rows at most so many: one is enough to know, a hundred to understand. */
const MAX_ROWS = 100;

const row = z.record(z.string(), z.unknown());
type Row = Record<string, unknown>;

/** A text as slonik takes queries, which is as a template alone. For texts of this repository, never for anybody's input. */
export function verbatim(text: string): TemplateStringsArray {
  return Object.assign([text], { raw: Object.freeze([text]) });
}

/** Rows as plain JSON: whole numbers that may be large are decimal strings. */
async function ask(executor: Executor, { query }: Named): Promise<Row[]> {
  const text = `SELECT * FROM (\n${query}\n) AS found LIMIT ${MAX_ROWS}`;
  const rows = await executor.any(sql.type(row)(verbatim(text)));
  return rows.map((found) =>
    Object.fromEntries(
      Object.entries(found).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]),
    ),
  );
}

export type Check = {
  name: string;
  /** What is true when it is ok, in a sentence. */
  meaning: string;
  ok: boolean;
  /** What breaks it, at most 100 rows. */
  rows: Row[];
};

/**
 * Looks whether everything that has to be true of the books and the deals is. Each invariant is one statement and so
 * sees one instant: work that goes on meanwhile breaks none.
 */
export async function checkInvariants(executor: Executor): Promise<Check[]> {
  return check(executor, QUERIES);
}

/** The same of some of them. */
export async function check(executor: Executor, queries: readonly Named[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const named of queries.filter(({ kind }) => kind === 'invariant')) {
    const rows = await ask(executor, named);
    checks.push({ name: named.name, meaning: named.meaning, ok: rows.length === 0, rows });
  }
  return checks;
}

export type Report = { name: string; meaning: string; rows: Row[] };

/** What an operator wants to see beside the invariants and is no failure: money that waits for somebody. */
export async function listReports(executor: Executor): Promise<Report[]> {
  const reports: Report[] = [];
  for (const named of QUERIES.filter(({ kind }) => kind === 'report')) {
    reports.push({ name: named.name, meaning: named.meaning, rows: await ask(executor, named) });
  }
  return reports;
}

/** What was found, all of it as of one instant. */
export type Reconciled = { at: string; invariants: Check[]; reports: Report[] };

/**
 * Both, asked of one snapshot: a deal that moves on between two questions would look like a contradiction. Of the books'
 * immutable part what was found in order before is left out, but for the last hundred thousand transfers; `whole` asks
 * for all of it. Where all is in order, the mark moves on. Throws UNAVAILABLE while somebody else is at it: two would
 * only hold up each other, and all others.
 */
export async function reconcile(pool: Pool, { whole = false }: { whole?: boolean } = {}): Promise<Reconciled> {
  const found = await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`);
    // Who asked may end meanwhile, and nobody would hear the answer.
    await transaction.query(sql.typeAlias('void')`SET LOCAL client_connection_check_interval = '5s'`);
    if (whole) await transaction.query(sql.typeAlias('void')`SET LOCAL tandem.whole_books = 'on'`);
    const isAlone = await transaction.oneFirst(sql.type(z.object({ alone: z.boolean() }))`
      SELECT pg_try_advisory_xact_lock(hashtext('books'), 0) AS alone
    `);
    if (!isAlone) throw askAgain('Another process looks at the books.');
    const at = await nowOf(transaction);
    return { at, invariants: await checkInvariants(transaction), reports: await listReports(transaction) };
  });
  await noteChecks(pool, found.invariants, found.at);
  await keepChecksOf(pool, INVARIANTS);
  if (found.invariants.every(({ ok }) => ok)) await advanceWatermark(pool, LOOKED_THROUGH_AGAIN);
  return found;
}

/** In seconds. */
const AGAIN_S = 5;

/** To whoever asks while the books are looked at. */
export function askAgain(why: string): Failure {
  return new Failure('UNAVAILABLE', why, { retryAfter: AGAIN_S });
}

/** Transfers at the end of the books that are looked through every time, so that damage to any of late is seen at once. */
const LOOKED_THROUGH_AGAIN = 100_000;

/** From taking its instant to taking its number a transfer does nothing that takes long. */
const SETTLED_MS = 10_000;

/**
 * Marks the books as looked through up to `behind` transfers before their end, if the invariants hold for what is new. A
 * transfer takes its number before it is committed, so only those count that are older, by `settledMs`, than every
 * transaction under way.
 */
export async function advanceWatermark(pool: Pool, behind: number, settledMs = SETTLED_MS): Promise<void> {
  await pool.transaction(async (transaction) => {
    const settled = await transaction.oneFirst(sql.type(z.object({ settled: z.string() }))`
      SELECT LEAST(clock_timestamp(), min(xact_start)) - ${settledMs} * interval '1 ms' AS settled
      FROM pg_stat_activity
      WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
    `);
    // A statement of its own: what was committed since the question above was asked is seen.
    const end = await transaction.oneFirst(sql.type(z.object({ last: z.bigint().nullable() }))`
      SELECT max(id) - ${behind} AS last FROM ledger_transfers WHERE recorded_at <= ${settled}
    `);
    if (end === null || end <= 0n) return;
    const checks = await check(
      transaction,
      QUERIES.filter(({ query }) => query.includes('ledger_looked_through')),
    );
    if (!checks.every(({ ok }) => ok)) return;
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO ledger_watermark AS mark (transfer_id, set_at) VALUES (${end}, now())
      ON CONFLICT (one) DO UPDATE SET transfer_id = EXCLUDED.transfer_id, set_at = EXCLUDED.set_at
      WHERE mark.transfer_id < EXCLUDED.transfer_id
    `);
  });
}
