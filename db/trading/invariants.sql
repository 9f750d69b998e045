-- What is true of trading at every instant.

-- invariant: trading_journals_are_numbered
-- A pair's journal is 1, 2, 3, … without gaps up to where its book stands.
SELECT book.pair_id, book.n::text, counted.many::text, counted.last::text
FROM trading_books AS book
LEFT JOIN LATERAL (
  SELECT count(n) AS many, coalesce(max(n), 0) AS last FROM trading_commands AS command WHERE command.pair_id = book.pair_id
) AS counted ON true
WHERE counted.many <> book.n OR counted.last <> book.n;

-- invariant: trading_trades_are_numbered
-- A pair's trades are 1, 2, 3, … without gaps, and each is of a command of its journal.
SELECT book.pair_id, book.trades::text, counted.many::text, counted.last::text, counted.lost::text
FROM trading_books AS book
LEFT JOIN LATERAL (
  SELECT count(*) AS many, coalesce(max(trade.n), 0) AS last, count(*) FILTER (WHERE command.n IS NULL) AS lost
  FROM trading_trades AS trade
  LEFT JOIN trading_commands AS command ON command.pair_id = trade.pair_id AND command.n = trade.command_n
  WHERE trade.pair_id = book.pair_id
) AS counted ON true
WHERE counted.many <> book.trades OR counted.last <> book.trades OR counted.lost > 0;

-- invariant: trading_orders_are_what_was_traded
-- What of an order is traded, and what that cost and its fees, is what its trades say.
SELECT orders.id AS order_id, orders.filled::text, coalesce(traded.lots, 0)::text AS traded, orders.cost::text,
  coalesce(traded.cost, 0)::text AS paid
FROM trading_orders AS orders
LEFT JOIN (
  SELECT order_id, sum(lots) AS lots, sum(cost) AS cost, sum(fee) AS fee FROM (
    SELECT maker_order_id AS order_id, lots, cost, maker_fee AS fee FROM trading_trades
    UNION ALL SELECT taker_order_id, lots, cost, taker_fee FROM trading_trades
  ) AS part GROUP BY order_id
) AS traded ON traded.order_id = orders.id
WHERE (orders.filled, orders.cost, orders.fee)
  IS DISTINCT FROM (coalesce(traded.lots, 0), coalesce(traded.cost, 0), coalesce(traded.fee, 0));

-- invariant: trading_orders_hold_what_they_need
-- An open order holds what the rest of it may need, to the unit, and one that is over holds nothing.
SELECT orders.id AS order_id, orders.held::text, need.amount::text AS need
FROM trading_orders AS orders
JOIN trading_pairs AS pair ON pair.id = orders.pair_id
JOIN ledger_assets AS base ON base.asset = pair.base
CROSS JOIN LATERAL (
  SELECT div(ticks::numeric * (orders.lots - filled) * pair.tick * pair.lot, 10::numeric ^ base.scale) AS notional
) AS priced
CROSS JOIN LATERAL (
  SELECT CASE WHEN orders.state NOT IN ('open', 'partially_filled') THEN 0
    WHEN orders.side = 'sell' THEN (orders.lots - filled) * pair.lot
    ELSE priced.notional + div(priced.notional * maker_bps, 10000) END AS amount
) AS need
WHERE orders.held <> need.amount;

-- invariant: trading_books_are_not_crossed
-- No open order of a pair would trade with another one.
SELECT pair_id, max(ticks) FILTER (WHERE side = 'buy') AS bid, min(ticks) FILTER (WHERE side = 'sell') AS ask
FROM trading_orders WHERE state IN ('open', 'partially_filled')
GROUP BY pair_id
HAVING max(ticks) FILTER (WHERE side = 'buy') >= min(ticks) FILTER (WHERE side = 'sell');

-- invariant: trading_pairs_cost_whole_units
-- One lot at one tick of a pair costs a whole number of units.
SELECT pair.id, pair.tick::text, pair.lot::text
FROM trading_pairs AS pair JOIN ledger_assets AS base ON base.asset = pair.base
WHERE mod(pair.tick::numeric * pair.lot, 10::numeric ^ base.scale) <> 0;

-- invariant: trading_trades_are_paid
-- What trades of a command cost in fees came to the account of fees with its transfer.
SELECT trade.pair_id, trade.command_n::text, sum(maker_fee + taker_fee)::text AS fees, coalesce(paid.amount, 0)::text AS paid
FROM trading_trades AS trade
LEFT JOIN LATERAL (
  SELECT sum(entry.amount) AS amount
  FROM ledger_transfers AS transfer
  JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
  JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'fee'
  WHERE transfer.key = 'trading_' || trade.pair_id || '_' || trade.command_n
) AS paid ON true
GROUP BY trade.pair_id, trade.command_n, paid.amount
HAVING sum(maker_fee + taker_fee) <> coalesce(paid.amount, 0);

-- invariant: trading_commands_are_somebodys
-- Commands and orders are of a pair and of a person that there are.
SELECT asked.pair_id, asked.user_id FROM (
  SELECT pair_id, user_id FROM trading_commands UNION SELECT pair_id, user_id FROM trading_orders
) AS asked
LEFT JOIN trading_pairs AS pair ON pair.id = asked.pair_id
LEFT JOIN users ON users.id = asked.user_id
WHERE pair.id IS NULL OR (asked.user_id IS NOT NULL AND users.id IS NULL);

-- invariant: trading_offers_are_not_overtaken
-- What of an offer is in trades that are under way or was released is never more than all of it.
SELECT offer.id AS offer_id, offer.amount::text, sum(take.amount)::text AS taken
FROM trading_offers AS offer
JOIN trading_takes AS take ON take.offer_id = offer.id
JOIN processes ON processes.id = take.process_id
WHERE processes.state NOT IN ('cancelled', 'expired', 'refunded', 'split')
GROUP BY offer.id
HAVING sum(take.amount) > offer.amount;

-- invariant: trading_takes_are_held_by_their_trades
-- A part that was taken of an offer is what its trade holds while that is under way, with the offer's maker on his side.
SELECT take.process_id, take.amount::text, processes.held::text, processes.state
FROM trading_takes AS take
JOIN trading_offers AS offer ON offer.id = take.offer_id
JOIN processes ON processes.id = take.process_id
LEFT JOIN seats ON seats.process_id = take.process_id
  AND seats.role = CASE offer.side WHEN 'sell' THEN 'seller' ELSE 'buyer' END
WHERE processes.kind <> 'trade' OR processes.asset IS DISTINCT FROM offer.asset
  OR seats.user_id IS DISTINCT FROM offer.user_id
  OR (processes.state IN ('awaiting_payment', 'payment_confirmed', 'disputed') AND processes.held <> take.amount);

-- report: trading_commands_waiting
-- What was asked of a pair more than a minute ago and is not carried out: nobody writes its book.
SELECT pair_id, count(*) AS commands, min(given_at) AS since
FROM trading_commands WHERE n IS NULL AND given_at < clock_timestamp() - interval '1 minute' GROUP BY pair_id;
