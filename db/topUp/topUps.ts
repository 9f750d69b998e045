import { v7 as uuid } from 'uuid';
import type { Asset } from '#workflows/money.ts';
import { topUpMachine } from '#workflows/topUp/machine.ts';
import { asTopUp, type Terms, type TopUp } from '#workflows/topUp/terms.ts';
import { sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';

/** Opens a top-up with the one order by which it is paid, which is not made at its provider yet. */
export async function openTopUp(
  transaction: Transaction,
  asked: {
    userId: string;
    asset: Asset;
    quantity: bigint;
    price: bigint;
    currency: Asset;
    provider: string;
    now: string;
  },
): Promise<TopUp> {
  const { userId, asset, quantity, price, currency, provider, now } = asked;
  const id = uuid();
  const opened: Terms = { asset, quantity: quantity.toString(), price: price.toString() };
  const seats = { buyer: userId };
  const process = await openProcess(transaction, {
    id,
    kind: 'topUp',
    by: userId,
    variant: null,
    opened,
    seats,
    held: '0',
    asset: currency,
    now,
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description, expires_at, created_at)
    VALUES (${uuid()}, ${id}, ${userId}, ${provider}, ${price}, ${currency}, 'Wallet top-up',
      ${topUpMachine.deadlineOf(asTopUp(process))}::timestamptz, ${now}::timestamptz)
  `);
  return asTopUp(process);
}
