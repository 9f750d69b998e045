import { z } from 'zod';
import { lockDeal } from './deals.ts';
import { accounts, transfer } from './ledger.ts';
import { type Pool, sql, type Transaction } from './pool.ts';
import { insertRefund } from './refunds.ts';
import { appendOwnStep, type Origin } from './steps.ts';

const promiseRow = z.object({
  id: z.string(),
  kind: z.enum(['release', 'refund']),
  amount: z.bigint(),
  fee: z.bigint(),
  asset: z.string(),
  capture_id: z.string().nullable(),
  moved_at: z.string().nullable(),
});

/**
 * Carries out a promise, once: a release moves the money held to the influencer's wallet less the fee and is done; a
 * refund moves it to clearing and makes the refund that the provider is then asked for. One transaction each, with the
 * step that tells of it. Called again it changes nothing.
 */
export async function carryPromise(
  pool: Pool,
  conversationId: string,
  promiseId: string,
  origin: Origin,
): Promise<void> {
  const { now } = origin;
  await pool.transaction(async (transaction) => {
    const stored = await lockDeal(transaction, conversationId);
    const promise = await findPromise(transaction, conversationId, promiseId);
    if (!stored || !promise || promise.moved_at) return;
    const { asset, amount, fee } = promise;
    const key = `${promise.kind}_${promise.id}`;
    const escrow = accounts.escrow(conversationId, asset);
    if (promise.kind === 'release') {
      const net = amount - fee;
      await transfer(transaction, {
        key,
        reason: 'money_released',
        conversationId,
        occurredAt: now,
        legs: [
          { account: escrow, amount: -amount },
          { account: accounts.wallet(stored.parties.influencer, asset), amount: net },
          { account: accounts.fee(conversationId, asset), amount: fee },
        ],
      });
      await closePromise(transaction, promise.id, now, true);
      const data = { amount: net.toString(), promise_id: promise.id };
      await appendOwnStep(transaction, stored, { on: 'money_released', by: 'system', data }, origin);
      return;
    }
    await transfer(transaction, {
      key,
      reason: 'refund_started',
      conversationId,
      occurredAt: now,
      legs: [
        { account: escrow, amount: -amount },
        { account: accounts.refundClearing(conversationId, asset), amount },
      ],
    });
    await closePromise(transaction, promise.id, now, false);
    await insertRefund(transaction, {
      promiseId: promise.id,
      captureId: promise.capture_id!,
      amount,
      currency: asset,
      now,
    });
    const data = { amount: amount.toString(), promise_id: promise.id };
    await appendOwnStep(transaction, stored, { on: 'refund_started', by: 'system', data }, origin);
  });
}

async function findPromise(
  transaction: Transaction,
  conversationId: string,
  id: string,
): Promise<z.infer<typeof promiseRow> | null> {
  return transaction.maybeOne(sql.type(promiseRow)`
    SELECT id, kind, amount, fee, asset, capture_id, moved_at FROM promises
    WHERE id = ${id} AND conversation_id = ${conversationId}
  `);
}

async function closePromise(transaction: Transaction, id: string, now: string, done: boolean): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE promises SET moved_at = ${now}::timestamptz, done_at = CASE WHEN ${done} THEN ${now}::timestamptz END WHERE id = ${id}
  `);
}
