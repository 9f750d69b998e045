import { randomInt } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { traceparent } from '#program/trace.ts';
import type { MessageView } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import type { ContentType } from '#workflows/talk/preview.ts';
import { type Announcement, announced } from '../event/announce.ts';
import type { OutboxEvent } from '../event/outbox.ts';
import { notify } from '../notification/notify.ts';
import { type Executor, hear, sql, type Transaction } from '../pool.ts';
import type { Between } from './between.ts';
import { mentionsOf } from './mentions.ts';
import { hearersOf, previewFor, roomMessageOf, type SaidRow } from './tellings.ts';

/** What a person says, in whatever conversation they are in. */
export type Saying = {
  conversationId: string;
  senderId: string;
  text: string;
  content: ContentType;
  mediaUrl: string | null;
  now: string;
};

export type Spoken = {
  message: MessageView;
  /** With who said it, as those who have the conversation open hear of it. */
  said: SaidRow;
  /** Whether the members of the room are still to be told. */
  apart: boolean;
};

const raisedRow = z.object({ said: z.int(), updated_at: z.string() });
const person = z.object({ handle: z.string(), avatar_url: z.string().nullable() });
type Speaker = z.infer<typeof person>;
const manner = z.object({ told_apart: z.boolean() });
const seq = z.bigint().transform(Number);
const spokenRow = z.object({
  ...{ place: z.int(), spoken_at: z.string(), unread: z.int() },
  ...{ sender_seq: seq, sender_told_at: z.string(), receiver_seq: seq, receiver_told_at: z.string() },
});

/**
 * Writes what somebody says in a room. Those who are to hear of it are told in the same transaction, or after it where
 * they are too many. Null, with nothing written, where nobody may talk freely now; NOT_FOUND for whom is not in it.
 */
export async function speakInRoom(transaction: Transaction, saying: Saying): Promise<Spoken | null> {
  const { conversationId, senderId } = saying;
  // First, for the lock: nobody closes it or leaves it while this is written.
  const open = await transaction.maybeOne(sql.type(raisedRow)`
    UPDATE conversations SET said = said + 1, updated_at = GREATEST(updated_at, ${saying.now}::timestamptz)
    WHERE id = ${conversationId} AND chat = 'real_time' AND influencer_id IS NULL
    RETURNING said, updated_at
  `);
  if (!open) return null;
  const speaker = await transaction.one(sql.type(person)`
    SELECT handle, avatar_url FROM users WHERE id = ${senderId}
  `);
  const said = saidBy(saying, speaker, open.said, open.updated_at);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO messages (conversation_id, position, id, sender_id, message, media_url, message_type, content, created_at)
    VALUES (${conversationId}, ${said.position}, ${said.id}, ${senderId}, ${said.message}, ${said.media_url},
      'user_input', ${said.content}::content_type, ${said.created_at}::timestamptz)
  `);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE members SET wrote = wrote + 1 WHERE conversation_id = ${conversationId} AND user_id = ${senderId}
  `);
  if (rowCount === 0) throw new Failure('NOT_FOUND', 'There is no such conversation.');
  const { told_apart } = await transaction.one(sql.type(manner)`
    SELECT told_apart FROM rooms WHERE id = ${conversationId}
  `);
  const named = await mentionsOf(transaction, said);
  const heard = told_apart ? { users: [], events: [] } : await hearersOf(transaction, said);
  // Together and last, for the locks; whoever is named is rung for even where the room is told apart.
  await notify(transaction, named, { now: said.created_at, beside: heard.events });
  return { message: roomMessageOf(said), said, apart: told_apart };
}

function saidBy(saying: Saying, { handle, avatar_url }: Speaker, position: number, at: string): SaidRow {
  return {
    position,
    id: uuid(),
    conversation_id: saying.conversationId,
    sender_id: saying.senderId,
    message: saying.text,
    media_url: saying.mediaUrl,
    content: saying.content,
    created_at: at,
    edited_at: null,
    deleted_at: null,
    handle,
    avatar_url,
  };
}

/**
 * What stands in the events' texts for what is known under the lock alone, until `speak_to_other` puts that in its place.
 * Drawn anew each time, and longer than any number in an id, so that it is nowhere else in them.
 */
function drawMarks(): { time: string; unread: number } {
  return { time: uuid(), unread: randomInt(1e14, 2e14) };
}

/** The same to the other of two: in one call, which is committed by itself where the pool is asked. */
export async function speakToOther(
  executor: Executor,
  saying: Saying,
  between: Pick<Between, 'handle' | 'avatar_url' | 'other_id'>,
): Promise<Spoken | null> {
  const { senderId } = saying;
  const otherId = between.other_id;
  if (otherId === null) throw new Failure('NOT_FOUND', 'There is no such conversation.');
  const marks = drawMarks();
  const draft = saidBy(saying, between, 0, marks.time);
  const drafted = eventsBetween(draft, otherId, marks.unread);
  const toSender = announced(senderId, drafted.sender);
  const toOther = announced(otherId, drafted.other);
  const trace = traceparent();
  const row = await executor.maybeOne(sql.prepared('speak_to_other', spokenRow)`
    SELECT * FROM speak_to_other(${draft.conversation_id}, ${draft.id}, ${senderId}, ${otherId},
      ${draft.message}, ${draft.media_url}, ${draft.content}, ${saying.now}, ${marks.time}, ${String(marks.unread)},
      ${toSender.many}, ${toSender.text}, ${toOther.many}, ${toOther.text}, ${trace})
  `);
  if (!row) return null;
  const said = { ...draft, position: row.place, created_at: row.spoken_at };
  const told = eventsBetween(said, otherId, row.unread);
  hear(
    executor,
    [senderId, otherId],
    [
      { userId: senderId, events: numbered(told.sender, row.sender_seq, row.sender_told_at, trace) },
      { userId: otherId, events: numbered(told.other, row.receiver_seq, row.receiver_told_at, trace) },
    ],
  );
  return { message: { ...roomMessageOf(said), receiver_id: otherId }, said, apart: false };
}

type Event = Omit<Announcement, 'user_id'>;

/** As the outbox has them, of which the last has this number. */
function numbered(events: readonly Event[], last: number, at: string, trace: string | null): OutboxEvent[] {
  const first = last - events.length + 1;
  const traced = trace === null ? {} : { traceparent: trace };
  return events.map(({ name, data }, place) => ({ seq: first + place, name, data, at, ...traced }));
}

/** What both of two are told of what one says. */
function eventsBetween(said: SaidRow, otherId: string, unread: number): { sender: Event[]; other: Event[] } {
  const message: MessageView = { ...roomMessageOf(said), receiver_id: otherId };
  const data = { conversation_id: said.conversation_id, message, conversation_context: null };
  const notice = { conversation_id: said.conversation_id, message: said.message, sender_id: said.sender_id };
  const { name, data: preview } = previewFor(otherId, said, unread);
  return {
    sender: [{ name: 'new_message', data }],
    other: [
      { name: 'new_message', data },
      { name: 'notification', data: { type: 'new_message', data: notice } },
      { name, data: preview },
    ],
  };
}
