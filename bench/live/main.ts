/**
 * What a live stream costs with two thousand viewers, of whom a thousand vote in one second, and how many gifts a second
 * one creator can be given: the programs themselves at both doors, beside the documents' design. Starts every server on
 * free ports, stops everything and writes results.md. It ends within ten minutes, and the quick form, at one door, within
 * three: what there was no time for is left out, and said.
 *
 *   node bench/live/main.ts [--quick] [--only gifts|stream|votes] [--viewers 2000]
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
import { findTemporal } from '#local/temporalProgram.ts';
import { Closing } from '../clicks/closing.ts';
import { installPeers } from '../clicks/peers.ts';
import { FULL, GIVING, GIVING_QUICK, QUICK, viewersWithin } from './mix.ts';
import { openOurs } from './ours.ts';
import { type Results, report } from './report.ts';
import { measureGiving, measureVoting, measureWatching, openAudience } from './run.ts';
import { openSeeds } from './seeds.ts';
import type { Place, Stage } from './stage.ts';
import type { Door } from './voices.ts';

const PARTS = ['gifts', 'stream', 'votes'];
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
/** Of everything together; and a scene that begins later than this before it has no time. */
const LIMIT_MS = (flags.quick ? 3 : 10) * 60_000;
const SCENE_MS = 15_000;
const GIVINGS = flags.quick ? GIVING_QUICK : GIVING;
const left = () => LIMIT_MS - (performance.now() - began);
const said: string[] = [];
const say = (line: string) => process.stderr.write(`${line}\n`);

type Variant = { variant: string; door: Door; open(place: Place, viewers: number): Promise<Stage> };
/** Ours first, and what it is compared with last. */
const VARIANTS: readonly Variant[] = [
  { variant: 'Tandem, /ws', door: '/ws', open: openOurs },
  ...(flags.quick ? [] : [{ variant: 'Tandem, /socket.io/', door: '/socket.io/' as const, open: openOurs }]),
  { variant: 'the documents’ design', door: '/socket.io/', open: openSeeds },
];

type Scene = {
  says: string;
  parts: readonly string[];
  /** Who has to have an account. */
  people(): number;
  measure(stage: Stage, variant: string, door: Door): Promise<void>;
};

const giving: Scene = {
  says: 'Gifts to one creator',
  parts: ['gifts'],
  people: () => GIVINGS.givers,
  async measure(stage, variant, door) {
    results.given.push(await measureGiving({ variant, door }, stage, GIVINGS));
    say(JSON.stringify(results.given.at(-1)));
  },
};

const watching: Scene = {
  says: 'A stream',
  parts: ['stream', 'votes'],
  people: () => results.mix.viewers,
  async measure(stage, variant, door) {
    const { mix } = results;
    const audience = await openAudience(stage, door, mix.viewers);
    try {
      if (flags.only.includes('stream')) {
        results.watched.push(await measureWatching(variant, { stage, audience, mix }));
        say(JSON.stringify(results.watched.at(-1)));
      }
      if (flags.only.includes('votes')) {
        results.polled.push(await measureVoting(variant, { stage, audience, viewers: mix.viewers }));
        say(JSON.stringify(results.polled.at(-1)));
      }
    } finally {
      await audience.stop();
    }
  },
};

forgetOtherPostgres();
const closing = new Closing();
const results: Results = {
  ...{ mix: mixOf(), said, load: loadavg()[0] ?? 0, seconds: 0, watched: [], polled: [], given: [] },
};
let isWhole = false;
try {
  isWhole = await inTime(measure());
} catch (error) {
  said.push(`it ended early: ${String(error).slice(0, 300)}`);
} finally {
  results.seconds = (performance.now() - began) / 1_000;
  const text = report(results);
  process.stdout.write(`${text}\n`);
  const isAsUsual = !flags.quick && flags.viewers === undefined && flags.only.length === PARTS.length;
  if (isWhole && isAsUsual) writeFileSync(RESULTS, text);
  // What hangs then is nobody's to wait for.
  setTimeout(() => process.exit(1), 30_000).unref();
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}
process.exit(isWhole ? 0 : 1);

/** False where the time was up before it was done. */
async function inTime(work: Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    said.push(`Stopped after ${LIMIT_MS / 60_000} minutes, before everything was measured.`);
    resolve(false);
  }, left());
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether everything was measured. */
async function measure(): Promise<boolean> {
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });
  installPeers(say);
  const place = await openPlace();
  let isAll = true;
  for (const scene of [giving, watching].filter(({ parts }) => parts.some((part) => flags.only.includes(part)))) {
    // Each on a server and a database of its own: nobody has done anything there before.
    for (const { variant, door, open } of VARIANTS) {
      say(`${scene.says}: ${variant}`);
      try {
        if (left() < SCENE_MS) throw new Error('there was no time for it');
        const stage = await open(place, scene.people());
        closing.add(() => stage.stop());
        try {
          await scene.measure(stage, variant, door);
        } finally {
          await stage.stop();
        }
      } catch (error) {
        isAll = false;
        said.push(`${scene.says}, ${variant}: ${String(error).slice(0, 300)}`);
        say(said.at(-1) as string);
      }
    }
  }
  return isAll;
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
  const temporal = await findTemporal(say);
  const options = { dir: join(DIR, 'redis'), port: await freePort(), log: log('redis'), durable: false };
  const redis = await startRedis(options);
  closing.add(() => redis.stop());
  const { pid } = postgres;
  if (pid === undefined) throw new Error('Postgres says no process');
  let made = 0;
  return {
    ...{ dir: DIR, postgres: { url: postgres.url, pid }, redis: { url: redis.url, pid: redis.pid } },
    temporal,
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
