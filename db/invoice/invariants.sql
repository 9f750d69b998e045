-- What is true of invoices at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: invoices_are_numbered
-- Invoices of an issuer are 1, 2, 3, … without gaps.
SELECT issuer, count(*) AS invoices, min(number) AS first, max(number) AS last
FROM invoices GROUP BY issuer HAVING min(number) <> 1 OR max(number) <> count(*);

-- invariant: invoices_are_of_fees
-- A fee that we kept is invoiced, or is to be, for just so much; one that went back with its payout is taken back.
SELECT payouts.process_id, payouts.status, payouts.fee::text, invoiced.amount::text AS invoiced
FROM payouts CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount), 0) AS amount FROM invoices WHERE invoices.process_id = payouts.process_id
) AS invoiced
WHERE payouts.fee > 0 AND NOT EXISTS (SELECT FROM invoices_due WHERE invoices_due.process_id = payouts.process_id)
  AND invoiced.amount <> CASE payouts.status WHEN 'processed' THEN payouts.fee ELSE 0 END;
