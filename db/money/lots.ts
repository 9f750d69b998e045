import { z } from 'zod';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { accounts, type Transfer, transfer } from './ledger.ts';
import { tellOfTransfer } from './walletEvents.ts';

/** Points that end: which do when, and what becomes of those that nobody spent. */

/** What is credited anew lives so long (to the end of that day), and is locked so long. ISO 8601; null: for ever, not at all. */
export type LotRule = { lifetime: string | null; locked: string | null };

/** As this deployment says. What was credited before keeps its dates. */
export async function updateLotRule(executor: Executor, asset: 'LYK' | 'CREDIT', rule: LotRule): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE ledger_assets SET lifetime = ${rule.lifetime}::interval, locked = ${rule.locked}::interval
    WHERE asset = ${asset} AND lots
  `);
}

const expiry = z.object({ asset: z.string(), amount: z.bigint(), expires_at: z.string() });
export type Expiry = z.infer<typeof expiry>;

/** What of a user's wallet ends when, soonest first. */
export async function listExpiries(
  executor: Executor,
  userId: string,
  now: string,
  limit: number,
): Promise<readonly Expiry[]> {
  return executor.any(sql.type(expiry)`
    SELECT account.asset, sum(lot.amount)::bigint AS amount, lot.expires_at
    FROM ledger_accounts AS account JOIN ledger_lots AS lot ON lot.account_id = account.id
    WHERE account.owner_id = ${userId} AND account.kind = 'wallet' AND lot.expires_at > ${now}
    GROUP BY account.asset, lot.expires_at
    ORDER BY lot.expires_at, account.asset
    LIMIT ${limit}
  `);
}

const walletRow = z.object({ user_id: z.string(), asset: z.string() });

/** What a sweep took. */
export type Expired = { userId: string; asset: string; amount: bigint };

/**
 * Takes what has expired out of wallets, each wallet in a transaction of its own: a transfer like any other. What was
 * taken by another sweep meanwhile is not taken twice.
 */
export async function expireLots(pool: Pool, now: string, limit: number): Promise<Expired[]> {
  const wallets = await pool.any(sql.type(walletRow)`
    SELECT DISTINCT account.owner_id AS user_id, account.asset
    FROM (SELECT account_id FROM ledger_lots WHERE expires_at <= ${now} AND hold IS NULL ORDER BY expires_at LIMIT ${limit})
      AS lot
    JOIN ledger_accounts AS account ON account.id = lot.account_id
    WHERE account.kind = 'wallet' AND account.owner_id IS NOT NULL
  `);
  const swept: Expired[] = [];
  for (const { user_id: userId, asset } of wallets) {
    const expired = await pool.transaction((transaction) => expireLotsOf(transaction, userId, asset, now));
    if (expired) swept.push(expired);
  }
  return swept;
}

/** The same for one wallet, whose user is told; null where nothing has expired. */
export async function expireLotsOf(
  transaction: Transaction,
  userId: string,
  asset: string,
  now: string,
): Promise<Expired | null> {
  const wallet = accounts.wallet(userId, asset);
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE code = ${wallet.code} AND asset = ${asset} FOR NO KEY UPDATE
  `);
  // A statement of its own, which sees what was committed before the row's lock was had.
  const found = await transaction.maybeOne(sql.type(z.object({ version: z.bigint(), amount: z.bigint() }))`
    SELECT account.version, sum(lot.amount)::bigint AS amount
    FROM ledger_accounts AS account
    JOIN ledger_lots AS lot ON lot.account_id = account.id AND lot.expires_at <= ${now}
    WHERE account.code = ${wallet.code} AND account.asset = ${asset}
    GROUP BY account.version
  `);
  if (!found) return null;
  const expired = { userId, asset, amount: found.amount };
  const move: Transfer = {
    // The wallet's row is locked: no other transfer of it has this number.
    key: `expiry_${userId}_${asset}_${found.version}`,
    reason: 'expired',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: wallet, amount: -found.amount },
      { account: accounts.expired(userId, asset), amount: found.amount },
    ],
    more: { expired: true },
  };
  await transfer(transaction, move);
  await tellOfTransfer(transaction, move);
  return expired;
}
