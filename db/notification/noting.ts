/**
 * Notifications that are made of people's durable events, after the commit of these: a click or a message waits for none
 * of it. How far that is, stands in `inboxes.noted` and moves in the transaction that notifies, so each event is looked
 * at once, whichever workers do it.
 */
import { z } from 'zod';
import { kindFacts } from '#workflows/notification/kinds.ts';
import { type EventNote, NOTED_EVENTS, noteOfEvent } from '#workflows/notification/ofEvents.ts';
import { lookThroughEvents } from '../event/outbox.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { listWithDevice } from './devices.ts';
import { type Note, notify } from './notify.ts';

/** An interval of Postgres' time (ISO). An event is announced when it is written, and there to be found once that is committed. */
export type Span = { from: string; until: string };

const spans = z.object({ from: z.string(), until: z.string(), lately: z.string() });

/**
 * Where to look now: at the events of the last so many ms, or at all that were announced since the last time at which
 * nothing was left, and somewhat before, as what was under way then was committed later.
 */
export async function readSpans(executor: Executor, lastMs: number): Promise<{ lately: Span; all: Span }> {
  const { from, until, lately } = await executor.one(sql.type(spans)`
    SELECT until_at - make_interval(secs => ${OVERLAP_SECONDS}) AS from, now() AS until,
      now() - make_interval(secs => ${lastMs / 1_000}) AS lately
    FROM noting
  `);
  return { lately: { from: lately, until }, all: { from, until } };
}

/** Longer than any transaction takes that announces something. */
const OVERLAP_SECONDS = 120;

/** All that was announced by then has been looked at. */
export async function setAllNoted(executor: Executor, until: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE noting SET until_at = greatest(until_at, ${until}::timestamptz)
  `);
}

/** Whoever has events of a span that nobody looked at. */
export function listUnnoted(executor: Executor, { from, until }: Span, limit: number): Promise<readonly string[]> {
  // First whose they are, by the index over time: nothing is known of how many of them are left.
  return executor.anyFirst(sql.typeAlias('id')`
    WITH recent AS MATERIALIZED (
      SELECT user_id, max(last_seq) AS last FROM outbox
      WHERE created_at >= ${from}::timestamptz AND created_at <= ${until}::timestamptz GROUP BY user_id
    )
    SELECT recent.user_id AS id FROM recent LEFT JOIN inboxes ON inboxes.user_id = recent.user_id
    WHERE last > coalesce(noted, 0) ORDER BY recent.user_id LIMIT ${limit}
  `);
}

/**
 * Passes over the next that was announced to somebody, which cannot be looked at: it stands in the way of all that
 * follows. It is on their pages as ever.
 */
export async function passOver(executor: Executor, userId: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE inboxes SET noted = (
      SELECT min(last_seq) FROM outbox WHERE outbox.user_id = inboxes.user_id AND last_seq > noted
    )
    WHERE user_id = ${userId}
      AND EXISTS (SELECT FROM outbox WHERE outbox.user_id = inboxes.user_id AND last_seq > noted)
  `);
}

/** Transactions that announced something to one person, in one look. */
const MOST_OF_EACH = 100;

/**
 * Looks at the next events of these and notifies of what is worth it. Passed over is whose inbox somebody else is at.
 * How many of them were looked at, and whom something is to be pushed to that no inbox and so no event of its own tells:
 * their clients are to be asked whether they have that number. Last in its transaction.
 */
export async function noteNext(
  transaction: Transaction,
  {
    userIds,
    systemUserId,
    now,
    rowsOfEach = MOST_OF_EACH,
  }: { userIds: readonly string[]; systemUserId: string; now: string; rowsOfEach?: number },
): Promise<{ looked: number; pushed: readonly { userId: string; seq: number }[] }> {
  const readers = await lockReaders(transaction, userIds);
  const reachable = await listWithDevice(
    transaction,
    readers.map(({ userId }) => userId),
  );
  const lookers = readers.map((one) => ({ ...one, names: namesFor(reachable.has(one.userId)) }));
  const { upTo, events } = await lookThroughEvents(transaction, lookers, rowsOfEach);
  const worth = events.flatMap((event): Worth[] => {
    const note = noteOfEvent(event);
    if (!note) return [];
    const { channels, livesMs } = kindFacts(note.kind);
    const isFresh = Date.parse(now) - Date.parse(event.at) < livesMs;
    if (!channels.in_app && !(isFresh && reachable.has(event.user_id))) return [];
    // What nobody looked at for so long is found in the inbox, and wakes nobody.
    return [{ userId: event.user_id, seq: event.seq, ...note, ...(isFresh ? {} : { push: false }) }];
  });
  await transaction.query(sql.typeAlias('void')`
    UPDATE inboxes SET noted = looked.seq
    FROM unnest(${sql.array([...upTo.keys()], 'uuid')}, ${sql.array([...upTo.values()], 'int8')}) AS looked (user_id, seq)
    WHERE inboxes.user_id = looked.user_id
  `);
  const notes = (await withoutUntold(transaction, worth)).map(
    ({ actorId, ...note }): Note => ({
      ...note,
      key: `event_${note.seq}`,
      // Whose account it is that a notice comes from says nothing.
      actorId: actorId === systemUserId ? null : actorId,
    }),
  );
  if (notes.length > 0) await notify(transaction, notes, { now });
  const pushed = new Map<string, number>();
  for (const { kind, userId, seq } of notes) if (!kindFacts(kind).channels.in_app) pushed.set(userId, seq as number);
  return { looked: upTo.size, pushed: [...pushed].map(([userId, seq]) => ({ userId, seq })) };
}

type Worth = EventNote & { userId: string; seq: number; push?: boolean };

const reader = z.object({ userId: z.string(), after: z.bigint().transform(Number) });

/** Their inboxes, made where there are none, locked in their order; without those that somebody else has locked. */
async function lockReaders(transaction: Transaction, userIds: readonly string[]) {
  const ids = sql.array([...userIds].sort(), 'uuid');
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO inboxes (user_id) SELECT user_id FROM unnest(${ids}) AS asked (user_id)
    WHERE NOT EXISTS (SELECT FROM inboxes WHERE inboxes.user_id = asked.user_id) ORDER BY user_id
    ON CONFLICT (user_id) DO NOTHING
  `);
  return transaction.any(sql.type(reader)`
    SELECT user_id AS "userId", noted AS after FROM inboxes
    WHERE user_id = ANY(${ids}) ORDER BY user_id FOR NO KEY UPDATE SKIP LOCKED
  `);
}

/** What is pushed alone is looked for of those who have a device: a room's message goes to thousands who have none. */
function namesFor(hasDevice: boolean): readonly string[] {
  return NOTED_EVENTS.filter(({ kinds }) => hasDevice || kinds.some((kind) => kindFacts(kind).channels.in_app)).map(
    ({ name }) => name,
  );
}

/** Without messages that name their reader, which are told as that, and those of whom one of the two has blocked. */
async function withoutUntold(transaction: Transaction, worth: readonly Worth[]): Promise<Worth[]> {
  const messages = worth.filter(({ kind }) => kind === 'message');
  if (messages.length === 0) return [...worth];
  const untold = await listUntold(transaction, messages);
  return worth.filter(({ kind, userId, seq }) => kind !== 'message' || !untold.has(`${userId} ${seq}`));
}

async function listUntold(transaction: Transaction, messages: readonly Worth[]): Promise<ReadonlySet<string>> {
  const asked = messages.map(({ userId, seq, actorId, data }) => ({
    ...{ user_id: userId, seq, sender_id: actorId, key: `mention_${data.messageId}` },
  }));
  const rows = await transaction.any(sql.type(z.object({ user_id: z.string(), seq: z.bigint() }))`
    SELECT asked.user_id, seq
    FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked (user_id uuid, seq bigint, sender_id uuid, key text)
    WHERE EXISTS (SELECT FROM notification_triggers AS told WHERE told.user_id = asked.user_id AND told.key = asked.key)
      OR EXISTS (SELECT FROM blocks WHERE (blocker_id = asked.user_id AND blocked_id = sender_id)
        OR (blocker_id = sender_id AND blocked_id = asked.user_id))
  `);
  return new Set(rows.map(({ user_id, seq }) => `${user_id} ${seq}`));
}
