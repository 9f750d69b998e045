-- What is true of events and their tickets at every instant, as queries that answer with the rows which break it.

-- invariant: ticket_events_stand_as_their_processes
-- Every event has its row, which says what its process says, and holds its price for each ticket that is valid.
SELECT coalesce(process.id, event.process_id) AS process_id, process.state, event.status, event.sold, process.held::text
FROM (SELECT id, state, terms, held FROM processes WHERE kind = 'ticketEvent') AS process
FULL JOIN ticket_events AS event ON event.process_id = process.id
WHERE process.id IS NULL OR event.process_id IS NULL
  OR event.status <> process.state
  OR event.sold::text IS DISTINCT FROM process.terms ->> 'sold'
  OR (event.price::text, event.capacity::text) IS DISTINCT FROM (process.terms ->> 'price', process.terms ->> 'capacity')
  OR process.held <> CASE WHEN event.status = 'settled' THEN 0 ELSE event.price * event.sold END;

-- invariant: tickets_are_counted
-- As many tickets are valid as are sold, and never more than there are seats.
SELECT event.process_id, event.sold, event.capacity, count(ticket.id) AS valid
FROM ticket_events AS event LEFT JOIN tickets AS ticket ON ticket.event_id = event.process_id AND ticket.status = 'valid'
GROUP BY event.process_id HAVING count(ticket.id) <> event.sold OR event.sold > event.capacity;

-- invariant: tickets_are_moved
-- A ticket was paid for by its holder, and one that is refunded was paid back to them: once each, all of it.
SELECT ticket.id, ticket.status, event.price::text, paid.amount::text AS paid, back.amount::text AS back
FROM tickets AS ticket JOIN ticket_events AS event ON event.process_id = ticket.event_id
CROSS JOIN LATERAL (
  SELECT coalesce(-sum(entry.amount), 0) AS amount FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.key = 'ticket_' || ticket.id AND account.code = 'wallet/' || ticket.holder_id
) AS paid
CROSS JOIN LATERAL (
  SELECT coalesce(sum(entry.amount), 0) AS amount FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id
  WHERE transfer.key = 'ticket_back_' || ticket.id AND account.code = 'wallet/' || ticket.holder_id
) AS back
WHERE paid.amount <> event.price OR back.amount <> CASE WHEN ticket.status = 'refunded' THEN event.price ELSE 0 END;
