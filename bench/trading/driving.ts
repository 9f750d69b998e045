/** A Postgres of one's own with people who have money, and clients that give their next order when the last is answered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '#db/migrate.ts';
import { pour } from '#db/money/wallets.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { listPairs } from '#db/trading/pairs.ts';
import { newTraders } from '#db/trading/testing/traders.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { type Postgres, startPostgres } from '#local/postgres.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import type { Variant } from './variants.ts';

const USERS = 64;

export type Place = { pool: Pool; postgres: Postgres; pairs: readonly Pair[]; users: readonly string[] };

export async function onPostgres(work: (place: Place) => Promise<void>): Promise<void> {
  forgetOtherPostgres();
  // Not under /tmp, which may be memory.
  const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
  const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log') });
  const pool = createPool(postgres.url, { size: 6 });
  try {
    await migrate(postgres.url);
    const pairs = await listPairs(pool);
    await work({ pool, postgres, pairs, users: await tradersOf(pool, pairs) });
  } finally {
    await pool.end();
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function tradersOf(pool: Pool, pairs: readonly Pair[]): Promise<string[]> {
  const [first] = pairs;
  const users = await newTraders(pool, USERS, first as Pair, 10n ** 14n);
  const assets = new Set(pairs.flatMap(({ base, quote }) => [base, quote]));
  for (const asset of [(first as Pair).base, (first as Pair).quote]) assets.delete(asset);
  const now = new Date().toISOString();
  for (const userId of users) {
    for (const asset of assets)
      await pool.transaction((transaction) => pour(transaction, { userId, asset, amount: 10n ** 14n, now }));
  }
  return users;
}

export type Driven = {
  pairs: readonly Pair[];
  users: readonly string[];
  clients: number;
  seconds: number;
  seed: number;
};

/** Closed loop: each client gives its next order when the last is answered. What begins in the warm-up is not counted. */
export async function drive(variant: Variant, { pairs, users, clients, seconds, seed }: Driven) {
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
