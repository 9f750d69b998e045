import { z } from 'zod';
import { decide, type Step } from '#workflows/collaboration/flow.ts';
import { Failure } from '#workflows/failures.ts';
import { append } from './append.ts';
import { listSteps, lockDeal, type StoredDeal } from './deals.ts';
import { type Pool, sql, type Transaction } from './pool.ts';
import { retryRefund } from './refunds.ts';
import { expireIfDue, type Origin, stepWithAll } from './steps.ts';

export type Ruling = {
  conversationId: string;
  /** The last step that whoever asks knows of. */
  known: number;
  releasePercent: number;
  reason: string;
};

/**
 * Rules on a dispute for an operator who has no account here (the Temporal Web UI), once: asked again, as after a crash
 * behind the commit, it finds its own ruling. A deadline that has passed is applied first. FLOW_STATE_INVALID,
 * VALIDATION_FAILED.
 */
export async function ruleAsOperator(pool: Pool, ruling: Ruling, origin: Origin): Promise<void> {
  const { conversationId, known, releasePercent, reason } = ruling;
  const refusal = await pool.transaction(async (transaction) => {
    const stored = await getLocked(transaction, conversationId);
    const steps = await listSteps(transaction, conversationId, known, 1_000);
    if (steps.some((step) => isThisRuling(step, ruling))) return null;
    const current = (await expireIfDue(transaction, stored, origin))
      ? await getLocked(transaction, conversationId)
      : stored;
    const data = { release_percent: releasePercent, reason };
    const command = { on: 'resolve_dispute', by: 'admin', actor: null, data } as const;
    const decision = decide(current.deal, command, { now: origin.now, feeBps: 0 });
    // Answered and not thrown: the expiry stays.
    if ('refusal' in decision) return decision.refusal;
    if ('missing' in decision) throw new Failure('VALIDATION_FAILED', 'A ruling needs a release_percent and a reason.');
    const { systemUserId } = origin;
    await append(transaction, stepWithAll(current, decision.step, { systemUserId, factsFirst: false }));
    return null;
  });
  if (refusal) throw new Failure(refusal.code, refusal.message, { details: refusal.details });
}

async function getLocked(transaction: Transaction, conversationId: string): Promise<StoredDeal> {
  const stored = await lockDeal(transaction, conversationId);
  if (!stored) throw new Failure('NOT_FOUND', 'There is no such deal.');
  return stored;
}

/** A step of an administrator's without an account came by this door. */
function isThisRuling({ on, actor, data }: Step, { releasePercent, reason }: Ruling): boolean {
  return (
    on === 'resolve_dispute' &&
    actor === null &&
    data.release_percent === releasePercent &&
    data.reason === reason.trim()
  );
}

/** Makes every refund of a deal that failed due again. Answers how many are to be asked for again, whoever made them so. */
export async function retryRefundsOf(pool: Pool, conversationId: string, now: string): Promise<number> {
  const found = await pool.any(sql.type(z.object({ id: z.string(), status: z.string() }))`
    SELECT refunds.id, refunds.status FROM refunds JOIN promises ON promises.id = refunds.promise_id
    WHERE promises.conversation_id = ${conversationId}
      AND (refunds.status = 'failed' OR (refunds.status = 'due' AND attempt > 1))
    LIMIT 100
  `);
  let retried = 0;
  for (const { id, status } of found) {
    if (status === 'due' || (await retryRefund(pool, id, null, now))) retried += 1;
  }
  return retried;
}
