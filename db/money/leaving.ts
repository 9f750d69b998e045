import { sql, type Transaction } from '../pool.ts';
import { accounts, listBalances, transfer } from './ledger.ts';

/**
 * Points, which are given back to whoever issued them when their owner leaves. Everything else is money, and nobody
 * leaves money behind.
 */
export const POINTS = ['TOKEN', 'CREDIT', 'LYK'];

/** Nobody pays who leaves meanwhile. In the order in which accounts are locked. */
export async function lockAccounts(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE owner_id = ${userId} ORDER BY code, asset FOR UPDATE
  `);
}

/** Whom they sent to, and where they were sent to. A number of an address stays given, or another would be given it. */
export async function takeAddresses(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    WITH known AS (DELETE FROM wallet_recipients WHERE user_id = ${userId})
    UPDATE wallet_addresses SET address = NULL WHERE user_id = ${userId}
  `);
}

/** What a provider's own page was opened with. What was paid stays. */
export async function takePages(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE payment_orders SET razorpay_config = NULL WHERE payer_id = ${userId} AND razorpay_config IS NOT NULL
  `);
}

export async function givePointsBack(transaction: Transaction, userId: string, now: string): Promise<void> {
  for (const { asset, available } of await listBalances(transaction, userId)) {
    if (available === 0n || !POINTS.includes(asset)) continue;
    await transfer(transaction, {
      key: `leave_${userId}_${asset}`,
      reason: 'account_deleted',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.wallet(userId, asset), amount: -available },
        { account: accounts.issuance(asset), amount: available },
      ],
    });
  }
}
