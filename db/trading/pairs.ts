import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import { PAIR_STATES, type Pair, pairIdOf } from '#workflows/trading/pair.ts';
import { type Executor, sql } from '../pool.ts';

const pairRow = z.object({
  id: z.string(),
  base: z.custom<Asset>(),
  quote: z.custom<Asset>(),
  tick: z.bigint(),
  lot: z.bigint(),
  min_notional: z.bigint(),
  band_bps: z.int().nullable(),
  state: z.enum(PAIR_STATES),
});

const COLUMNS = sql.fragment`id, base, quote, tick, lot, min_notional, band_bps, state`;

function asPair({ min_notional: minNotional, band_bps: bandBps, ...row }: z.infer<typeof pairRow>): Pair {
  return { ...row, minNotional, bandBps };
}

export async function listPairs(executor: Executor): Promise<Pair[]> {
  const rows = await executor.any(sql.type(pairRow)`SELECT ${COLUMNS} FROM trading_pairs ORDER BY id`);
  return rows.map(asPair);
}

/** By "BTC-USD" or "BTC/USD". */
export async function findPair(executor: Executor, id: string): Promise<Pair | null> {
  const row = await executor.maybeOne(sql.type(pairRow)`
    SELECT ${COLUMNS} FROM trading_pairs WHERE id = ${pairIdOf(id)}
  `);
  return row && asPair(row);
}
