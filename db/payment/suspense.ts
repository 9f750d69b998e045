import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { findStandingOfCapture } from './disputes.ts';
import { insertRefund } from './refunds.ts';

const captureRow = z.object({
  id: z.string(),
  provider: z.string(),
  amount: z.bigint(),
  currency: z.string(),
  process_id: z.string().nullable(),
});

/**
 * Gives back a capture that nothing of ours explains: out of suspense into clearing, with a refund that the provider is
 * asked for. NOT_FOUND for a capture that is not in suspense; CONFLICT for one that is given back already.
 */
export async function refundFromSuspense(transaction: Transaction, captureId: string, now: string): Promise<string> {
  const capture = await transaction.maybeOne(sql.type(captureRow)`
    SELECT id, provider, amount, currency, process_id FROM captures
    WHERE id = ${captureId} AND disposition = 'suspense' FOR UPDATE
  `);
  if (!capture) throw new Failure('NOT_FOUND', 'There is no such capture in suspense.');
  const standing = await findStandingOfCapture(transaction, captureId);
  if (standing?.holdsUp)
    throw new Failure('CONFLICT', 'This payment is disputed at its bank: it would be given back twice.');
  const moved = await transfer(transaction, {
    key: `suspense_refund_${capture.id}`,
    reason: 'refund_started',
    conversationId: capture.process_id,
    occurredAt: now,
    legs: [
      { account: accounts.suspense(capture.provider, capture.currency), amount: -capture.amount },
      {
        account: accounts.refundClearing(capture.process_id ?? capture.id, capture.currency),
        amount: capture.amount,
      },
    ],
  });
  if (!moved) throw new Failure('CONFLICT', 'This capture is given back already.');
  return insertRefund(transaction, {
    promiseId: null,
    captureId,
    amount: capture.amount,
    currency: capture.currency,
    now,
  });
}

const loose = z.object({ id: z.string(), provider: z.custom<ProviderName>() });

/** Refunds that no process's workflow carries and that are not at their end. */
export async function listLooseRefunds(executor: Executor, limit: number): Promise<readonly z.infer<typeof loose>[]> {
  return executor.any(sql.type(loose)`
    SELECT refunds.id, provider FROM refunds JOIN captures ON captures.id = capture_id
    WHERE promise_id IS NULL AND status IN ('due', 'asked', 'pending') ORDER BY refunds.created_at LIMIT ${limit}
  `);
}
