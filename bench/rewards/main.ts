/**
 * What a like and a view cost, to one popular video and spread over 10,000, with the collector at work beside, until every
 * point is posted: beside the documents' design, one transaction with a balance a like.
 *
 *   node bench/rewards/main.ts [--seconds 5] [--callers 16]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { migrate } from '#db/migrate.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { insertActs } from '#db/reward/acts.ts';
import { collectAll } from '#db/reward/collecting.ts';
import { like } from '#db/video/liking.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRewards } from '#worker/rewards.ts';
import { drive, type Measured } from '../ledger/measure.ts';
import { countEntries, fill, type Liked, naiveLike, prepareNaive, type Scene } from './work.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, callers: { type: 'string', default: '16' } },
});
const seconds = Number(values.seconds);
const callers = Number(values.callers);
/** Each likes a video once: as many people as likes can come in that time. */
const PEOPLE = 60_000;

const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
// Not under /tmp, which may be memory.
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log') });
const pool = createPool(postgres.url, { size: callers });
const collecting = createPool(postgres.url, { size: 2 });
try {
  await main();
} finally {
  await Promise.all([pool.end(), collecting.end()]);
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function main(): Promise<void> {
  await migrate(postgres.url);
  const { pid } = postgres;
  if (pid === undefined) throw new Error('Postgres says no process');
  say('Filling: 10,001 videos and 60,000 people');
  const scene = await fill(pool, PEOPLE);
  await prepareNaive(pool);
  process.stdout.write(
    '| what | on | variant | a second | p50 ms | p99 ms | CPU µs: Node | Postgres | entries a 1,000 |\n',
  );
  process.stdout.write(`|${' --- |'.repeat(9)}\n`);
  for (const on of ['one video', '10,000 videos'] as const) {
    const next = pairsOf(scene, on === 'one video');
    await measure(pid, { what: 'like', on, variant: 'the documents’ design' }, () => naiveLike(pool, next('naive')));
    await measure(pid, { what: 'like', on, variant: 'Tandem' }, () => likeOnce(pool, next('like')));
    await measure(pid, { what: 'view', on, variant: 'Tandem' }, () => viewOnce(pool, next('view')));
  }
}

type Pair = { video: Liked; userId: string };

/** Videos and people, so that nobody likes one twice: people by turn, of each purpose by its own count. */
function pairsOf({ popular, videos, viewers }: Scene, hot: boolean) {
  const turns = new Map<string, number>();
  return (purpose: string): Pair => {
    const turn = turns.get(purpose) ?? 0;
    turns.set(purpose, turn + 1);
    const video = hot ? popular : (videos[turn % videos.length] as Liked);
    return { video, userId: viewers[turn % viewers.length] as string };
  };
}

async function likeOnce(on: Pool, { video, userId }: Pair): Promise<void> {
  await like(on, { videoId: video.id, userId, now: new Date().toISOString() });
}

/** What a view that counts writes to be rewarded; beats and the watch itself are the same in any design. */
async function viewOnce(on: Pool, { video, userId }: Pair): Promise<void> {
  const act = { actorId: userId, creatorId: video.creatorId, target: video.id, now: new Date().toISOString() };
  await insertActs(on, [
    { ...act, action: 'video_viewed' },
    { ...act, action: 'view_received' },
  ]);
}

type Line = { what: string; on: string; variant: string };

/** With the collector at work in the same program; what is left at the end is posted, and its CPU is in the next line. */
async function measure(pid: number, line: Line, once: () => Promise<void>): Promise<void> {
  const log = pino({ level: 'warn' });
  const collector = line.variant === 'Tandem' ? startRewards(collecting, log, { now: () => new Date() }) : null;
  const before = await countEntries(pool);
  let done = 0;
  const measured = await drive(callers, seconds, pid, () => {
    done += 1;
    return once();
  });
  await collector?.stop();
  if (collector) await collectAll(collecting, { now: new Date().toISOString(), gatherMs: 0 });
  show(line, measured, (1_000 * ((await countEntries(pool)) - before)) / done);
}

function show({ what, on, variant }: Line, measured: Measured, entries: number): void {
  const { perSecond, p50, p99, nodeUs, postgresUs } = measured;
  const numbers = [
    perSecond.toFixed(0),
    p50.toFixed(2),
    p99.toFixed(2),
    nodeUs?.toFixed(0) ?? '',
    postgresUs.toFixed(0),
  ];
  const cells = [what, on, variant, ...numbers, variant === 'Tandem' ? entries.toFixed(1) : ''];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
