import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { accounts, transfer } from './ledger.ts';

/** One asset changed into another: by named legs in each, at a rate that is kept, and in no other way. */

const rate = z.object({
  id: z.string(),
  from_asset: z.string(),
  to_asset: z.string(),
  numerator: z.bigint(),
  denominator: z.bigint(),
  source: z.string(),
  stated_at: z.string(),
});
export type Rate = z.infer<typeof rate>;

export async function insertRate(executor: Executor, row: Rate): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO ledger_rates (id, from_asset, to_asset, numerator, denominator, source, stated_at)
    VALUES (${row.id}, ${row.from_asset}, ${row.to_asset}, ${row.numerator}, ${row.denominator}, ${row.source},
      ${row.stated_at})
  `);
}

export type Conversion = { key: string; userId: string; rateId: string; amount: bigint; now: string };

/**
 * Changes so much of a wallet at a stored rate. What is given is rounded down to whole units of the other asset; the
 * remainder stays in the account of conversions. Returns what was given. NOT_FOUND, INSUFFICIENT_FUNDS, CONFLICT, and
 * VALIDATION_FAILED for what comes to nothing.
 */
export async function convert(transaction: Transaction, conversion: Conversion): Promise<bigint> {
  const { key, userId, rateId, amount, now } = conversion;
  const stated = await transaction.maybeOne(sql.type(rate)`
    SELECT id, from_asset, to_asset, numerator, denominator, source, stated_at FROM ledger_rates WHERE id = ${rateId}
  `);
  if (!stated) throw new Failure('NOT_FOUND', 'There is no such rate.');
  const given = (amount * stated.numerator) / stated.denominator;
  if (amount <= 0n || given === 0n) throw new Failure('VALIDATION_FAILED', 'This amount comes to nothing.');
  await transfer(transaction, {
    key,
    reason: 'conversion',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(userId, stated.from_asset), amount: -amount },
      { account: accounts.conversion(userId, stated.from_asset), amount },
      { account: accounts.conversion(userId, stated.to_asset), amount: -given },
      { account: accounts.wallet(userId, stated.to_asset), amount: given },
    ],
    more: { rate_id: rateId },
  });
  return given;
}
