import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Command } from '#workflows/trading/journal.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { type Pool, sql, type Transaction } from '../pool.ts';
import { outcomeOf } from './batch.ts';
import type { Outcome } from './commands.ts';
import { alreadyTaken, numbered } from './draft.ts';
import { listOpenOrders } from './orders.ts';
import { findPair } from './pairs.ts';

export type Placing = Command & { kind: 'place' };

const whole = z.bigint().transform(Number);
const position = z.object({ n: whole, trades: whole, last: whole.nullable(), clock: z.string() });

/**
 * What would come of an order that is placed now, by the rules of its pair's writer on a copy of the book as it is
 * written: nothing is kept, and the writer hears nothing of it. Commands that wait just now are not looked at.
 */
export function rehearseOrder(pool: Pool, pairId: string, command: Placing, now: string): Promise<Outcome> {
  return pool.transaction(async (transaction) => {
    // The book, its orders and what is in wallets as they were in one moment.
    await transaction.query(sql.typeAlias('void')`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
    const pair = await findPair(transaction, pairId);
    if (!pair) throw new Error(`${pairId} is no pair`);
    const stands = await transaction.one(sql.type(position)`
      SELECT n, trades, last_ticks AS last, clock FROM trading_books WHERE pair_id = ${pairId}
    `);
    const engine = new Engine(pair, stands, await listOpenOrders(transaction, pairId));
    const freed = engine.due(now).flatMap((timed) => engine.work(timed, new Wallets(), now).moves);
    const taken = await findByClientId(transaction, command);
    if (taken !== null) return outcomeOf(numbered(null, alreadyTaken(engine, command, taken, now)), engine.pair);
    const { userId } = command.body;
    const wallets = await walletsOf(transaction, userId, [pair.base, pair.quote]);
    // What of one's own ends by time goes before: it is in the wallet by then.
    for (const move of freed) {
      if (move.account === 'wallet' && move.userId === userId) wallets.add(userId, move.asset, move.amount);
    }
    return outcomeOf(numbered(null, engine.work(command, wallets, now)), engine.pair);
  });
}

async function findByClientId(transaction: Transaction, { body }: Placing): Promise<string | null> {
  if (body.clientOrderId === null) return null;
  return transaction.maybeOneFirst(sql.typeAlias('id')`
    SELECT id FROM trading_orders WHERE user_id = ${body.userId} AND client_order_id = ${body.clientOrderId}
  `);
}

async function walletsOf(transaction: Transaction, userId: string, assets: readonly Asset[]): Promise<Wallets> {
  const rows = await transaction.any(sql.type(z.object({ asset: z.custom<Asset>(), balance: z.bigint() }))`
    SELECT asset, balance FROM ledger_accounts
    WHERE code = 'wallet/' || ${userId}::text AND asset = ANY(${sql.array([...assets], 'text')})
  `);
  const wallets = new Wallets();
  for (const asset of assets) wallets.set(userId, asset, rows.find((row) => row.asset === asset)?.balance ?? 0n);
  return wallets;
}
