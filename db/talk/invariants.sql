-- What is true of conversations at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: messages_are_numbered
-- A conversation's messages are 1, 2, 3, … without gaps, as many as it says.
SELECT conversation.id AS conversation_id, conversation.said, numbered.first, numbered.last, numbered.messages
FROM conversations AS conversation FULL JOIN (
  SELECT conversation_id, min(position) AS first, max(position) AS last, count(*) AS messages
  FROM messages GROUP BY conversation_id
) AS numbered ON numbered.conversation_id = conversation.id
WHERE conversation.id IS NULL OR conversation.said <> coalesce(numbered.messages, 0) OR numbered.first <> 1
  OR numbered.last <> numbered.messages;

-- invariant: messages_are_in_time
-- No message is before the one before it, nor after its conversation last changed.
SELECT conversation_id, position, created_at, previous
FROM (
  SELECT messages.conversation_id, position, messages.created_at, updated_at,
    lag(messages.created_at) OVER (PARTITION BY messages.conversation_id ORDER BY position) AS previous
  FROM messages JOIN conversations ON conversations.id = messages.conversation_id
) AS line
WHERE created_at < previous OR created_at > updated_at;

-- invariant: conversations_have_members
-- Both sides of a conversation between two are in it, and nobody has read further than was said.
SELECT conversation.id AS conversation_id, count(member.user_id) AS members, max(read_position) AS read, said
FROM conversations AS conversation LEFT JOIN members AS member ON member.conversation_id = conversation.id
GROUP BY conversation.id
HAVING (influencer_id IS NOT NULL AND count(*) FILTER (WHERE member.user_id IN (brand_owner_id, influencer_id)) <> 2)
  OR max(read_position) > said;

-- invariant: rooms_count_their_members
-- A room has as many members as it says, one of them its owner, and is told apart where they are many.
SELECT room.id AS room_id, room.many, counted.members, counted.owners, told_apart
FROM rooms AS room
CROSS JOIN LATERAL (
  SELECT count(*) AS members, count(*) FILTER (WHERE role = 'owner') AS owners FROM members WHERE conversation_id = room.id
) AS counted
WHERE room.many <> counted.members OR counted.owners <> LEAST(counted.members, 1)
  OR told_apart <> EXISTS (SELECT FROM tellings WHERE conversation_id = room.id);

-- invariant: own_words_are_counted
-- Of a room's members it is known how many of the messages after their mark are their own, and nobody's mark is before they came.
SELECT member.conversation_id, member.user_id, read_position, wrote, since
FROM members AS member JOIN rooms ON rooms.id = member.conversation_id
LEFT JOIN messages AS own ON own.conversation_id = member.conversation_id AND own.sender_id = member.user_id
  AND own.position > member.read_position
GROUP BY member.conversation_id, member.user_id
HAVING read_position < since OR wrote <> count(own.position);

-- invariant: rooms_are_spoken_in_by_people
-- In a room everything is said by a person to everybody: no line of a script, nothing for one alone.
SELECT conversation_id, position FROM messages JOIN rooms ON rooms.id = conversation_id
WHERE content IS NULL OR receiver_id IS NOT NULL;

-- invariant: tellings_are_within_what_was_said
-- Nobody is told more than was said.
SELECT conversation_id, told, until, said FROM tellings JOIN conversations ON conversations.id = conversation_id
WHERE coalesce(until, told) > said;

-- invariant: open_questions_are_asked
-- The message whose question is open is there, and asks.
SELECT conversation.id AS conversation_id, asked_position
FROM conversations AS conversation
LEFT JOIN messages ON messages.conversation_id = conversation.id AND position = asked_position
WHERE asked_position IS NOT NULL AND action_data IS NULL;

-- report: rooms_to_be_told
-- Rooms whose members have not all been told yet what was said there.
SELECT conversation_id, told, until, said FROM tellings JOIN conversations ON conversations.id = conversation_id
WHERE said > told
ORDER BY conversation_id;
