import { v7 as uuid } from 'uuid';
import type { Asset } from '#workflows/money.ts';
import type { NewOrder } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { newUser } from '../../deal/testing/dealing.ts';
import { pour } from '../../money/wallets.ts';
import { type Pool, sql } from '../../pool.ts';
import { type Given, giveCommands, listOutcomes, type Outcome } from '../commands.ts';
import { type HeldBook, releaseBooks, takeBook, workBook } from '../writer.ts';

export const NOW = '2026-11-28T12:00:00.000Z';

/** People with money of both assets. */
export async function newTraders(pool: Pool, many: number, pair: Pair, funds: bigint): Promise<string[]> {
  const users: string[] = [];
  for (let n = 0; n < many; n++) {
    const userId = await newUser(pool, 'influencer');
    users.push(userId);
    for (const asset of [pair.base, pair.quote] as Asset[]) {
      await pool.transaction((transaction) => pour(transaction, { userId, asset, amount: funds, now: NOW }));
    }
  }
  return users;
}

export function orderBy(userId: string, more: Partial<NewOrder> = {}): NewOrder {
  return {
    ...{ id: uuid(), userId, side: 'buy', type: 'limit', ticks: 100, lots: 5, timeInForce: 'GTC', postOnly: false },
    ...{ selfTrade: 'expire_taker', expiresAt: null, maxSpend: null, clientOrderId: null, makerBps: 10, takerBps: 20 },
    ...more,
  };
}

export const placing = (pair: Pair, order: NewOrder, key: Given['key'] = null): Given => ({
  pairId: pair.id,
  command: { kind: 'place', userId: order.userId, orderId: order.id, body: order },
  key,
});

export const cancelling = (pair: Pair, orderId: string, userId: string): Given => ({
  pairId: pair.id,
  command: { kind: 'cancel', userId, orderId, body: {} },
  key: null,
});

/** Takes a book as another does when the lease of who holds it is over. */
export async function holdBook(pool: Pool, { id: pairId }: Pair, holder: string = uuid()): Promise<HeldBook> {
  await pool.query(sql.typeAlias('void')`
    UPDATE trading_books SET lease_until = '-infinity' WHERE pair_id = ${pairId}
  `);
  const book = await takeBook(pool, { pairId, holder, leaseMs: 60_000 });
  if (!book) throw new Error(`another holds ${pairId}`);
  return book;
}

/** Ends all orders of a pair and leaves its book to whoever takes it: a test may have been tried before. */
export async function emptyBook(pool: Pool, pair: Pair): Promise<void> {
  const holder = uuid();
  const book = await holdBook(pool, pair, holder);
  const body = { side: null, userId: null, operator: true };
  const command = { kind: 'cancel_all' as const, userId: null, orderId: null, body };
  await carryOut(pool, book, [{ pairId: pair.id, command, key: null }]);
  await releaseBooks(pool, holder);
}

/** Has commands carried out by a book's writer; answers what came of each. */
export async function carryOut(pool: Pool, book: HeldBook, all: readonly Given[], now = NOW): Promise<Outcome[]> {
  const ids = (await giveCommands(pool, all)) as bigint[];
  while ((await workBook(pool, book, now)).commands > 0);
  const outcomes = new Map((await listOutcomes(pool, ids)).map(({ id, outcome }) => [id, outcome]));
  return ids.map((id) => outcomes.get(id) as Outcome);
}
