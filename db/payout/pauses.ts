import { z } from 'zod';
import { type Executor, sql, type Transaction } from '../pool.ts';

const pauseRow = z.object({ paused_at: z.string(), paused_by: z.string(), reason: z.string() });
export type Pause = z.infer<typeof pauseRow>;

/** The pause that is on; null where payouts leave. */
export async function findPause(executor: Executor): Promise<Pause | null> {
  return executor.maybeOne(sql.type(pauseRow)`
    SELECT paused_at, paused_by, reason FROM payout_pauses WHERE ended_at IS NULL
  `);
}

/** No payout leaves from now on; what may have left is asked about all the same. Asked for twice, the first one stands. */
export async function pausePayouts(transaction: Transaction, by: string, reason: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO payout_pauses (paused_at, paused_by, reason) VALUES (${now}::timestamptz, ${by}, ${reason})
    ON CONFLICT DO NOTHING
  `);
}

/** They go on: whoever waited is to be told (`letPayoutGoOn`), or goes on when it is looked at next. */
export async function resumePayouts(transaction: Transaction, by: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE payout_pauses SET ended_at = ${now}::timestamptz, ended_by = ${by} WHERE ended_at IS NULL
  `);
}
