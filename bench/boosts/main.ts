/**
 * What open boosts cost while they wait, and how late they end when very many do so within one second, beside as many bare
 * Temporal timers in the same run. Writes results.md.
 *
 *   node bench/boosts/main.ts [--open 10000] [--ending 1000] [--rounds 2] [--seconds 60]
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client as Postgres } from 'pg';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { Closing } from '../clicks/closing.ts';
import { quantile } from '../clicks/numbers.ts';
import { Meter, memoryOf } from '../clicks/processes.ts';
import { type Stack, startStack } from '../clicks/stack.ts';
import { latenessOf, newBoosters, openBoosts, timersLate, untilTold } from './work.ts';

const { values } = parseArgs({
  options: {
    open: { type: 'string', default: '10000' },
    ending: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '60' },
  },
});
const [open, ending, rounds, seconds] = [values.open, values.ending, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];
const DIR = fileURLToPath(new URL('../../.tandem/bench-boosts', import.meta.url));
const MONTH_MS = 30 * 24 * 3_600_000;
/** Until what was started by the last change is over: the server's last timers for it ring after 10 s. */
const QUIET_MS = 20_000;
/** Between starting those that end in one second and that second: they take some of it to be opened and told. */
const AHEAD_MS = 30_000 + 60 * ending;
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
rmSync(DIR, { recursive: true, force: true });
mkdirSync(DIR, { recursive: true, mode: 0o700 });
const closing = new Closing();
try {
  await main();
} finally {
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}

type Watched = { cpu: Record<string, number>; memory: Record<string, number>; database: number; temporal: number };
type Late = { what: string; round: number; late: number[] };

async function main(): Promise<void> {
  const stack = await startStack(DIR, say);
  closing.add(() => stack.stop());
  const worker = await stack.startWorker(stack.postgres.url);
  const pool = createPool(stack.postgres.url, { size: 8 });
  closing.add(() => pool.end());
  const pids = {
    worker: worker.pid,
    temporal: stack.temporal.pid,
    postgres: stack.postgres.pid,
    redis: stack.redis.pid,
  };
  const people = await newBoosters(pool, 1_000);
  say('Watching no boosts');
  const none = await watch(stack, pool, pids);
  say(`Opening ${open} boosts`);
  const begun = Date.now();
  await openBoosts(pool, people, open, () => Date.now() + MONTH_MS);
  await untilTold(pool);
  const opened = (Date.now() - begun) / 1_000;
  say(`Watching them, opened and told in ${opened.toFixed(0)} s`);
  const waiting = await watch(stack, pool, pids);
  const late: Late[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    say(`Round ${round}: bare timers, then boosts`);
    const timers = Date.now() + AHEAD_MS;
    late.push({ what: 'bare timer', round, late: await timersLate(stack.temporal.address, ending, within(timers)) });
    const boosts = Date.now() + AHEAD_MS;
    const ids = await openBoosts(pool, people, ending, within(boosts));
    await untilTold(pool);
    if (Date.now() > boosts) throw new Error('they took longer to be opened than they last');
    const { ended, moved } = await latenessOf(pool, ids);
    late.push(
      { what: 'boost, its end written', round, late: ended },
      { what: 'boost, its credits used', round, late: moved },
    );
  }
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  const report = reportOf({ opened, none, waiting, late, broken });
  writeFileSync(join(import.meta.dirname, 'results.md'), report);
  process.stdout.write(report);
  if (broken.length > 0) process.exitCode = 1;
}

/** Spread evenly over the second that begins then. */
function within(at: number): (n: number) => number {
  return (n) => at + Math.floor((n * 1_000) / ending);
}

async function watch(stack: Stack, pool: Pool, pids: Record<string, number>): Promise<Watched> {
  const client = new Postgres({ connectionString: stack.postgres.url });
  await client.connect();
  // What Postgres would do by itself in a while, because of what was written: no cost of waiting.
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  await client.end();
  await wait(QUIET_MS);
  const meter = new Meter(pids);
  await wait(seconds * 1_000);
  const { used } = meter.read();
  const size = z.object({ bytes: z.bigint() });
  return {
    cpu: summed(Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / seconds / 10]))),
    memory: summed(Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, memoryOf(pid)]))),
    database: Number(await pool.oneFirst(sql.type(size)`SELECT pg_database_size(current_database()) AS bytes`)),
    temporal: statSync(join(DIR, 'temporal', 'temporal.db')).size,
  };
}

function summed(parts: Record<string, number>): Record<string, number> {
  return { ...parts, all: Object.values(parts).reduce((sum, each) => sum + each, 0) };
}

type Found = { opened: number; none: Watched; waiting: Watched; late: Late[]; broken: string[] };

function reportOf({ opened, none, waiting, late, broken }: Found): string {
  const parts = Object.keys(none.cpu);
  const cell = (value: number | undefined, digits: number) => (value ?? Number.NaN).toFixed(digits);
  const costs = parts.map(
    (name) =>
      `| ${name} | ${cell(none.cpu[name], 2)} | ${cell(waiting.cpu[name], 2)} | ${cell(none.memory[name], 0)} | ${cell(waiting.memory[name], 0)} |`,
  );
  const kb = (before: number, after: number) => ((after - before) / 1_024 / open).toFixed(1);
  const lates = late.map(({ what, round, late: all }) => {
    const sorted = all.toSorted((one, other) => one - other);
    const at = (share: number) => quantile(sorted, share).toFixed(0);
    return `| ${round} | ${what} | ${all.length} | ${at(0.5)} | ${at(0.99)} | ${(sorted.at(-1) ?? Number.NaN).toFixed(0)} |`;
  });
  return `# Boosts

Written by \`node bench/boosts/main.ts --open ${open} --ending ${ending} --rounds ${rounds} --seconds ${seconds}\` on ${new Date().toISOString().slice(0, 10)}; load of the machine ${loadavg()
    .map((each) => each.toFixed(1))
    .join(', ')} (1, 5, 15 minutes).

## ${open} that wait

Opened and told to their workflows in ${opened.toFixed(0)} s. Then, over ${seconds} s in which nobody does anything:

| part | CPU, % of a core: none | ${open} open | memory, MB: none | ${open} open |
| --- | --- | --- | --- | --- |
${costs.join('\n')}

On disk each takes ${kb(none.database, waiting.database)} KB in Postgres and ${kb(none.temporal, waiting.temporal)} KB in Temporal's store.

## ${ending} that end within one second

Beside those that wait; bare timers are workflows that sleep and nothing else, on the same server and a worker of their own. How late, in ms:

| round | what | how many | p50 | p99 | max |
| --- | --- | --- | --- | --- | --- |
${lates.join('\n')}

Invariants that were broken at the end: ${broken.join(', ') || 'none'}.
`;
}
