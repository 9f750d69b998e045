/**
 * What live and durable events cost, beside Socket.IO on Express with Postgres (the seeds' design), Socket.IO with Redis
 * streams, plain ws and Centrifugo. Installs the peers, builds Centrifugo from its Go module, starts every server on
 * free ports, stops everything and writes results.md.
 *
 *   node bench/realtime/main.ts [--quick] [--only fanOut|message|idle|click|storm|away] [--of part-of-a-variant's-name …]
 *
 * With any of these it only prints.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import { createPool } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRedis } from '#local/redis.ts';
import { Closing } from '../clicks/closing.ts';
import { installPeers } from '../clicks/peers.ts';
import { findCentrifugo } from './centrifugo.ts';
import { measureClicks } from './click.ts';
import { measureFanOut } from './fanOut.ts';
import { measureAway } from './faults.ts';
import { measureIdle } from './idle.ts';
import { measureMessages } from './message.ts';
import { type Results, report } from './report.ts';
import { openRoom } from './room.ts';
import { measureStorm } from './storm.ts';
import { CENTRIFUGO, OURS, OURS_IO, type Servers, STREAMS, VARIANTS, type Variant } from './variants.ts';

const PARTS = ['fanOut', 'message', 'idle', 'click', 'storm', 'away'];
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: PARTS },
    of: { type: 'string', multiple: true, default: [''] },
  },
});
const FULL = {
  rooms: [100, 1_000, 5_000],
  seconds: 8,
  members: 5_000,
  messages: 5,
  // What the kernel counts grows in steps of megabytes: of so many sockets that is little.
  idle: 5_000,
  rounds: 5,
  clicks: 48,
  clients: 2_000,
  missed: 20,
  away: 30,
};
const QUICK = {
  rooms: [100, 1_000],
  seconds: 3,
  members: 500,
  messages: 3,
  idle: 1_000,
  rounds: 3,
  clicks: 30,
  clients: 200,
  missed: 20,
  away: 4,
};
/** Parts that all variants are in. */
const NEEDS_ALL = ['fanOut', 'idle', 'storm'];
/**
 * Each that recovers reads the stream of all from where it was: with 2,000, Redis held 21 GB of answers and was killed by the
 * system after some minutes, and everything else here with it.
 */
const STREAMS_TAKE = 200;
/** As where many write at once. */
const TOGETHER = 10;
/** No other here keeps an event for each member. */
const OURS_TOO = new Set([OURS, OURS_IO]);
const plan = flags.quick ? QUICK : FULL;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Under the clone and not under /tmp, which is memory on many machines: nothing is synced there. */
const DIR = join(ROOT, '.tandem', 'bench-realtime');
const RESULTS = fileURLToPath(new URL('results.md', import.meta.url));
const began = performance.now();
const said: string[] = [];
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
const closing = new Closing();
try {
  const results = await measure();
  const text = report(results);
  process.stdout.write(`${text}\n`);
  if (!flags.quick && flags.of.includes('') && flags.only.length === PARTS.length) writeFileSync(RESULTS, text);
} finally {
  await closing.close();
  rmSync(DIR, { recursive: true, force: true });
}
process.exit(0);

async function measure(): Promise<Results> {
  const results: Results = {
    seconds: 0,
    load: loadavg()[0] ?? 0,
    said,
    fanOut: [],
    messages: [],
    idle: [],
    clicks: [],
    storm: [],
    away: [],
  };
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });
  installPeers(say);
  const servers = await startServers();
  const variants = VARIANTS.filter(({ name }) => isWanted(name) && (name !== CENTRIFUGO || servers.centrifugo));
  const wanted = (part: string) => flags.only.includes(part);
  if (wanted('click')) {
    say('Clicks');
    results.clicks = await measureClicks(servers, plan.rounds, plan.clicks);
  }
  for (const sockets of wanted('fanOut') ? plan.rooms : []) {
    // Together only where a room is popular.
    for (const together of sockets === 1_000 ? [1, TOGETHER] : [1]) {
      await each(variants, `A room of ${sockets}, ${together} at a time`, results.fanOut, (variant) =>
        measureFanOut(variant, servers, { sockets, together }, plan.seconds),
      );
    }
  }
  if (wanted('message')) {
    const ours = variants.filter(({ name }) => OURS_TOO.has(name));
    await each(ours, `A message in a room of ${plan.members}`, results.messages, (variant) =>
      measureMessages(variant, servers, plan.members, plan.messages),
    );
  }
  if (wanted('idle'))
    await each(variants, 'Idle sockets', results.idle, (variant) => measureIdle(variant, servers, plan.idle));
  if (wanted('storm')) {
    const resuming = variants.filter(({ resumes }) => resumes);
    await each(resuming, 'The storm', results.storm, (variant) => {
      const clients = variant.name === STREAMS ? Math.min(plan.clients, STREAMS_TAKE) : plan.clients;
      return measureStorm(variant, servers, clients, plan.missed);
    });
  }
  if (wanted('away')) {
    const once = { name: 'two nodes' } as Variant;
    await each([once], `Redis away for ${plan.away} s`, results.away, () => measureAway(DIR, plan.away, 6));
  }
  return { ...results, seconds: (performance.now() - began) / 1_000 };
}

/** Which variants are measured: those whose name has one of these in it. */
function isWanted(name: string): boolean {
  return flags.of.some((part) => name.includes(part));
}

/** One that fails is said, and the others are measured all the same. */
async function each<Row>(
  variants: readonly Variant[],
  what: string,
  rows: Row[],
  one: (variant: Variant) => Promise<Row>,
) {
  for (const variant of variants) {
    say(`${what}: ${variant.name}`);
    try {
      rows.push(await one(variant));
    } catch (error) {
      said.push(`${what}, ${variant.name}: ${String(error).slice(0, 300)}`);
      say(said.at(-1) as string);
    }
  }
}

async function startServers(): Promise<Servers & { postgresUrl: string }> {
  const log = (name: string) => join(DIR, `${name}.log`);
  const postgres = await startPostgres({ dir: join(DIR, 'postgres'), port: await freePort(), log: log('postgres') });
  closing.add(() => postgres.stop());
  const redis = await startRedis({
    dir: join(DIR, 'redis'),
    port: await freePort(),
    log: log('redis'),
    durable: false,
  });
  closing.add(() => redis.stop());
  const centrifugo = NEEDS_ALL.some((part) => flags.only.includes(part)) && isWanted(CENTRIFUGO) ? find() : null;
  const made = new Map<string, Promise<string>>();
  const database = (name: string, ours: boolean) => {
    const url = made.get(name) ?? make(postgres.url, name, ours);
    made.set(name, url);
    return url;
  };
  return { dir: DIR, redisUrl: redis.url, centrifugo, database, postgresUrl: postgres.url };
}

/** It takes ten minutes to build, once: not for who measures something else. */
function find(): string | null {
  return findCentrifugo((line) => {
    said.push(line);
    say(line);
  });
}

async function make(postgresUrl: string, name: string, ours: boolean): Promise<string> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`CREATE DATABASE bench_${name}`);
  await client.end();
  const url = Object.assign(new URL(postgresUrl), { pathname: `/bench_${name}` }).href;
  if (!ours) return url;
  await migrate(url);
  const pool = createPool(url, { size: 1 });
  await openRoom(pool);
  await pool.end();
  return url;
}
