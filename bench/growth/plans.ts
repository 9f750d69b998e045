import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Client } from 'pg';

/** What Postgres did for a piece of work, as its own `auto_explain` says: real statements with their real values. */

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Node[];
};

export type Measured = {
  ms: number;
  /** Pages of 8 KiB that were looked at, wherever they lay. */
  pages: number;
  statements: number;
  /** How tables were read, those that gave or dropped most rows first: "messages_pkey", "all of relays". */
  reads: { by: string; rows: number }[];
};

/** From the next connection on, every statement in this database is explained in the log. */
export async function explainAll(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  for (const [name, value] of [
    ['session_preload_libraries', 'auto_explain'],
    ['auto_explain.log_min_duration', '0'],
    ['auto_explain.log_analyze', 'on'],
    ['auto_explain.log_buffers', 'on'],
    // Asking the clock for every row would cost more than most rows.
    ['auto_explain.log_timing', 'off'],
    ['auto_explain.log_nested_statements', 'off'],
    ['auto_explain.log_format', 'json'],
  ]) {
    await client.query(`ALTER DATABASE ${rows[0]?.name} SET ${name} = '${value}'`);
  }
  await client.end();
}

/** What the log has of a piece of work. */
export async function measure(log: string, work: () => Promise<unknown>): Promise<Measured> {
  const from = statSync(log).size;
  await work();
  const explained = plansIn(readFrom(log, from));
  const reads = new Map<string, number>();
  for (const { plan } of explained)
    for (const { by, rows } of readsOf(plan)) reads.set(by, (reads.get(by) ?? 0) + rows);
  return {
    ms: explained.reduce((sum, { ms }) => sum + ms, 0),
    pages: explained.reduce((sum, { plan }) => sum + pagesOf(plan), 0),
    statements: explained.length,
    reads: [...reads].map(([by, rows]) => ({ by, rows })).sort((a, b) => b.rows - a.rows),
  };
}

function readFrom(file: string, from: number): string {
  const buffer = Buffer.alloc(statSync(file).size - from);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, buffer, 0, buffer.length, from);
  } finally {
    closeSync(handle);
  }
  return buffer.toString('utf8');
}

/** Lines of the log, with what `auto_explain` wrote in them: JSON, of which each line but the first begins with a tab. */
export function plansIn(text: string): { ms: number; plan: Node }[] {
  return [...text.matchAll(/duration: ([\d.]+) ms {2}plan:\n((?:\t.*(?:\n|$))+)/g)].flatMap(([, ms, json = '']) => {
    const { Plan: plan, 'Query Text': query } = JSON.parse(json) as { Plan: Node; 'Query Text': string };
    // The pool's own sign of life.
    return query.trim() === 'SELECT' ? [] : [{ ms: Number(ms), plan }];
  });
}

const pagesOf = (node: Node) => (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0);

function readsOf(node: Node): { by: string; rows: number }[] {
  const { 'Relation Name': table, 'Index Name': index, 'Actual Loops': loops = 1 } = node;
  const rows = ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * loops;
  const by = node['Node Type'].includes('Seq Scan') ? `all of ${table}` : index;
  return [...(by ? [{ by, rows: Math.round(rows) }] : []), ...(node.Plans ?? []).flatMap(readsOf)];
}
