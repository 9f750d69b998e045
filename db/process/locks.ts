import { type Executor, sql, type Transaction } from '../pool.ts';

/**
 * Every row that somebody waits for is locked by one of these functions, or by the one statement that writes it, and
 * always in this order: answers, payees, subscription_tiers, trading_offers, quotas, processes,
 * ticket_events, tickets, conversations, tellings, members, messages,
 * follow_counts, disputes, refunds, payouts, payout_destinations, tasks, relays, trading_books, trading_orders,
 * trading_commands, poll_votes, questions, reward_people, xp_people, leaderboard_scores, ledger_accounts, inboxes, user_sequences; within one of them by id. So nobody waits
 * for anybody in a circle, and a test counts.
 */

/** Nobody takes a step of it, and no webhook about it is stored, before this transaction is over. */
export async function lockProcessRow(transaction: Transaction, id: string): Promise<void> {
  await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM processes WHERE id = ${id} FOR NO KEY UPDATE`);
}

/**
 * While a webhook about these is written: an expiry either sees its fact or is before it. Shared, since webhooks do not
 * wait for each other; in the order of ids.
 */
export async function shareProcesses(transaction: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of [...new Set(ids)].sort()) {
    await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM processes WHERE id = ${id} FOR SHARE`);
  }
}

/** After its process, before any other. False where there is none. */
export async function lockRefundRow(transaction: Transaction, id: string): Promise<boolean> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM refunds WHERE id = ${id} FOR UPDATE`);
  return row !== null;
}

/** After its process, before any other. False where there is none. */
export async function lockPayoutRow(transaction: Transaction, processId: string): Promise<boolean> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT process_id AS id FROM payouts WHERE process_id = ${processId} FOR NO KEY UPDATE
  `);
  return row !== null;
}

/** What somebody asks to be paid out is asked for one after the other. First of all, made where it is not there. */
export async function lockPayee(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO payees (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING
  `);
  await transaction.query(sql.typeAlias('void')`SELECT FROM payees WHERE user_id = ${userId} FOR NO KEY UPDATE`);
}

/** Two events about one dispute are booked one after the other. */
export async function lockDispute(transaction: Transaction, provider: string, disputeId: string): Promise<boolean> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT id FROM disputes WHERE provider = ${provider} AND dispute_id = ${disputeId} FOR UPDATE
  `);
  return row !== null;
}

/** A task that is to be decided about: nobody else decides meanwhile. After what it is about. */
export async function lockTaskRow(transaction: Transaction, id: string): Promise<void> {
  await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM tasks WHERE id = ${id} FOR UPDATE`);
}

/** A fact that waits to be booked; false where it does not wait any more. Under its process's lock. */
export async function lockFactRow(executor: Executor, id: bigint): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM inbox WHERE id = ${id} AND booked_at IS NULL FOR UPDATE
  `);
}
