import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { brokenConstraint, type Executor, sql, type Transaction } from '../pool.ts';

export type AccountKind =
  | 'wallet'
  | 'hold'
  | 'escrow'
  | 'external'
  | 'fee'
  | 'spent'
  | 'penalty'
  | 'expired'
  | 'suspense'
  | 'refund_clearing'
  | 'payout_clearing'
  | 'issuance'
  | 'conversion'
  | 'adjustment'
  | 'charge_back'
  | 'recovery'
  | 'debt'
  | 'loss'
  | 'clan'
  | 'budget';

/** An account by name. It is made when money first reaches it. */
export type Account = { code: string; kind: AccountKind; asset: string; ownerId: string | null };

/** Accounts that everybody touches are kept in this many rows, so that nobody queues for one row's lock. */
const SHARDS = 8;

function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % SHARDS;
}

const ours = (kind: AccountKind, code: string, asset: string): Account => ({ code, kind, asset, ownerId: null });
const sharded = (kind: AccountKind, id: string, asset: string) => ours(kind, `${kind}/${shardOf(id)}`, asset);

/** `id` where it is asked for is that of whatever the transfer is about: it only says which of the rows. */
export const accounts = {
  wallet: (userId: string, asset: string): Account => ({
    code: `wallet/${userId}`,
    kind: 'wallet',
    asset,
    ownerId: userId,
  }),
  hold: (userId: string, asset: string): Account => ({ code: `hold/${userId}`, kind: 'hold', asset, ownerId: userId }),
  escrow: (dealId: string, asset: string) => ours('escrow', `escrow/${dealId}`, asset),
  refundClearing: (id: string, asset: string) => ours('refund_clearing', `refund_clearing/${id}`, asset),
  /** What a provider was asked to pay out, or is to be, and has not yet. */
  payoutClearing: (id: string, asset: string) => ours('payout_clearing', `payout_clearing/${id}`, asset),
  /** The world outside, by provider: negative by what it has paid in. */
  external: (provider: string, id: string, asset: string) =>
    ours('external', `external/${provider}/${shardOf(id)}`, asset),
  fee: (id: string, asset: string) => sharded('fee', id, asset),
  /** What was paid to us for things of our own. */
  spent: (id: string, asset: string) => sharded('spent', id, asset),
  penalty: (id: string, asset: string) => sharded('penalty', id, asset),
  /** What ended unspent. */
  expired: (id: string, asset: string) => sharded('expired', id, asset),
  suspense: (provider: string, asset: string) => ours('suspense', `suspense/${provider}`, asset),
  chargeBack: (provider: string, asset: string) => ours('charge_back', `charge_back/${provider}`, asset),
  /** What was got back of what banks took: from whoever was paid, as a debt of theirs, or from ourselves. */
  recovery: (provider: string, asset: string) => ours('recovery', `recovery/${provider}`, asset),
  /** What somebody owes us: below zero by that. */
  debt: (userId: string, asset: string): Account => ({ code: `debt/${userId}`, kind: 'debt', asset, ownerId: userId }),
  /** What nobody makes up for: below zero by that. */
  loss: (provider: string, asset: string) => ours('loss', `loss/${provider}`, asset),
  issuance: (asset: string, id = '00') => sharded('issuance', id, asset),
  /** What was changed into another asset: owes as much of one as it has of the others, at the rates of the day. */
  conversion: (id: string, asset: string) => sharded('conversion', id, asset),
  /** What may be minted on a day, so that no rule and no fraud mints more. */
  budget: (day: string, asset: string) => ours('budget', `budget/${day}`, asset),
  /** Against which operators put balances right. */
  adjustment: (id: string, asset: string) => sharded('adjustment', id, asset),
};

export type Leg = { account: Account; amount: bigint };

/** What few transfers bring. Kept with them, and part of what makes two the same. */
export type More = {
  memo?: string | undefined;
  /** The key of the transfer that this one puts right. */
  corrects?: string;
  rate_id?: string;
  /** The hold whose money moves. */
  hold?: string;
  /** Takes what has expired, and only that. */
  expired?: true;
  /** ISO. Of what is credited anew, where lots are kept; else as the asset says. */
  available_at?: string;
  expires_at?: string;
};

export type Transfer = {
  /** Derived from what the transfer is about: the same key moves once. */
  key: string;
  reason: string;
  conversationId: string | null;
  occurredAt: string;
  /** Sum to zero per asset; each account at most once; zero legs are left out. */
  legs: Leg[];
  more?: More;
};

/** By name, which is the order of locks: as Postgres compares in "C". */
export function inOrder(legs: readonly Leg[]): Leg[] {
  return legs
    .filter((leg) => leg.amount !== 0n)
    .sort(({ account: one }, { account: other }) => {
      if (one.code !== other.code) return one.code < other.code ? -1 : 1;
      return one.asset < other.asset ? -1 : 1;
    });
}

/** Null where there is nothing to say, as in the database. */
function moreOf({ more }: Transfer): More | null {
  return more && Object.values(more).some((value) => value !== undefined) ? more : null;
}

/** Moves money, all legs or none. True when it moved now, false when it had moved before. INSUFFICIENT_FUNDS, CONFLICT. */
export async function transfer(executor: Executor, move: Transfer): Promise<boolean> {
  const legs = inOrder(move.legs);
  const of = (column: (leg: Leg) => string | null, type: string) => sql.array(legs.map(column), type);
  const more = moreOf(move);
  return refusing(() =>
    executor.oneFirst(sql.type(z.object({ ledger_transfer: z.boolean() }))`
      SELECT ledger_transfer(${move.key}, ${move.reason}, ${move.conversationId}, ${move.occurredAt}::timestamptz,
        ${of(({ account }) => account.code, 'text')}, ${of(({ account }) => account.kind, 'text')},
        ${of(({ account }) => account.asset, 'text')}, ${of(({ account }) => account.ownerId, 'uuid')},
        ${of(({ amount }) => amount.toString(), 'int8')}, ${more && JSON.stringify(more)}::jsonb)
    `),
  );
}

/**
 * Several transfers in their order, all or none, in one round trip. Of each whether it moved now. All their accounts are
 * locked first, so that two batches never wait for each other in a circle. INSUFFICIENT_FUNDS, CONFLICT.
 */
export async function transferAll(executor: Executor, moves: readonly Transfer[]): Promise<readonly boolean[]> {
  if (moves.length === 0) return [];
  return refusing(() =>
    executor.oneFirst(sql.type(z.object({ ledger_transfer_all: z.array(z.boolean()) }))`
      SELECT ledger_transfer_all(${JSON.stringify(moves.map(written))}::jsonb)
    `),
  );
}

/** As the functions of the ledger take several transfers. */
function written(move: Transfer) {
  return {
    key: move.key,
    reason: move.reason,
    conversation_id: move.conversationId,
    occurred_at: move.occurredAt,
    more: moreOf(move),
    legs: inOrder(move.legs).map(({ account, amount }) => ({
      code: account.code,
      kind: account.kind,
      asset: account.asset,
      owner_id: account.ownerId,
      amount: amount.toString(),
    })),
  };
}

const outcomeRow = z.object({ outcome: z.string(), message: z.string().nullable() });
/** Whether a transfer moved now, or why it was refused. */
export type Outcome = boolean | Error;

/**
 * Several transfers that have nothing to do with each other, in one round trip and one commit: of each what became of it.
 * One that is refused undoes itself alone.
 */
export async function transferEach(executor: Executor, moves: readonly Transfer[]): Promise<Outcome[]> {
  const rows = await executor.any(sql.type(outcomeRow)`
    SELECT outcome, message FROM ledger_transfer_each(${JSON.stringify(moves.map(written))}::jsonb)
  `);
  return rows.map(({ outcome, message }) => {
    if (outcome === 'moved' || outcome === 'repeated') return outcome === 'moved';
    const cause = new Error(message ?? outcome);
    return refusalOf(outcome, cause) ?? cause;
  });
}

/** Several transfers, all or none where the caller's transaction ends with what this throws: by the quick way for many. */
export async function transferTogether(transaction: Transaction, moves: readonly Transfer[]): Promise<void> {
  const [only] = moves;
  if (only && moves.length === 1) await transfer(transaction, only);
  else if (only) {
    for (const outcome of await transferEach(transaction, moves)) if (outcome instanceof Error) throw outcome;
  }
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(brokenConstraint(error), error) ?? error;
  }
}

function refusalOf(constraint: string | null, cause: unknown): Failure | null {
  switch (constraint) {
    case 'ledger_accounts_not_negative':
      return new Failure('INSUFFICIENT_FUNDS', 'The account does not hold this amount.', { cause });
    case 'ledger_transfers_same_input':
      return new Failure('CONFLICT', 'This transfer was made with other amounts.', { cause });
    case 'ledger_transfers_correct_one':
      return new Failure('NOT_FOUND', 'There is no such transfer to correct.', { cause });
    default:
      return null;
  }
}

const storedLeg = z.object({
  code: z.string(),
  kind: z.string(),
  asset: z.string(),
  owner_id: z.string().nullable(),
  amount: z.bigint(),
});

/** The legs of a transfer that was made. Empty when there is none of this key. */
export async function listLegs(executor: Executor, key: string): Promise<Leg[]> {
  const rows = await executor.any(sql.type(storedLeg)`
    SELECT account.code, account.kind, account.asset, account.owner_id, entry.amount
    FROM ledger_transfers AS transfer
    JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
    JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE transfer.key = ${key}
    ORDER BY account.code, account.asset
  `);
  return rows.map(({ owner_id, amount, kind, ...account }) => ({
    account: { ...account, kind: kind as AccountKind, ownerId: owner_id },
    amount,
  }));
}

/**
 * Puts a whole transfer right by its opposite, which names it; nothing is taken back. Once, however often it is asked
 * for. NOT_FOUND, INSUFFICIENT_FUNDS where somebody no longer has what they were given.
 */
export async function reverse(
  executor: Executor,
  { key, reason, memo, occurredAt }: { key: string; reason: string; memo?: string; occurredAt: string },
): Promise<boolean> {
  const legs = await listLegs(executor, key);
  if (legs.length === 0) throw new Failure('NOT_FOUND', 'There is no such transfer to correct.');
  return transfer(executor, {
    key: `reversal_${key}`,
    reason,
    conversationId: null,
    occurredAt,
    legs: legs.map(({ account, amount }) => ({ account, amount: -amount })),
    more: { corrects: key, memo },
  });
}

const balance = z.object({ asset: z.string(), available: z.bigint(), held: z.bigint() });
export type Balance = z.infer<typeof balance>;

/**
 * What a user has, per asset, in minor units. Of an asset that keeps lots, what is locked counts as held, and what has
 * expired and was not swept yet as nothing.
 */
export async function listBalances(
  executor: Executor,
  userId: string,
  now: string = new Date().toISOString(),
): Promise<readonly Balance[]> {
  return executor.any(sql.type(balance)`
    SELECT account.asset, ${balanceAt(now)}
    WHERE owner_id = ${userId} AND kind IN ('wallet', 'hold')
    GROUP BY account.asset
    ORDER BY account.asset
  `);
}

const ownedBalance = balance.extend({ owner_id: z.string() });

/** The same of many users and one asset: of each that has an account. */
export async function balancesOf(
  executor: Executor,
  userIds: readonly string[],
  { asset, now }: { asset: string; now: string },
): Promise<ReadonlyMap<string, Balance>> {
  const rows = await executor.any(sql.prepared('balances_of', ownedBalance)`
    SELECT owner_id, account.asset, ${balanceAt(now)}
    WHERE owner_id = ANY(${sql.array([...userIds], 'uuid')}) AND account.asset = ${asset} AND kind IN ('wallet', 'hold')
    GROUP BY owner_id, account.asset
  `);
  return new Map(rows.map(({ owner_id, ...row }) => [owner_id, row]));
}

const balanceAt = (now: string) => sql.fragment`
  sum(CASE WHEN kind = 'hold' THEN 0 WHEN assets.lots THEN lots.available ELSE balance END)::bigint AS available,
  sum(CASE WHEN kind = 'hold' THEN balance WHEN assets.lots THEN lots.locked ELSE 0 END)::bigint AS held
  FROM ledger_accounts AS account
  JOIN ledger_assets AS assets ON assets.asset = account.asset
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE available_at IS NULL OR available_at <= ${now}), 0) AS available,
      coalesce(sum(amount) FILTER (WHERE available_at > ${now}), 0) AS locked
    FROM ledger_lots
    WHERE assets.lots AND account_id = account.id AND (expires_at IS NULL OR expires_at > ${now})
  ) AS lots`;

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
