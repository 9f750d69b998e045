import { z } from 'zod';
import type { Kyc, ProviderFact, ProviderName } from '#workflows/payment/fact.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { ringSoon } from '../process/ringing.ts';
import { goOnAfterDeadline } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';
import type { Outcome } from './inbox.ts';

const payeeRow = z.object({
  user_id: z.string(),
  provider: z.custom<ProviderName>().nullable(),
  account_id: z.string().nullable(),
  kyc: z.custom<Kyc>().nullable(),
  since: z.string().nullable(),
});
export type PayeeRow = z.infer<typeof payeeRow>;

export async function findPayee(executor: Executor, userId: string): Promise<PayeeRow | null> {
  return executor.maybeOne(sql.type(payeeRow)`
    SELECT user_id, provider, account_id, kyc, since FROM payees WHERE user_id = ${userId}
  `);
}

/** Papers that nobody has begun to show: the way out is to begin. */
export const NO_PAPERS: Kyc = {
  status: 'none',
  currently_due: ['identity'],
  past_due: [],
  eventually_due: [],
  deadline: null,
  disabled_reason: null,
};

/** Keeps how a payee's papers stand. Answers the payouts that go on. */
export async function setPapers(
  transaction: Transaction,
  payee: { userId: string; provider: ProviderName; accountId: string; kyc: Kyc },
  origin: Origin,
): Promise<string[]> {
  const { userId, provider, accountId, kyc } = payee;
  const { now } = origin;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO payees AS payee (user_id, provider, account_id, kyc, since, checked_at)
    VALUES (${userId}, ${provider}, ${accountId}, ${sql.jsonb(kyc as never)}, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET provider = EXCLUDED.provider, account_id = EXCLUDED.account_id,
      kyc = EXCLUDED.kyc, checked_at = EXCLUDED.checked_at,
      since = CASE WHEN payee.kyc ->> 'status' = EXCLUDED.kyc ->> 'status' THEN payee.since ELSE EXCLUDED.since END
  `);
  // One at most: an account has one in the making.
  const waiting = kyc.status === 'verified' ? await listWaitingPayouts(transaction, userId) : [];
  for (const id of waiting) await letPayoutGoOn(transaction, id, origin);
  return [...waiting];
}

/** What a provider tells of a payee's papers. */
export async function bookPapers(transaction: Transaction, fact: ProviderFact, origin: Origin): Promise<Outcome> {
  const { provider, accountId = null, kyc } = fact;
  const userId = await transaction.maybeOneFirst(sql.typeAlias('id')`
    SELECT user_id AS id FROM payees WHERE provider = ${provider} AND account_id = ${accountId}
  `);
  if (userId === null || !kyc || accountId === null) return 'noted';
  await setPapers(transaction, { userId, provider, accountId, kyc }, origin);
  return 'noted';
}

/** Payouts that have not left: somebody's, or everybody's. */
export async function listWaitingPayouts(executor: Executor, userId: string | null): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT process_id AS id FROM payouts JOIN processes ON processes.id = process_id
    JOIN machine_states USING (kind, state)
    WHERE status IN ('reserved', 'due') AND NOT ends AND (${userId}::uuid IS NULL OR user_id = ${userId}::uuid)
    ORDER BY process_id LIMIT 1000
  `);
}

/**
 * What a payout waited for may be there: it is looked after now, and not when it would have been again. One that waits
 * after its deadline goes on by a step; one that is due has its provider asked anew.
 */
export async function letPayoutGoOn(transaction: Transaction, processId: string, origin: Origin): Promise<void> {
  const stored = await lockProcess(transaction, processId);
  if (!stored) return;
  await goOnAfterDeadline(transaction, stored, origin);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE payouts SET rounds = rounds + 1 WHERE process_id = ${processId} AND status = 'due'
  `);
  if (rowCount > 0) await ringSoon(transaction, [processId], origin.now);
}
