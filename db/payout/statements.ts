import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import { type Executor, sql } from '../pool.ts';

export const STATEMENT_KINDS = ['paid', 'came_back'] as const;
type StatementKind = (typeof STATEMENT_KINDS)[number];

const line = z.object({
  what: z.enum(['earned', 'fee']),
  reason: z.string(),
  source_id: z.string().nullable(),
  transfers: z.int(),
  first_at: z.string(),
  last_at: z.string(),
  amount: z.string().transform(BigInt),
});

const statementRow = z.object({
  process_id: z.string(),
  kind: z.enum(STATEMENT_KINDS),
  user_id: z.string(),
  handle: z.string(),
  destination: z.string(),
  provider: z.string(),
  asset: z.custom<Asset>(),
  gross: z.bigint(),
  fee: z.bigint(),
  net: z.bigint(),
  made_at: z.string(),
  lines: z.array(line),
});
/** Minor units. Lines sum to `net`; those that were earned come first, in the order in which they came, and sum to `gross`. */
export type PayoutStatement = z.infer<typeof statementRow>;

/** What a payout came to, as it was kept when it was paid, or came back; null where that has not happened. */
export async function findPayoutStatement(
  executor: Executor,
  processId: string,
  kind: StatementKind,
): Promise<PayoutStatement | null> {
  return executor.maybeOne(sql.type(statementRow)`
    SELECT stated.process_id, stated.kind, payouts.user_id, users.handle, destination, payouts.provider,
      stated.currency AS asset, stated.gross, stated.fee, stated.net, made_at, (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'what', what, 'reason', reason, 'source_id', source_id, 'transfers', transfers, 'amount', amount::text,
          'first_at', to_char(first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'last_at', to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        ) ORDER BY what = 'fee', n), '[]')
        FROM payout_statement_lines AS line WHERE line.process_id = stated.process_id AND line.kind = stated.kind
      ) AS lines
    FROM payout_statements AS stated
    JOIN payouts ON payouts.process_id = stated.process_id
    JOIN users ON users.id = payouts.user_id
    WHERE stated.process_id = ${processId} AND stated.kind = ${kind}
  `);
}
