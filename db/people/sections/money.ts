import { sql } from '../../pool.ts';

/** Somebody's money: what moved, was paid in and taken back. */
export function moneySections(userId: string) {
  return {
    wallet: sql.fragment`
      SELECT transfer_id::text AS transfer_id, ledger_accounts.kind, asset, amount::text AS amount,
        balance_after::text AS balance_after, reason, more, occurred_at
      FROM ledger_accounts JOIN ledger_entries ON account_id = ledger_accounts.id
      JOIN ledger_transfers ON ledger_transfers.id = transfer_id
      WHERE owner_id = ${userId} ORDER BY occurred_at, transfer_id`,
    wallet_holds: sql.fragment`
      SELECT id, asset, amount::text AS amount, posted::text AS posted, returned::text AS returned, reason, state, made_at,
        ended_at
      FROM ledger_holds WHERE user_id = ${userId} ORDER BY made_at, id`,
    wallet_addresses: sql.fragment`
      SELECT asset, address, given_at FROM wallet_addresses WHERE user_id = ${userId} ORDER BY asset`,
    wallet_recipients: sql.fragment`
      SELECT recipient_id, asset, first_at, sent::text AS sent FROM wallet_recipients
      WHERE user_id = ${userId} ORDER BY first_at`,
    wallet_penalties: sql.fragment`
      SELECT id, asked::text AS asked, taken::text AS taken, reason, given_at FROM wallet_penalties
      WHERE user_id = ${userId} ORDER BY given_at, id`,
    payments: sql.fragment`
      SELECT id, process_id, provider, amount::text AS amount, currency, description, created_at
      FROM payment_orders WHERE payer_id = ${userId} ORDER BY id`,
    disputes: sql.fragment`
      SELECT disputes.id, disputes.provider, disputes.amount::text AS amount, disputes.currency, state, opened_at,
        disputes.closed_at
      FROM payment_orders JOIN captures ON captures.order_id = payment_orders.id
      JOIN disputes ON disputes.capture_id = captures.id
      WHERE payer_id = ${userId} ORDER BY disputes.id`,
    charge_backs: sql.fragment`
      SELECT process_id AS id, provider, asset, reason, due::text AS due, taken::text AS taken, owed::text AS owed
      FROM charge_backs WHERE payee_id = ${userId} ORDER BY process_id`,
    charge_back_files: sql.fragment`
      SELECT id, process_id, name, media_type, octet_length(bytes) AS size, added_at FROM charge_back_files
      WHERE user_id = ${userId} ORDER BY added_at, id`,
    tips: sql.fragment`
      SELECT id, creator_id, sender_id, asset, amount::text AS amount, message, at FROM tips
      WHERE creator_id = ${userId} OR sender_id = ${userId} ORDER BY at, id`,
  };
}
