import { sql } from '../../pool.ts';

/** What somebody was paid out, where, by which papers, and what was billed. */
export function payoutSections(userId: string) {
  return {
    payees: sql.fragment`
      SELECT provider, account_id, kyc, since, checked_at FROM payees WHERE user_id = ${userId}`,
    payout_destinations: sql.fragment`
      SELECT id, provider, details, label, status, holder, reason, created_at, checked_at, removed_at
      FROM payout_destinations WHERE user_id = ${userId} ORDER BY id`,
    payouts: sql.fragment`
      SELECT process_id AS id, destination_id, provider, currency, gross::text AS gross, fee::text AS fee,
        net::text AS net, status, failure, created_at, settled_at
      FROM payouts WHERE user_id = ${userId} ORDER BY process_id`,
    payout_statements: sql.fragment`
      SELECT stated.process_id, kind, destination, stated.currency, stated.gross::text AS gross, stated.fee::text AS fee,
        stated.net::text AS net, made_at
      FROM payouts JOIN payout_statements AS stated ON stated.process_id = payouts.process_id
      WHERE user_id = ${userId} ORDER BY stated.process_id, kind`,
    payout_statement_lines: sql.fragment`
      SELECT line.process_id, kind, n, what, reason, source_id, first_at, last_at, amount::text AS amount
      FROM payouts JOIN payout_statement_lines AS line ON line.process_id = payouts.process_id
      WHERE user_id = ${userId} ORDER BY line.process_id, kind, n`,
    commissions: sql.fragment`
      SELECT kind, bps, fixed::text AS fixed, effective_from, effective_to FROM commission_rules
      WHERE user_id = ${userId} ORDER BY effective_from, id`,
    invoices: sql.fragment`
      SELECT id, issuer, number, kind, process_id, issuer_id, billed_id, asset, amount::text AS amount, corrects, issued_at
      FROM invoices WHERE issuer_id = ${userId} OR billed_id = ${userId} ORDER BY issued_at, id`,
  };
}
