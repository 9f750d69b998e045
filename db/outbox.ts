import { z } from 'zod';
import type { COLLABORATION_EVENTS, CollaborationEvent } from '#workflows/collaboration/contract.ts';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';

/** One thing one user is to hear of. `data` is the event's own, as its schema says. */
export type Announcement = {
  [Name in CollaborationEvent]: {
    user_id: string;
    name: Name;
    data: z.infer<(typeof COLLABORATION_EVENTS)[Name]>;
  };
}[CollaborationEvent];

/** A durable event as it lies in the outbox. Numbers start at 1 and have no gaps, per user. */
export type OutboxEvent = { seq: number; name: string; data: unknown; at: string };

// A number stays exact up to 2^53: a user heard a thousand times a second for 285,000 years.
const seq = z.bigint().transform(Number);
/** A row of the outbox: what one transaction announced to one user, numbered from `first_seq` on. */
const announced = z.object({ first_seq: seq, events: z.string(), at: z.string() });
const announcedTo = announced.extend({ user_id: z.string(), after: seq });
const head = z.object({ last_seq: seq });

/**
 * Writes events to the outbox, in their order, numbering them per user. To be called last in a transaction: it locks
 * the users' counters until the commit. Ring the users' bell after the commit; a bell that is not rung costs a second.
 */
export async function announce(transaction: Transaction, events: readonly Announcement[]): Promise<void> {
  if (events.length === 0) return;
  const announced = byUser(events);
  // One after the other, in the order of the arrays.
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM unnest(
      ${sql.array(
        announced.map(({ userId }) => userId),
        'uuid',
      )},
      ${sql.array(
        announced.map(({ many }) => many),
        'int4',
      )},
      ${sql.array(
        announced.map(({ text }) => text),
        'text',
      )}
    ) AS announced (user_id, many, events), announce(user_id, many, events)
  `);
}

/** What one user is to hear of, as the SQL function takes it: `many` events as a JSON array. */
export type Announced = { userId: string; many: number; text: string };

/** Events by their users, in the order of the users' ids, which is the order of locks. */
export function byUser(events: readonly { user_id: string; name: string; data: unknown }[]): Announced[] {
  const users = Map.groupBy(events, (event) => event.user_id);
  return [...users]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([userId, theirs]) => ({
      userId,
      many: theirs.length,
      text: JSON.stringify(theirs.map(({ name, data }) => ({ name, data }))),
    }));
}

/** The events of rows that lie one after the other, those above `after` alone. */
function unfold(rows: readonly z.infer<typeof announced>[], after: number): OutboxEvent[] {
  return rows
    .flatMap(({ first_seq, events, at }) =>
      (JSON.parse(events) as { name: string; data: unknown }[]).map((event, place) => ({
        seq: first_seq + place,
        ...event,
        at,
      })),
    )
    .filter((event) => event.seq > after);
}

/** A user's events numbered above `after`, oldest first. */
export async function listEvents(
  executor: Executor,
  userId: string,
  after: number,
  limit: number,
): Promise<readonly OutboxEvent[]> {
  const rows = await executor.any(sql.type(announced)`
    SELECT first_seq, events, created_at AS at
    FROM outbox
    WHERE user_id = ${userId} AND last_seq > ${after}
    ORDER BY last_seq
    LIMIT ${limit}
  `);
  return unfold(rows, after).slice(0, limit);
}

/**
 * The next events of many readers in one query: of each, up to `limits.each` above its `after`, oldest first; up to
 * `limits.all` together, those of earlier readers before those of later ones.
 */
export async function listEventsOfMany(
  pool: Pool,
  readers: readonly { userId: string; after: number }[],
  limits: { each: number; all: number },
): Promise<readonly (OutboxEvent & { user_id: string; after: number })[]> {
  const userIds = readers.map(({ userId }) => userId);
  const afters = readers.map(({ after }) => after);
  const rows = await pool.any(sql.type(announcedTo)`
    SELECT reader.user_id, reader.after, announced.first_seq, announced.events, announced.at
    FROM unnest(${sql.array(userIds, 'uuid')}, ${sql.array(afters, 'int8')})
      WITH ORDINALITY AS reader (user_id, after, place)
    CROSS JOIN LATERAL (
      SELECT first_seq, events, created_at AS at
      FROM outbox
      WHERE user_id = reader.user_id AND last_seq > reader.after
      ORDER BY last_seq
      LIMIT ${limits.each}
    ) AS announced
    ORDER BY reader.place, announced.first_seq
    LIMIT ${limits.all}
  `);
  const ofReader = Map.groupBy(rows, ({ user_id, after }) => `${user_id}/${after}`);
  return [...ofReader.values()]
    .flatMap((theirs) => {
      const { user_id, after } = theirs[0] as z.infer<typeof announcedTo>;
      const events = unfold(theirs, after).slice(0, limits.each);
      return events.map((event) => ({ user_id, after, ...event }));
    })
    .slice(0, limits.all);
}

/** The number of a user's last event; 0 when there is none. */
export async function getLastSeq(executor: Executor, userId: string): Promise<number> {
  const row = await executor.maybeOne(sql.type(head)`
    SELECT last_seq FROM user_sequences WHERE user_id = ${userId}
  `);
  return row?.last_seq ?? 0;
}

const resumable = z.object({ last_seq: seq, kept: z.boolean() });

/** The number of a user's last event (0 when there is none), and whether the one that follows `after` is still kept. */
export function getResumable(
  executor: Executor,
  userId: string,
  after: number,
): Promise<{ last_seq: number; kept: boolean }> {
  return executor.one(sql.type(resumable)`
    SELECT
      coalesce((SELECT last_seq FROM user_sequences WHERE user_id = ${userId}), 0) AS last_seq,
      EXISTS (SELECT FROM outbox WHERE user_id = ${userId} AND ${after + 1} BETWEEN first_seq AND last_seq) AS kept
  `);
}

/** Those of these readers whose user has events above their `after`. As many as were asked for at most. */
export function listBehind(
  pool: Pool,
  readers: readonly { userId: string; after: number }[],
): Promise<readonly string[]> {
  const userIds = readers.map(({ userId }) => userId);
  const afters = readers.map(({ after }) => after);
  return pool.anyFirst(sql.typeAlias('id')`
    SELECT user_id AS id
    FROM unnest(${sql.array(userIds, 'uuid')}, ${sql.array(afters, 'int8')}) AS reader (reader_id, after)
    JOIN user_sequences ON user_id = reader_id
    WHERE last_seq > after
  `);
}
