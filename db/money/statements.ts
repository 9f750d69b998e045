import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** What came and went in somebody's wallets and holds, and what they came to at any time. */

const line = z.object({
  id: z.string(),
  transaction_id: z.string(),
  account: z.enum(['wallet', 'hold']),
  asset: z.string(),
  amount: z.bigint(),
  balance_after: z.bigint(),
  reason: z.string(),
  memo: z.string().nullable(),
  corrects: z.string().nullable(),
  counterparty_id: z.string().nullable(),
  conversation_id: z.string().nullable(),
  occurred_at: z.string(),
  recorded_at: z.string(),
  account_id: z.bigint(),
  account_version: z.bigint(),
});
export type StatementLine = z.infer<typeof line>;

/** Where a page ended: an account's entries are in time, so the three of them order all entries of a user. */
export type StatementKey = { recordedAt: string; accountId: string; version: string };

export type StatementFilter = {
  asset?: string | undefined;
  /** Reason of the transfers, such as "transfer". */
  kind?: string | undefined;
  /** When it was booked: at or after, before. */
  from?: string | undefined;
  to?: string | undefined;
};

/**
 * A user's entries, newest first, older than `before`. Each account is read backwards from the number that its instant
 * has, so that a page far back costs what the first does; by kind, what lies between is read too.
 */
export async function listStatement(
  executor: Executor,
  userId: string,
  { asset, kind, from, to }: StatementFilter,
  limit: number,
  before: StatementKey | null,
): Promise<readonly StatementLine[]> {
  return executor.any(sql.type(line)`
    SELECT entry.transfer_id || '.' || entry.account_id AS id, entry.key AS transaction_id, account.kind AS account, account.asset, entry.amount,
      entry.balance_after, entry.reason, entry.more ->> 'memo' AS memo, entry.more ->> 'corrects' AS corrects,
      other.owner_id AS counterparty_id, entry.conversation_id, entry.occurred_at, entry.recorded_at, entry.account_id,
      entry.account_version
    FROM ledger_accounts AS account
    CROSS JOIN LATERAL (
      SELECT least(
        account.version,
        CASE WHEN ${to ?? null}::timestamptz IS NOT NULL
          THEN ledger_version_at(account.id, ${to ?? null}::timestamptz - interval '1 ms') END,
        CASE WHEN ${before?.recordedAt ?? null}::timestamptz IS NOT NULL
          THEN ledger_version_at(account.id, ${before?.recordedAt ?? null}::timestamptz) END
      ) AS version
    ) AS newest
    CROSS JOIN LATERAL (
      SELECT entry.*, transfer.key, transfer.reason, transfer.more, transfer.conversation_id, transfer.occurred_at
      FROM ledger_entries AS entry
      JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
      WHERE entry.account_id = account.id AND entry.account_version <= newest.version
        AND (${from ?? null}::timestamptz IS NULL
          OR entry.account_version > ledger_version_at(account.id, ${from ?? null}::timestamptz - interval '1 ms'))
        AND (${kind ?? null}::text IS NULL OR transfer.reason = ${kind ?? null})
        AND (${before?.recordedAt ?? null}::timestamptz IS NULL
          OR (entry.recorded_at, entry.account_id, entry.account_version)
            < (${before?.recordedAt ?? null}::timestamptz, ${before?.accountId ?? null}::bigint,
              ${before?.version ?? null}::bigint))
      ORDER BY entry.account_version DESC
      LIMIT ${limit}
    ) AS entry
    LEFT JOIN LATERAL (
      SELECT party.owner_id
      FROM ledger_entries AS leg JOIN ledger_accounts AS party ON party.id = leg.account_id
      WHERE leg.transfer_id = entry.transfer_id AND party.owner_id <> ${userId} AND party.asset = account.asset
      LIMIT 1
    ) AS other ON true
    WHERE account.owner_id = ${userId} AND account.kind IN ('wallet', 'hold')
      AND (${asset ?? null}::text IS NULL OR account.asset = ${asset ?? null})
    ORDER BY entry.recorded_at DESC, entry.account_id DESC, entry.account_version DESC
    LIMIT ${limit}
  `);
}

const pastBalance = z.object({ asset: z.string(), available: z.bigint(), held: z.bigint() });

/**
 * What a user had per asset at an instant, by what was booked until then: wallet and holds. It is settled once no
 * transaction of before is under way, some ten seconds later.
 */
export async function listBalancesAt(
  executor: Executor,
  userId: string,
  at: string,
): Promise<readonly z.infer<typeof pastBalance>[]> {
  return executor.any(sql.type(pastBalance)`
    SELECT account.asset,
      coalesce(sum(entry.balance_after) FILTER (WHERE account.kind = 'wallet'), 0)::bigint AS available,
      coalesce(sum(entry.balance_after) FILTER (WHERE account.kind = 'hold'), 0)::bigint AS held
    FROM ledger_accounts AS account
    JOIN ledger_entries AS entry
      ON entry.account_id = account.id AND entry.account_version = ledger_version_at(account.id, ${at}::timestamptz)
    WHERE account.owner_id = ${userId} AND account.kind IN ('wallet', 'hold')
    GROUP BY account.asset
    ORDER BY account.asset
  `);
}
