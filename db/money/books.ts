import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** The books as staff looks through them: accounts, and transfers with their legs. */

const account = z.object({
  id: z.bigint().transform(String),
  code: z.string(),
  kind: z.string(),
  asset: z.string(),
  owner: z.string().nullable(),
  balance: z.bigint(),
  moved_at: z.string().nullable(),
});
export type BookAccount = z.infer<typeof account>;

export type AccountFilter = {
  kind: string | null;
  /** How its code begins, as `wallet/`; or whose it is. */
  q: string | null;
  limit: number;
  /** Code and asset of the last one seen. */
  after: readonly [string, string] | null;
};

/**
 * Accounts in the order of their codes. A code begins with its account's kind and a slash, which is just before 0: so those
 * of a kind are read where they begin, and not after all of the kinds before.
 */
export async function listAccounts(
  executor: Executor,
  { kind, q, limit, after }: AccountFilter,
): Promise<readonly BookAccount[]> {
  const [code, asset] = after ?? [null, null];
  const begins = q === null ? null : `${q.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return executor.any(sql.type(account)`
    SELECT ledger_accounts.id, code, kind, asset, users.handle AS owner, balance,
      CASE WHEN isfinite(moved_at) THEN moved_at END AS moved_at
    FROM ledger_accounts LEFT JOIN users ON users.id = owner_id
    WHERE (${kind}::text IS NULL OR (kind = ${kind} AND code > ${`${kind}/`} AND code < ${`${kind}0`}))
      AND (${begins}::text IS NULL OR code LIKE ${begins}
        OR owner_id IN (SELECT id FROM users WHERE lower(handle) LIKE lower(${begins})))
      AND (${code}::text IS NULL OR (code, asset) > (${code}, ${asset}))
    ORDER BY code, asset LIMIT ${limit}
  `);
}

const balance = z.object({ kind: z.string(), asset: z.string(), accounts: z.int(), balance: z.bigint() });
export type BookBalance = z.infer<typeof balance>;

/** What accounts of each kind hold of each asset; of an asset they sum to zero. Reads every account there is. */
export async function listBookBalances(executor: Executor): Promise<readonly BookBalance[]> {
  return executor.any(sql.type(balance)`
    SELECT kind, asset, count(*)::int AS accounts, sum(balance)::bigint AS balance
    FROM ledger_accounts GROUP BY kind, asset ORDER BY asset, kind
  `);
}

const leg = z.object({ account_id: z.string(), account: z.string(), asset: z.string(), amount: z.string() });
const transfer = z.object({
  id: z.bigint().transform(String),
  key: z.string(),
  reason: z.string(),
  process_id: z.string().nullable(),
  occurred_at: z.string(),
  recorded_at: z.string(),
  legs: z.array(leg),
});
export type BookTransfer = z.infer<typeof transfer>;

export type TransferFilter = {
  /** Of an account, by its id. */
  accountId: string | null;
  /** Its key, or an id of what it is about. */
  search: { text: string; id: string | null } | null;
  limit: number;
  before: string | null;
};

/** Transfers, the newest first, each with all its legs. */
export async function listTransfers(
  executor: Executor,
  { accountId, search, limit, before }: TransferFilter,
): Promise<readonly BookTransfer[]> {
  const found = search
    ? sql.fragment`(key = ${search.text} OR conversation_id = ${search.id}::uuid)`
    : sql.fragment`true`;
  // Of an account by its own entries, which are numbered as its transfers are.
  const from = accountId
    ? sql.fragment`ledger_entries JOIN ledger_transfers ON ledger_transfers.id = transfer_id AND account_id = ${accountId}::bigint`
    : sql.fragment`ledger_transfers`;
  return executor.any(sql.type(transfer)`
    SELECT ledger_transfers.id, key, reason, conversation_id AS process_id, occurred_at, ledger_transfers.recorded_at, (
      SELECT json_agg(json_build_object('account_id', account.id::text, 'account', account.code, 'asset', account.asset,
        'amount', entry.amount::text) ORDER BY entry.amount)
      FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
      WHERE entry.transfer_id = ledger_transfers.id
    ) AS legs
    FROM ${from}
    WHERE (${before}::bigint IS NULL OR ledger_transfers.id < ${before}::bigint) AND ${found}
    ORDER BY ledger_transfers.id DESC LIMIT ${limit}
  `);
}
