-- What is true of gifts at every instant, as queries that answer with the rows which break it.

-- invariant: gifts_are_moved
-- A gift took its tokens from who gave it, gave its creator their share, and left the rest to us: by one transfer.
SELECT gift.id, gift.tokens::text, gift.share::text FROM gift_events AS gift
LEFT JOIN ledger_transfers AS transfer ON transfer.key = 'gift_' || gift.id
WHERE -gift.tokens IS DISTINCT FROM (
    SELECT sum(entry.amount) FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE entry.transfer_id = transfer.id AND account.asset = 'TOKEN' AND account.code = 'wallet/' || gift.from_user_id)
  OR gift.share <> coalesce((
    SELECT sum(entry.amount) FROM ledger_entries AS entry JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE entry.transfer_id = transfer.id AND account.code = 'wallet/' || gift.to_creator_id), 0);

-- invariant: gifts_are_of_their_streams
-- A gift in a stream went to its creator.
SELECT gift.id, gift.to_creator_id, stream.creator_id FROM gift_events AS gift
JOIN streams AS stream ON stream.process_id = gift.stream_id WHERE gift.to_creator_id <> stream.creator_id;

-- invariant: gifts_are_of_somebody
-- Who gave a gift, what it is and where it was given are there: nothing else refers to them.
SELECT gift.id, gift.code, gift.from_user_id, gift.stream_id, gift.to_creator_id FROM gift_events AS gift
WHERE NOT EXISTS (SELECT FROM gifts WHERE gifts.code = gift.code)
  OR NOT EXISTS (SELECT FROM users WHERE users.id = gift.from_user_id)
  OR (gift.stream_id IS NOT NULL AND NOT EXISTS (SELECT FROM streams WHERE streams.process_id = gift.stream_id));
