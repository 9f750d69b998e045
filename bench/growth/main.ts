/**
 * What years do to the questions that are asked most: data of a size and of ten times that, by generate_series, and what
 * Postgres does for each real query on either. Writes results.md.
 *
 *   node bench/growth/main.ts [--open 2000] [--times 10] [--messages 100] [--entries 10] [--only 'retention']
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { checkInvariants } from '#db/invariants.ts';
import { migrate } from '#db/migrate.ts';
import { createPool } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import type { About } from './asking.ts';
import { generate, peopleOf } from './generate.ts';
import { HOT } from './hot.ts';
import { explainAll, type Measured, measure } from './plans.ts';
import type { Size } from './size.ts';

const { values } = parseArgs({
  options: {
    open: { type: 'string', default: '2000' },
    times: { type: 'string', default: '10' },
    messages: { type: 'string', default: '100' },
    entries: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
  },
});
const [open, times] = [Number(values.open), Number(values.times)];
const [messages, entries] = [Number(values.messages), Number(values.entries)];
const TRIES = 3;
const READERS = 200;
/** Slower by more than this where there is ten times as much, and slow enough to be felt. */
const GROWS = 3;
const FELT_MS = 20;
/** A whole reconciliation reads everything. */
const DEADLINE_MS = 600_000;
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
// Not under /tmp, which may be memory.
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
const log = join(dir, 'postgres.log');
const postgres = await startPostgres({ dir, port: await freePort(), log, durable: false });
const measured: { size: Size; mib: number; byName: Map<string, Measured> }[] = [];
try {
  for (const size of [open, open * times].map((each) => ({ open: each, messages, entries }))) {
    measured.push(await measureAt(size, `growth_${size.open}`));
  }
  const text = report();
  writeFileSync(new URL('results.md', import.meta.url), text);
  process.stdout.write(text);
} finally {
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function measureAt(size: Size, database: string) {
  const began = performance.now();
  const url = await makeDatabase(database);
  await migrate(url);
  await generate(url, size, (line) => say(`  ${line}`));
  const [{ mib }] = (await ask(url, 'SELECT pg_database_size(current_database()) / 2 ^ 20 AS mib')) as [
    { mib: number },
  ];
  say(`${size.open} open deals: ${Math.round(mib)} MiB in ${Math.round((performance.now() - began) / 1_000)} s`);
  const about = await aboutOf(url, size);
  await expectSound(url);
  await explainAll(url);
  const pool = createPool(url, { size: 2, deadline: DEADLINE_MS });
  const byName = new Map<string, Measured>();
  try {
    for (const hot of HOT.filter(({ name }) => name.includes(values.only))) {
      const tries: Measured[] = [];
      // What takes half a minute is asked once: nobody waits for it, and how long it takes is no matter of chance.
      while (tries.length < TRIES && (tries[0]?.ms ?? 0) < 30_000)
        tries.push(await measure(log, () => hot.ask(pool, about)));
      const best = tries.reduce((a, b) => (b.ms < a.ms ? b : a));
      byName.set(hot.name, best);
      say(`  ${hot.name}: ${best.ms.toFixed(1)} ms, ${best.pages} pages`);
    }
  } finally {
    await pool.end();
  }
  return { size, mib, byName };
}

/** What breaks an invariant is found at its first hundred rows: such data would make reconciliation look quick. */
async function expectSound(url: string): Promise<void> {
  const pool = createPool(url, { size: 1, deadline: DEADLINE_MS });
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok);
  await pool.end();
  if (broken.length === 0) return;
  throw new Error(
    `the generated data is not sound: ${JSON.stringify(broken.map(({ name, rows }) => [name, rows[0]]))}`,
  );
}

async function makeDatabase(name: string): Promise<string> {
  await ask(Object.assign(new URL(postgres.url), { pathname: '/postgres' }).href, `CREATE DATABASE ${name}`);
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
}

async function aboutOf(url: string, size: Size): Promise<About> {
  const people = Math.min(READERS, peopleOf(size));
  const readers = await ask(url, `SELECT growth_person(n) AS id FROM generate_series(0, ${people - 1}) AS n`);
  const [agency, somebody] = readers.map(({ id }) => id as string) as [string, string];
  const mine = "SELECT process_id FROM seats WHERE user_id = $1 AND role <> 'creator' ORDER BY 1 LIMIT 1";
  const [found] = await ask(url, mine, [somebody]);
  const onAir =
    "SELECT stream_id FROM polls JOIN streams ON streams.process_id = stream_id WHERE status = 'live' LIMIT 1";
  const [watched] = await ask(url, onAir);
  const [latest] = await ask(url, 'SELECT id FROM videos ORDER BY created_at DESC LIMIT 1');
  const [sold] = await ask(url, "SELECT process_id FROM ticket_events WHERE status = 'on_sale' LIMIT 1");
  return {
    now: new Date().toISOString(),
    somebody,
    agency,
    conversation: found?.process_id as string,
    stream: watched?.stream_id as string,
    video: latest?.id as string,
    event: sold?.process_id as string,
    readers: readers.map(({ id }) => ({ userId: id as string, after: 0 })),
  };
}

async function ask(url: string, query: string, of: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(query, of)).rows;
  } finally {
    await client.end();
  }
}

function report(): string {
  const [small, large] = measured as [(typeof measured)[0], (typeof measured)[0]];
  const head = (of: (typeof measured)[0]) => `${of.size.open.toLocaleString('en')} open`;
  const rows = HOT.filter(({ name }) => small.byName.has(name)).map(({ name, used }) => {
    const [one, ten] = [small.byName.get(name), large.byName.get(name)] as [Measured, Measured];
    const grows = ten.ms > FELT_MS && ten.ms > GROWS * one.ms;
    const [most] = ten.reads;
    const by = most ? `${most.by} (${most.rows.toLocaleString('en')} rows)` : '';
    return [name, used, one.ms.toFixed(1), ten.ms.toFixed(1), one.pages, ten.pages, by, grows ? '**yes**' : ''];
  });
  return [
    '# What years do to queries',
    '',
    `Written by \`${['node bench/growth/main.ts', ...process.argv.slice(2)].join(' ')}\` on ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0]?.toFixed(1)}. ` +
      `Of each deal that is open one is over; ${messages} messages and ${entries} entries a deal, with streams, videos, orders, inboxes and wallets in proportion. ` +
      `${head(small)} are ${Math.round(small.mib)} MiB, ${head(large)} ${Math.round(large.mib)} MiB. ` +
      `The best of ${TRIES}, and the first where it takes half a minute, by Postgres’ own \`auto_explain\`: time, and pages of 8 KiB that were looked at.`,
    '',
    `| query | used | ms at ${head(small)} | ms at ${head(large)} | pages | pages | most read by | grows |`,
    '| --- | --- | ---: | ---: | ---: | ---: | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}
