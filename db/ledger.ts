import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { brokenConstraint, type Executor, sql } from './pool.ts';

export type AccountKind =
  | 'wallet'
  | 'hold'
  | 'escrow'
  | 'external'
  | 'fee'
  | 'suspense'
  | 'refund_clearing'
  | 'issuance'
  | 'charge_back';

/** An account by name. It is made when money first reaches it. */
export type Account = { code: string; kind: AccountKind; asset: string; ownerId: string | null };

/** Accounts that every deal touches are kept in this many rows, so that deals do not queue for one row's lock. */
const SHARDS = 8;

function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % SHARDS;
}

export const accounts = {
  wallet: (userId: string, asset: string): Account => ({
    code: `wallet/${userId}`,
    kind: 'wallet',
    asset,
    ownerId: userId,
  }),
  escrow: (dealId: string, asset: string): Account => ({
    code: `escrow/${dealId}`,
    kind: 'escrow',
    asset,
    ownerId: null,
  }),
  refundClearing: (id: string, asset: string): Account => ({
    code: `refund_clearing/${id}`,
    kind: 'refund_clearing',
    asset,
    ownerId: null,
  }),
  /** The world outside, by provider: negative by what it has paid in. */
  external: (provider: string, id: string, asset: string): Account => ({
    code: `external/${provider}/${shardOf(id)}`,
    kind: 'external',
    asset,
    ownerId: null,
  }),
  fee: (id: string, asset: string): Account => ({ code: `fee/${shardOf(id)}`, kind: 'fee', asset, ownerId: null }),
  suspense: (provider: string, asset: string): Account => ({
    code: `suspense/${provider}`,
    kind: 'suspense',
    asset,
    ownerId: null,
  }),
  chargeBack: (provider: string, asset: string): Account => ({
    code: `charge_back/${provider}`,
    kind: 'charge_back',
    asset,
    ownerId: null,
  }),
  issuance: (asset: string): Account => ({ code: `issuance/${asset}`, kind: 'issuance', asset, ownerId: null }),
};

export type Leg = { account: Account; amount: bigint };

export type Transfer = {
  /** Derived from what the transfer is about: the same key moves once. */
  key: string;
  reason: string;
  conversationId: string | null;
  occurredAt: string;
  /** Sum to zero per asset; each account at most once; zero legs are left out. */
  legs: Leg[];
};

/** Moves money, all legs or none. True when it moved now, false when it had moved before. INSUFFICIENT_FUNDS, CONFLICT. */
export async function transfer(
  executor: Executor,
  { key, reason, conversationId, occurredAt, legs }: Transfer,
): Promise<boolean> {
  const rows = legs
    .filter((leg) => leg.amount !== 0n)
    .map(({ account, amount }) => ({
      code: account.code,
      kind: account.kind,
      asset: account.asset,
      owner_id: account.ownerId,
      amount: amount.toString(),
    }));
  try {
    return await executor.oneFirst(sql.type(z.object({ ledger_transfer: z.boolean() }))`
      SELECT ledger_transfer(${key}, ${reason}, ${conversationId}, ${occurredAt}::timestamptz, ${sql.jsonb(rows)})
    `);
  } catch (error) {
    switch (brokenConstraint(error)) {
      case 'ledger_accounts_not_negative':
        throw new Failure('INSUFFICIENT_FUNDS', 'The account does not hold this amount.', { cause: error });
      case 'ledger_transfers_same_input':
        throw new Failure('CONFLICT', 'This transfer was made with other amounts.', { cause: error });
      default:
        throw error;
    }
  }
}

const balance = z.object({ asset: z.string(), available: z.bigint(), held: z.bigint() });

/** What a user has, per asset, in minor units. */
export async function listBalances(executor: Executor, userId: string): Promise<readonly z.infer<typeof balance>[]> {
  return executor.any(sql.type(balance)`
    SELECT asset,
      coalesce(sum(balance) FILTER (WHERE kind = 'wallet'), 0)::bigint AS available,
      coalesce(sum(balance) FILTER (WHERE kind = 'hold'), 0)::bigint AS held
    FROM ledger_accounts
    WHERE owner_id = ${userId} AND kind IN ('wallet', 'hold')
    GROUP BY asset
    ORDER BY asset
  `);
}

const walletEntry = z.object({
  id: z.string(),
  asset: z.string(),
  amount: z.bigint(),
  balance_after: z.bigint(),
  reason: z.string(),
  conversation_id: z.string().nullable(),
  occurred_at: z.string(),
});
export type WalletEntry = z.infer<typeof walletEntry>;

/** A user's entries, newest first, older than `before` (an entry's id). */
export async function listWalletEntries(
  executor: Executor,
  userId: string,
  limit: number,
  before: string | null,
): Promise<readonly WalletEntry[]> {
  return executor.any(sql.type(walletEntry)`
    SELECT entry.transfer_id || '.' || entry.account_id AS id, account.asset, entry.amount, entry.balance_after,
      transfer.reason, transfer.conversation_id, transfer.occurred_at
    FROM ledger_accounts AS account
    JOIN ledger_entries AS entry ON entry.account_id = account.id
    JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
    WHERE account.owner_id = ${userId} AND account.kind IN ('wallet', 'hold')
      AND (${before}::text IS NULL OR (entry.transfer_id, entry.account_id)
        < (split_part(${before}, '.', 1)::bigint, split_part(${before}, '.', 2)::bigint))
    ORDER BY entry.transfer_id DESC, entry.account_id DESC
    LIMIT ${limit}
  `);
}

const dealEntry = z.object({
  id: z.string(),
  account: z.string(),
  asset: z.string(),
  amount: z.bigint(),
  balance_after: z.bigint(),
  reason: z.string(),
  occurred_at: z.string(),
});
export type DealEntry = z.infer<typeof dealEntry>;

/** Every ledger entry a deal made, oldest first; a deal has few, so the limit is not paged. */
export async function listDealEntries(executor: Executor, conversationId: string): Promise<readonly DealEntry[]> {
  return executor.any(sql.type(dealEntry)`
    SELECT entry.transfer_id || '.' || entry.account_id AS id, account.code AS account, account.asset, entry.amount,
      entry.balance_after, transfer.reason, transfer.occurred_at
    FROM ledger_transfers AS transfer
    JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
    JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE transfer.conversation_id = ${conversationId}
    ORDER BY entry.transfer_id, entry.account_id
    LIMIT 200
  `);
}
