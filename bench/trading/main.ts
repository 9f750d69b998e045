/**
 * Orders a second and how long one takes to its durable answer, on one pair and on eight, with 1, 16 and 64 clients,
 * beside one hand-rolled transaction an order and the engine in memory.
 *
 *   node bench/trading/main.ts [--seconds 4] [--rounds 3]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { checkInvariants } from '#db/invariants.ts';
import { migrate } from '#db/migrate.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { listPairs } from '#db/trading/pairs.ts';
import { newTraders } from '#db/trading/testing/traders.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { createBus } from '#realtime/bus.ts';
import { startMatching } from '#worker/matching.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { byHand, inMemory, ofTandem, type Variant } from './variants.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
});
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
const USERS = 64;

forgetOtherPostgres();
// Not under /tmp, which may be memory.
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log') });
const pool = createPool(postgres.url, { size: 6 });
try {
  await main(pool);
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function main(pool: Pool): Promise<void> {
  await migrate(postgres.url);
  const all = await listPairs(pool);
  const users = await tradersOf(pool, all);
  const log = pino({ level: 'warn' });
  const bus = createBus({ redisUrl: null, log });
  const matching = startMatching({ pool, bus, log, now: () => new Date() });
  const rows: string[] = [];
  for (const pairs of [all.slice(0, 1), all]) {
    for (const clients of [1, 16, 64]) {
      const found = new Map<string, { rate: number; p50: number; p99: number }[]>();
      for (let round = 0; round < rounds; round++) {
        const variants = [
          ofTandem({ pool, bus, log }),
          await byHand(postgres.url, users, pairs, clients),
          inMemory(pairs, users),
        ];
        for (const variant of variants) {
          const measured = await drive(variant, { pairs, users, clients, seed: round });
          found.set(variant.name, [...(found.get(variant.name) ?? []), measured]);
          await variant.close();
        }
      }
      rows.push(rowOf(pairs.length, clients, found));
      process.stdout.write(`${rows.at(-1)}\n`);
    }
  }
  await matching.stop();
  bus.close();
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok);
  process.stdout.write(`${broken.length === 0 ? 'every invariant holds' : JSON.stringify(broken)}\n`);
}

async function tradersOf(pool: Pool, pairs: readonly Pair[]): Promise<string[]> {
  const [first] = pairs;
  const users = await newTraders(pool, USERS, first as Pair, 10n ** 14n);
  const { pour } = await import('#db/money/wallets.ts');
  const assets = new Set(pairs.flatMap(({ base, quote }) => [base, quote]));
  for (const asset of [(first as Pair).base, (first as Pair).quote]) assets.delete(asset);
  const now = new Date().toISOString();
  for (const userId of users) {
    for (const asset of assets)
      await pool.transaction((transaction) => pour(transaction, { userId, asset, amount: 10n ** 14n, now }));
  }
  return users;
}

/** Closed loop: each client gives its next order when the last is answered. What begins in the warm-up is not counted. */
async function drive(
  variant: Variant,
  { pairs, users, clients, seed }: { pairs: readonly Pair[]; users: readonly string[]; clients: number; seed: number },
) {
  const begin = performance.now();
  const [from, until] = [begin + 500, begin + 500 + seconds * 1_000];
  const took: number[] = [];
  let turns = 0;
  const client = async (n: number) => {
    const lots = lotsOf(seed * 1_000 + n);
    while (performance.now() < until) {
      const at = performance.now();
      await variant.give(n, { pair: lots.oneOf(pairs), userId: lots.oneOf(users), side: lots.oneOf(['buy', 'sell']) });
      if (at >= from) took.push(performance.now() - at);
      // What never waits would let nobody else come.
      if (turns++ % 64 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  took.sort((one, other) => one - other);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { rate: took.length / seconds, p50: at(0.5), p99: at(0.99) };
}

function rowOf(
  pairs: number,
  clients: number,
  found: ReadonlyMap<string, { rate: number; p50: number; p99: number }[]>,
): string {
  const middle = [...found].map(([name, all]) => {
    const { rate, p50, p99 } = [...all].sort((one, other) => one.rate - other.rate)[
      all.length >> 1
    ] as (typeof all)[number];
    return `${name} ${rate.toFixed(0)}/s p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`;
  });
  const [ours, hand] = ['Tandem', 'hand-rolled'].map((name) => found.get(name)?.map(({ rate }) => rate) ?? []);
  const ratios = (ours ?? []).map((rate, round) => rate / ((hand ?? [])[round] ?? Number.NaN)).sort((a, b) => a - b);
  return `pairs ${pairs}, clients ${clients}: ${middle.join(' | ')} | ${ratios[ratios.length >> 1]?.toFixed(2)} times hand-rolled`;
}
