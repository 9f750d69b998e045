/**
 * Notifications that are made of people's durable events, after the commit of these: a click or a message waits for none
 * of it. How far that is, stands in `inboxes.noted` and moves in the transaction that notifies, so each event is looked
 * at once, whichever workers do it.
 */
import { z } from 'zod';
import { kindFacts } from '#workflows/notification/kinds.ts';
import { type EventNote, NOTED_EVENTS, noteOfEvent } from '#workflows/notification/ofEvents.ts';
import { lookThroughEvents, type OutboxEvent } from '../event/outbox.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { listWithDevice } from './devices.ts';
import { type Note, notify } from './notify.ts';

/**
 * Whoever has events that were announced in the last so many ms and not looked at yet, or, with null, since all was. An
 * event is announced when it is written, and there to be found once it is committed: look back for longer than that takes.
 */
export function listUnnoted(executor: Executor, lastMs: number | null, limit: number): Promise<readonly string[]> {
  const since =
    lastMs === null
      ? sql.fragment`(SELECT until_at FROM noting) - make_interval(secs => ${OVERLAP_SECONDS})`
      : sql.fragment`now() - make_interval(secs => ${lastMs / 1_000})`;
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT DISTINCT outbox.user_id AS id FROM outbox LEFT JOIN inboxes ON inboxes.user_id = outbox.user_id
    WHERE outbox.created_at > ${since} AND last_seq > coalesce(noted, 0)
    LIMIT ${limit}
  `);
}

/** Longer than any transaction takes that announces something. */
const OVERLAP_SECONDS = 120;

/** By now, in Postgres' time. To be asked for before one looks for what is to be noted, and set when all of that is. */
export function readClock(executor: Executor): Promise<string> {
  return executor.oneFirst(sql.type(z.object({ at: z.string() }))`SELECT now() AS at`);
}

export async function setAllNoted(executor: Executor, until: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE noting SET until_at = greatest(until_at, ${until}::timestamptz)
  `);
}

/** Transactions that announced something to one person, in one look. */
const ROWS_OF_EACH = 100;

/**
 * Looks at the next events of these and notifies of what is worth it. Passed over is whose inbox somebody else is at.
 * How many of them were looked at, and whom something is to be pushed to that no inbox and so no event of its own tells:
 * their sockets are to be asked for what they have had. Last in its transaction.
 */
export async function noteNext(
  transaction: Transaction,
  { userIds, systemUserId, now }: { userIds: readonly string[]; systemUserId: string; now: string },
): Promise<{ looked: number; pushed: readonly string[] }> {
  const readers = await lockReaders(transaction, userIds);
  const reachable = await listWithDevice(
    transaction,
    readers.map(({ userId }) => userId),
  );
  const lookers = readers.map((one) => ({ ...one, names: namesFor(reachable.has(one.userId)) }));
  const { upTo, events } = await lookThroughEvents(transaction, lookers, ROWS_OF_EACH);
  const worth = events.flatMap((event): Worth[] => {
    const note = noteOfEvent(event);
    const isHeard = note && (kindFacts(note.kind).channels.in_app || reachable.has(event.user_id));
    return isHeard && isFresh(note, event, now) ? [{ userId: event.user_id, seq: event.seq, ...note }] : [];
  });
  await transaction.query(sql.typeAlias('void')`
    UPDATE inboxes SET noted = looked.seq
    FROM unnest(${sql.array([...upTo.keys()], 'uuid')}, ${sql.array([...upTo.values()], 'int8')}) AS looked (user_id, seq)
    WHERE inboxes.user_id = looked.user_id
  `);
  const notes = (await withoutNamed(transaction, worth)).map(
    ({ actorId, ...note }): Note => ({
      ...note,
      key: `event_${note.seq}`,
      // Whose account it is that a notice comes from says nothing.
      actorId: actorId === systemUserId ? null : actorId,
    }),
  );
  if (notes.length > 0) await notify(transaction, notes, { now });
  const pushed = notes.filter(({ kind }) => !kindFacts(kind).channels.in_app).map(({ userId }) => userId);
  return { looked: upTo.size, pushed: [...new Set(pushed)] };
}

type Worth = EventNote & { userId: string; seq: number };

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

/** What nobody looked at for so long is told of in the inbox, and disturbs nobody who finds it there as well. */
function isFresh({ kind }: EventNote, { at }: OutboxEvent, now: string): boolean {
  const { channels, livesMs } = kindFacts(kind);
  return channels.in_app || Date.parse(now) - Date.parse(at) < livesMs;
}

/** What is pushed alone is looked for of those who have a device: a room's message goes to thousands who have none. */
function namesFor(hasDevice: boolean): readonly string[] {
  return NOTED_EVENTS.filter(({ kinds }) => hasDevice || kinds.some((kind) => kindFacts(kind).channels.in_app)).map(
    ({ name }) => name,
  );
}

/** Without messages that name their reader, which are told as that. */
async function withoutNamed(transaction: Transaction, worth: readonly Worth[]): Promise<Worth[]> {
  const messages = worth.filter(({ kind }) => kind === 'message');
  if (messages.length === 0) return [...worth];
  const named = await listNamed(transaction, messages);
  return worth.filter(({ kind, userId, seq }) => kind !== 'message' || !named.has(`${userId} ${seq}`));
}

/** Those of them whose message names its reader. */
async function listNamed(transaction: Transaction, messages: readonly Worth[]): Promise<ReadonlySet<string>> {
  const asked = messages.map(({ userId, seq, data }) => ({ user_id: userId, seq, key: `mention_${data.messageId}` }));
  const named = await transaction.any(sql.type(z.object({ user_id: z.string(), seq: z.bigint() }))`
    SELECT asked.user_id, seq FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked (user_id uuid, seq bigint, key text)
    JOIN notification_triggers AS told ON told.user_id = asked.user_id AND told.key = asked.key
  `);
  return new Set(named.map(({ user_id, seq }) => `${user_id} ${seq}`));
}
