import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { exportOf, type Section } from './export.ts';
import { type Fate, KEPT } from './kept.ts';
import { leave } from './leaving.ts';
import { type Column, didEverything, type Everything, listColumns, markOf } from './testing/everything.ts';

// Export and end of an account do what is said of every column, by somebody who did everything.

let pool: Pool;
let somebody: Everything;
let columns: readonly Column[];
let given: Record<string, Section>;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 5 });
  columns = await listColumns(pool);
  somebody = await didEverything(pool);
  given = await exportOf(pool, somebody.userId);
});
afterAll(() => pool?.end());

const fatesOf = (of: 'people' | 'words'): { table: string; column: string; fate: Fate }[] =>
  Object.entries(KEPT).flatMap(([table, kept]) =>
    Object.entries(kept[of] ?? {}).map(([column, fate]) => ({ table, column, fate })),
  );
const names = (found: readonly { table: string; column: string }[]) =>
  found.map(({ table, column }) => `${table}.${column}`).sort();

/** Columns of all tables in whose rows a mark is, however it is kept there. */
async function columnsWithMarks(): Promise<string[]> {
  const found: string[] = [];
  const hex = Buffer.from('mark-').toString('hex');
  for (const [table, all] of Map.groupBy(columns, (column) => column.table)) {
    for (const { name } of all.filter(({ type }) => /^(_|text|json|bytea|varchar|bpchar)/.test(type))) {
      const isThere = await pool.exists(sql.typeAlias('void')`
        SELECT FROM ${sql.identifier([table])} AS kept
        WHERE kept.${sql.identifier([name])}::text LIKE '%mark-%' OR kept.${sql.identifier([name])}::text LIKE ${`%${hex}%`}
      `);
      if (isThere) found.push(`${table}.${name}`);
    }
  }
  return found.sort();
}

test('somebody who did everything has words in every column that may have some', async () => {
  expect(await columnsWithMarks()).toEqual([...somebody.marked].sort());
});

test('what is kept of one is given in its section, and what is not given is in none', () => {
  const all = JSON.stringify(given);
  const missing = fatesOf('words').filter(({ table, column, fate }) => {
    const mark = markOf(table, column);
    if (typeof fate.given !== 'string') return all.includes(mark);
    return !JSON.stringify(given[fate.given]?.items ?? []).includes(mark);
  });
  expect(names(missing)).toEqual([]);
  const sections = fatesOf('people').flatMap(({ fate }) => (typeof fate.given === 'string' ? [fate.given] : []));
  for (const [section, rows] of Map.groupBy(sections, (name) => name)) {
    expect(given[section]?.items.length, section).toBeGreaterThanOrEqual(rows.length);
  }
  expect(Object.keys(given).filter((section) => given[section]?.items.length === 0)).toEqual([]);
});

test('once they have left nothing of theirs is there but what is said to stay, and that is there', async () => {
  await pool.transaction((transaction) => leave(transaction, somebody.userId, '2026-11-25T09:00:00.000Z'));
  expect(await columnsWithMarks()).toEqual(names(fatesOf('words').filter(({ fate }) => fate.end !== 'goes')));
  const rows = [];
  for (const { table, column, fate } of fatesOf('people')) {
    const isThere = await pool.exists(sql.typeAlias('void')`
      SELECT FROM ${sql.identifier([table])} WHERE ${sql.identifier([column])} = ${somebody.userId}
    `);
    if (isThere !== (fate.end !== 'goes')) rows.push({ table, column });
  }
  expect(names(rows)).toEqual([]);
});
