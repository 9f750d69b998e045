/**
 * What a transfer costs: through Node at 1, 8 and 32 connections, over 10,000 accounts and all on one, beside pgbench on
 * the same function and, where its SQL is given, pgledger on the same server by the same client.
 *
 *   node bench/ledger/main.ts [--seconds 5] [--rounds 3] [--pgledger <folder with pgledger.sql and vendor/>]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Client } from 'pg';
import { z } from 'zod';
import { migrate } from '#db/migrate.ts';
import { createCollector } from '#db/money/collector.ts';
import { transfer } from '#db/money/ledger.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { around, drive, type Measured } from './measure.ts';
import { ACCOUNTS, codeOf, fund, HOT, pgbenchScript, pick, transferOf } from './work.ts';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    pgledger: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
// Not under /tmp, which may be memory.
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log') });
const urlOf = (database: string) => Object.assign(new URL(postgres.url), { pathname: `/${database}` }).href;
const pools: Pool[] = [];
try {
  await main();
} finally {
  for (const pool of pools) await pool.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

type Variant = { name: string; measure: (callers: number, hot: boolean) => Promise<Measured> };

async function main(): Promise<void> {
  await migrate(postgres.url);
  const { pid } = postgres;
  if (pid === undefined) throw new Error('Postgres says no process');
  const poolsOf = new Map<number, Pool>();
  const poolOf = (size: number, database = 'tandem') => {
    const key = size + (database === 'tandem' ? 0 : 1_000);
    const pool = poolsOf.get(key) ?? createPool(urlOf(database), { size });
    if (!poolsOf.has(key)) pools.push(pool);
    poolsOf.set(key, pool);
    return pool;
  };
  say('Filling 10,000 accounts');
  await fund(poolOf(1));
  const variants: Variant[] = [
    {
      name: 'Tandem, `transfer`',
      measure: (callers, hot) => drive(callers, seconds, pid, () => transfer(poolOf(callers), transferOf(pick(hot)))),
    },
    {
      name: 'Tandem, collected (2 connections)',
      measure: (callers, hot) => {
        const collector = createCollector(poolOf(8), 2);
        return drive(callers, seconds, pid, () => collector.transfer(transferOf(pick(hot))));
      },
    },
    { name: 'pgbench, the same function', measure: (callers, hot) => pgbench(pid, callers, hot) },
  ];
  if (values.pgledger) {
    const ids = await openPgledger(values.pgledger);
    variants.push({
      name: 'pgledger',
      measure: (callers, hot) =>
        drive(callers, seconds, pid, () => {
          const { from, to, amount } = pick(hot);
          const [one, other] = amount > 0n ? [from, to] : [to, from];
          return poolOf(callers, 'pgledger').any(sql.type(z.object({ id: z.string() }))`
            SELECT id FROM pgledger_create_transfer(${ids.get(one) as string}, ${ids.get(other) as string}, 1)
          `);
        }),
    });
  }
  const lines = ['| accounts | connections | variant | a second | p50 ms | p99 ms | CPU µs: Node | Postgres |'];
  lines.push('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const hot of [false, true]) {
    for (const callers of [1, 8, 32]) {
      const found = new Map<string, Measured[]>(variants.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const { name, measure } of variants) found.get(name)?.push(await measure(callers, hot));
      }
      for (const [name, all] of found) {
        const middle = all.sort((one, other) => one.perSecond - other.perSecond)[
          Math.floor(all.length / 2)
        ] as Measured;
        const line = [
          hot ? 'one hot' : String(ACCOUNTS),
          String(callers),
          name,
          middle.perSecond.toFixed(0),
          middle.p50.toFixed(2),
          middle.p99.toFixed(2),
          middle.nodeUs?.toFixed(0) ?? '',
          middle.postgresUs.toFixed(0),
        ];
        lines.push(`| ${line.join(' | ')} |`);
        say(lines.at(-1) as string);
      }
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** With `-l` pgbench writes a line a transaction: its third word is how long it took, in µs. */
async function pgbench(pid: number, callers: number, hot: boolean): Promise<Measured> {
  const folder = mkdtempSync(join(dir, 'pgbench-'));
  const script = join(folder, 'script.sql');
  writeFileSync(script, pgbenchScript(hot));
  const options = ['-n', '-M', 'prepared', '-c', String(callers), '-j', '1', '-f', script];
  const warm = [...options, '-T', '1', postgres.url];
  await run('pgbench', warm, { cwd: folder });
  return around(
    pid,
    async () => {
      await run('pgbench', [...options, '-T', String(seconds), '-l', postgres.url], { cwd: folder });
      const logs = readdirSync(folder).filter((name) => name.startsWith('pgbench_log'));
      const latencies = logs.flatMap((name) =>
        readFileSync(join(folder, name), 'utf8')
          .trim()
          .split('\n')
          .map((line) => Number(line.split(' ')[2]) / 1_000),
      );
      rmSync(folder, { recursive: true, force: true });
      return latencies;
    },
    seconds,
  );
}

/** Its schema and as many accounts in a database of its own. Their ids by our names. */
async function openPgledger(folder: string): Promise<Map<string, string>> {
  say('Opening pgledger');
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('CREATE DATABASE pgledger');
  await client.end();
  const theirs = new Client({ connectionString: urlOf('pgledger') });
  await theirs.connect();
  for (const file of ['vendor/scoville-pgsql-ulid/uuid-to-ulid.sql', 'pgledger.sql']) {
    await theirs.query(readFileSync(join(folder, file), 'utf8'));
  }
  const ids = new Map<string, string>();
  const codes = [HOT, ...Array.from({ length: ACCOUNTS }, (_, n) => codeOf(n))];
  const { rows } = await theirs.query<{ name: string; id: string }>(
    `SELECT made.name, made.id FROM unnest($1::text[]) AS code, pgledger_create_account(code, 'INR') AS made`,
    [codes],
  );
  for (const { name, id } of rows) ids.set(name, id);
  await theirs.query('ANALYZE');
  await theirs.end();
  return ids;
}
