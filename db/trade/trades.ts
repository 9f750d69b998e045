import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Asset } from '#workflows/money.ts';
import type { Process } from '#workflows/process/machine.ts';
import { PARTIES, type Party } from '#workflows/trade/parties.ts';
import { asTrade, type TradeOpening } from '#workflows/trade/terms.ts';
import { announcementOf } from '#workflows/trade/view.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';

export type NewTrade = {
  seats: Readonly<Record<Party, string>>;
  /** Who opens it. */
  by: Party;
  asset: Asset;
  /** Minor units. */
  amount: bigint;
  opened: TradeOpening;
  paymentDetails: string | null;
  now: string;
};

/**
 * Opens a trade with the seller's asset set aside in the same transaction, and tells both. INSUFFICIENT_FUNDS where the
 * seller has not that much; NOT_FOUND for a buyer who does not exist.
 */
export async function openTrade(transaction: Transaction, trade: NewTrade): Promise<Process> {
  const { seats, by, asset, amount, opened, paymentDetails, now } = trade;
  const buyerIsThere = await transaction.exists(sql.typeAlias('void')`SELECT FROM users WHERE id = ${seats.buyer}`);
  if (!buyerIsThere) throw new Failure('NOT_FOUND', 'There is no such buyer.');
  const process = await openProcess(transaction, {
    id: uuid(),
    kind: 'trade',
    by: seats[by],
    variant: null,
    opened,
    seats,
    held: amount.toString(),
    asset,
    legs: [
      { place: 'wallet:seller', amount: `-${amount}` },
      { place: 'hold:seller', amount: amount.toString() },
    ],
    now,
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO trades (process_id, payment_details) VALUES (${process.id}, ${paymentDetails})
  `);
  const data = announcementOf(asTrade(process), { on: 'open', by: 'seller' });
  await announce(
    transaction,
    PARTIES.map((side) => ({ user_id: seats[side], name: 'order_update' as const, data })),
  );
  return process;
}

const details = z.object({ payment_details: z.string().nullable(), opened_at: z.string() });

/** What a trade has beside its process; null where there is no such trade. */
export async function findTradeDetails(executor: Executor, id: string): Promise<z.infer<typeof details> | null> {
  return executor.maybeOne(sql.type(details)`
    SELECT payment_details, opened_at FROM trades JOIN processes ON processes.id = process_id WHERE process_id = ${id}
  `);
}

/** Of many at once, by their ids. */
export async function listTradeDetails(
  executor: Executor,
  ids: readonly string[],
): Promise<ReadonlyMap<string, z.infer<typeof details> & { seats: Record<Party, string> }>> {
  const rows = await executor.any(sql.type(detailsOfMany)`
    SELECT process_id, payment_details, opened_at,
      (SELECT json_object_agg(role, user_id) FROM seats WHERE seats.process_id = trades.process_id) AS seats
    FROM trades JOIN processes ON processes.id = process_id
    WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
  `);
  return new Map(rows.map(({ process_id, ...row }) => [process_id, row]));
}

const detailsOfMany = details.extend({
  process_id: z.string(),
  seats: z.custom<Record<Party, string>>(),
});
