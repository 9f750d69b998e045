import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Executor, type Pool, sql } from './pool.ts';

/** A query of invariants.sql: its name, what it says in a sentence, and its text. */
type Named = { kind: 'invariant' | 'report'; name: string; meaning: string; query: string };

const HEADING = /^-- (invariant|report): (\w+)$/;

/** Reads the file into its queries. Throws on a heading without a sentence or a query, and on a name used twice. */
function parseQueries(text: string): readonly Named[] {
  const found: Named[] = [];
  for (const part of text.split(/^(?=-- (?:invariant|report): )/m).slice(1)) {
    const [heading = '', ...lines] = part.trim().split('\n');
    const [, kind, name] = HEADING.exec(heading) ?? [];
    const meaning = lines.filter((line) => line.startsWith('-- ')).map((line) => line.slice(3));
    const query = lines.filter((line) => !line.startsWith('--')).join('\n');
    if (!kind || !name || meaning.length === 0 || !query.trimEnd().endsWith(';'))
      throw new Error(`unreadable: ${part}`);
    if (found.some((other) => other.name === name)) throw new Error(`${name} is there twice`);
    found.push({ kind: kind as Named['kind'], name, meaning: meaning.join(' '), query: query.trim().slice(0, -1) });
  }
  return found;
}

const QUERIES = parseQueries(readFileSync(new URL('./invariants.sql', import.meta.url), 'utf8'));

/** Names of all invariants, in the file's order. */
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
  const checks: Check[] = [];
  for (const named of QUERIES.filter(({ kind }) => kind === 'invariant')) {
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

/** Both, asked of one snapshot: a deal that moves on between two questions would look like a contradiction. */
export async function reconcile(pool: Pool): Promise<{ invariants: Check[]; reports: Report[] }> {
  return pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`);
    return { invariants: await checkInvariants(transaction), reports: await listReports(transaction) };
  });
}
