/**
 * What a list costs: 10,000 people, 10,000 videos and what they did, on a Postgres of its own. Builds a model and asks for
 * first and second pages, one after the other and sixteen at once.
 *
 *   node bench/recommendation/main.ts [--people 10000] [--items 10000] [--asked 1000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '#db/migrate.ts';
import { createPool, sql } from '#db/pool.ts';
import { buildModel } from '#db/recommendation/building.ts';
import { type Answered, createRecommender } from '#db/recommendation/recommending.ts';
import { settle } from '#db/recommendation/testing/settle.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { BEGINNING, WORLD } from '#workflows/recommendation/testing/planted.ts';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    items: { type: 'string', default: '10000' },
    asked: { type: 'string', default: '1000' },
  },
});
const world = {
  ...WORLD,
  people: Number(values.people),
  items: Number(values.items),
  creators: 500,
  circles: 24,
  crowd: 0.05,
};
const asked = Number(values.asked);
const NOW = new Date(BEGINNING + 61 * 86_400_000).toISOString();
const say = (line: string) => process.stdout.write(`${line}\n`);

forgetOtherPostgres();
// Not under /tmp, which may be memory.
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log') });
const pool = createPool(postgres.url, { size: 16, deadline: 120_000 });
try {
  await main();
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function main(): Promise<void> {
  await migrate(postgres.url);
  const { people } = await settle(pool, world);
  // As autovacuum has done on any database that is older than a minute.
  await pool.query(sql.typeAlias('void')`ANALYZE`);
  const began = performance.now();
  const { blend, items, deeds, report } = await buildModel(pool, 'videos', { now: NOW });
  say(
    `built in ${((performance.now() - began) / 1_000).toFixed(1)} s: ${items} videos, ${deeds} deeds, served by ${blend}`,
  );
  say(`NDCG@10 ${report.by.blended?.ndcg.toFixed(4)}, of the popular ${report.by.popular?.ndcg.toFixed(4)}`);
  say(`memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB\n`);
  const recommender = createRecommender(pool);
  const page = (readerId: string, from: Answered['next']) =>
    recommender.recommend({ kind: 'videos', limit: 20, from, now: NOW, readerId });
  for (const readerId of people.slice(0, 100)) await page(readerId, null);
  say('| at once | first page p50 ms | p99 ms | second page p50 ms | p99 ms | a second |');
  say(`|${' --- |'.repeat(6)}`);
  for (const callers of [1, 16]) {
    const [first, second]: [number[], number[]] = [[], []];
    const readers = people.slice(0, asked).values();
    const start = performance.now();
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (const readerId of readers) {
          const next = await timed(first, () => page(readerId, null));
          if (next.next) await timed(second, () => page(readerId, next.next));
        }
      }),
    );
    const perSecond = (first.length + second.length) / ((performance.now() - start) / 1_000);
    const cells = [first, second].flatMap((times) => [at(times, 0.5), at(times, 0.99)]);
    say(`| ${[callers, ...cells, perSecond.toFixed(0)].join(' | ')} |`);
  }
}

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  times.push(performance.now() - began);
  return result;
}

function at(times: readonly number[], part: number): string {
  const inOrder = [...times].sort((one, other) => one - other);
  return (inOrder[Math.floor(inOrder.length * part)] ?? 0).toFixed(2);
}
