import { z } from 'zod';
import { decide } from '#workflows/collaboration/flow.ts';
import { Failure } from '#workflows/failures.ts';
import { append } from './append.ts';
import { lockDeal } from './deals.ts';
import { type Pool, sql } from './pool.ts';
import { retryRefund } from './refunds.ts';
import { stepWithAll } from './steps.ts';

/** Rules on a dispute for an operator who has no account here (the Temporal Web UI). FLOW_STATE_INVALID, VALIDATION_FAILED. */
export async function ruleAsOperator(
  pool: Pool,
  ruling: { conversationId: string; releasePercent: number; reason: string; now: string; systemUserId: string },
): Promise<void> {
  await pool.transaction(async (transaction) => {
    const stored = await lockDeal(transaction, ruling.conversationId);
    if (!stored) throw new Failure('NOT_FOUND', 'There is no such deal.');
    const data = { release_percent: ruling.releasePercent, reason: ruling.reason };
    const command = { on: 'resolve_dispute', by: 'admin', actor: null, data } as const;
    const decision = decide(stored.deal, command, { now: ruling.now, feeBps: 0 });
    if ('refusal' in decision) {
      const { code, message, details } = decision.refusal;
      throw new Failure(code, message, { details });
    }
    if ('missing' in decision) throw new Failure('VALIDATION_FAILED', 'A ruling needs a release_percent and a reason.');
    const rows = stepWithAll(stored, decision.step, { systemUserId: ruling.systemUserId, factsFirst: false });
    await append(transaction, rows);
  });
}

/** Makes every refund of a deal that failed due again. Answers how many. */
export async function retryRefundsOf(pool: Pool, conversationId: string, now: string): Promise<number> {
  const failed = await pool.any(sql.type(z.object({ id: z.string() }))`
    SELECT refunds.id FROM refunds JOIN promises ON promises.id = refunds.promise_id
    WHERE promises.conversation_id = ${conversationId} AND refunds.status = 'failed'
    LIMIT 100
  `);
  let retried = 0;
  for (const { id } of failed) if (await retryRefund(pool, id, null, now)) retried += 1;
  return retried;
}
