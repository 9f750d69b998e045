/**
 * What a live stream costs with two thousand viewers, and how many gifts a second one creator can be given: the API's own
 * process at both doors, beside the documents' design. Starts every server on free ports, stops everything and writes
 * results.md.
 *
 *   node bench/live/main.ts [--quick] [--only gifts|stream] [--viewers 2000]
 *
 * With any of these it only prints.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRedis } from '#local/redis.ts';
import { Closing } from '../clicks/closing.ts';
import { installPeers } from '../clicks/peers.ts';
import { FULL, GIVING, GIVING_QUICK, QUICK, viewersWithin } from './mix.ts';
import { openOurs } from './ours.ts';
import { type Results, report } from './report.ts';
import { type Given, measureGiving, measureWatching, type Watched } from './run.ts';
import { openSeeds } from './seeds.ts';
import type { Place, Stage } from './stage.ts';
import type { Door } from './voices.ts';

const PARTS = ['gifts', 'stream'];
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: PARTS },
    viewers: { type: 'string' },
  },
});
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Under the clone and not under /tmp, which is memory on many machines: nothing is synced there. */
const DIR = join(ROOT, '.tandem', 'bench-live');
const RESULTS = fileURLToPath(new URL('results.md', import.meta.url));
const began = performance.now();
const said: string[] = [];
const say = (line: string) => process.stderr.write(`${line}\n`);

type Variant = { variant: string; door: Door; open(place: Place, viewers: number): Promise<Stage> };
/** Ours first, and what it is compared with last. */
const VARIANTS: readonly Variant[] = [
  { variant: 'Tandem, /ws', door: '/ws', open: openOurs },
  { variant: 'Tandem, /socket.io/', door: '/socket.io/', open: openOurs },
  { variant: 'the documents’ design', door: '/socket.io/', open: openSeeds },
];

forgetOtherPostgres();
const closing = new Closing();
try {
  const results = await measure();
  const text = report(results);
  process.stdout.write(`${text}\n`);
  if (!flags.quick && flags.viewers === undefined && flags.only.length === PARTS.length) writeFileSync(RESULTS, text);
} finally {
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}
process.exit(0);

async function measure(): Promise<Results> {
  const load = loadavg()[0] ?? 0;
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });
  installPeers(say);
  const place = await openPlace();
  const mix = mixOf();
  const giving = flags.quick ? GIVING_QUICK : GIVING;
  const given: Given[] = [];
  const watched: Watched[] = [];
  for (const part of PARTS.filter((each) => flags.only.includes(each))) {
    // Each on a server and a database of its own: nobody has done anything there before.
    for (const { variant, door, open } of VARIANTS) {
      say(`${part === 'gifts' ? 'Gifts to one creator' : 'A stream'}: ${variant}`);
      try {
        const stage = await open(place, part === 'gifts' ? giving.givers : mix.viewers);
        try {
          if (part === 'gifts') given.push(await measureGiving({ variant, door }, stage, giving));
          else watched.push(await measureWatching({ variant, door }, stage, mix));
          say(JSON.stringify(part === 'gifts' ? given.at(-1) : watched.at(-1)));
        } finally {
          await stage.stop();
        }
      } catch (error) {
        said.push(`${part}, ${variant}: ${String(error).slice(0, 300)}`);
        say(said.at(-1) as string);
      }
    }
  }
  return { mix, said, load, seconds: (performance.now() - began) / 1_000, watched, given };
}

function mixOf() {
  const mix = flags.quick ? QUICK : FULL;
  const asked = flags.viewers === undefined ? mix.viewers : Number(flags.viewers);
  const files = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) || Number.POSITIVE_INFINITY;
  const viewers = viewersWithin(asked, files);
  if (viewers < asked)
    said.push(`${viewers} viewers and not ${asked}: this machine lets a process open ${files} files.`);
  return { ...mix, viewers };
}

async function openPlace(): Promise<Place> {
  const log = (name: string) => join(DIR, `${name}.log`);
  const postgres = await startPostgres({ dir: join(DIR, 'postgres'), port: await freePort(), log: log('postgres') });
  closing.add(() => postgres.stop());
  const options = { dir: join(DIR, 'redis'), port: await freePort(), log: log('redis'), durable: false };
  const redis = await startRedis(options);
  closing.add(() => redis.stop());
  const { pid } = postgres;
  if (pid === undefined) throw new Error('Postgres says no process');
  let made = 0;
  return {
    ...{ dir: DIR, postgres: { url: postgres.url, pid }, redis: { url: redis.url, pid: redis.pid } },
    async database(name, ours) {
      made += 1;
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`CREATE DATABASE live_${name}_${made}`);
      await client.end();
      const url = Object.assign(new URL(postgres.url), { pathname: `/live_${name}_${made}` }).href;
      if (ours) await migrate(url);
      return url;
    },
  };
}
