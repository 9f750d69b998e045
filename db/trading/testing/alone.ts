import { z } from 'zod';
import { Engine, type Position } from '#workflows/trading/engine.ts';
import type { Worked } from '#workflows/trading/journal.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { type Pool, sql } from '../../pool.ts';
import type { Given } from '../commands.ts';
import { NOW } from './traders.ts';

/** Where a pair's journal begins. */
const BEGIN: Position = { n: 0, trades: 0, last: null, clock: '1970-01-01T00:00:00.000Z' };

const met = z.object({ maker: z.string(), taker: z.string(), lots: z.bigint() });
type Met = z.infer<typeof met>;

type Alone = { engine: Engine; worked: Worked[]; trades: Met[] };

/**
 * What a writer makes of commands that carries them out alone, one after the other, and lives: what all others are held to.
 * `begin` is where the journal of an empty book stood.
 */
export function alone(
  commands: readonly Pick<Given, 'command'>[],
  { pair, users, funds, begin = BEGIN }: { pair: Pair; users: readonly string[]; funds: bigint; begin?: Position },
): Alone {
  const engine = new Engine(pair, begin, []);
  const wallets = new Wallets();
  for (const user of users) for (const asset of [pair.base, pair.quote]) wallets.set(user, asset, funds);
  const worked = commands.map(({ command }) => engine.work(command, wallets, NOW));
  const trades = worked.flatMap((each) => each.trades);
  return {
    engine,
    worked,
    trades: trades.map(({ makerOrderId: maker, takerOrderId: taker, lots }) => ({ maker, taker, lots: BigInt(lots) })),
  };
}

/** Who traded with whom in a pair, in the order of its trades, after so many of them. */
export function listMet(pool: Pool, pairId: string, after = 0): Promise<readonly Met[]> {
  return pool.any(sql.type(met)`
    SELECT maker_order_id AS maker, taker_order_id AS taker, lots FROM trading_trades
    WHERE pair_id = ${pairId} AND n > ${after} ORDER BY n
  `);
}
