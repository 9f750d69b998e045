import { z } from 'zod';
import { listKeptSteps } from '../keptSteps.ts';
import { type Executor, type Pool, sql } from '../pool.ts';
import type { KeptStep } from './kept.ts';

/** A durable event as it is read from the outbox. Numbers start at 1 and have no gaps, per user. */
export type OutboxEvent = {
  seq: number;
  name: string;
  data: unknown;
  at: string;
  /** What it was announced in, where traces are kept. */
  traceparent?: string;
};

// A number stays exact up to 2^53: a user heard a thousand times a second for 285,000 years.
const seq = z.bigint().transform(Number);
/** A row of the outbox: what one transaction announced to one user, numbered from `first_seq` on. */
const row = z.object({
  user_id: z.string(),
  first_seq: seq,
  events: z.string(),
  at: z.string(),
  process_id: z.string().nullable(),
  step_n: z.int().nullable(),
  traceparent: z.string().nullable(),
});
type Row = z.infer<typeof row>;
const rowOfReader = row.extend({ after: seq });
const head = z.object({ last_seq: seq });

const COLUMNS = sql.fragment`user_id, first_seq, events, created_at AS at, process_id, step_n, traceparent`;

/** Those of one user's rows, which lie one after the other, that have the first so many events above `after`. */
function rowsOfFirst<Of extends Row>(rows: readonly Of[], after: number, limit: number): Of[] {
  const from = Math.max(rows[0]?.first_seq ?? 0, after + 1);
  return rows.filter(({ first_seq }) => first_seq < from + limit);
}

/** The events of one user's rows that lie one after the other, those above `after` alone. */
function unfold(rows: readonly Row[], after: number, steps: ReadonlyMap<string, KeptStep>): OutboxEvent[] {
  return rows.flatMap(({ user_id, first_seq, events, at, process_id, step_n, traceparent }) => {
    const traced = traceparent === null ? {} : { traceparent };
    const kept = process_id === null ? null : steps.get(keyOf(process_id, step_n as number));
    if (kept === undefined) throw new Error(`step ${step_n} of ${process_id} is to be told, and is gone`);
    return (JSON.parse(events) as unknown[])
      .map((event, place) => ({ seq: first_seq + place, event }))
      .filter(({ seq }) => seq > after)
      .map(({ seq, event }) => {
        if (!kept) return { seq, ...(event as { name: string; data: unknown }), at, ...traced };
        const { name } = event as { name: string };
        return { seq, name, data: kept.dataOf(event, user_id), at, ...traced };
      });
  });
}

/** The steps that rows are about, each once. */
async function stepsOf(executor: Executor, rows: readonly Row[]): Promise<ReadonlyMap<string, KeptStep>> {
  const asked = new Map<string, { processId: string; n: number }>();
  for (const { process_id: processId, step_n: n } of rows) {
    if (processId !== null && n !== null) asked.set(keyOf(processId, n), { processId, n });
  }
  const kept = await listKeptSteps(executor, [...asked.values()]);
  return new Map(kept.map((step) => [keyOf(step.processId, step.n), step]));
}

function keyOf(processId: string, n: number): string {
  return `${processId}/${n}`;
}

/** A user's events numbered above `after`, oldest first. */
export async function listEvents(
  executor: Executor,
  userId: string,
  after: number,
  limit: number,
): Promise<readonly OutboxEvent[]> {
  const found = await executor.any(sql.type(row)`
    SELECT ${COLUMNS} FROM outbox
    WHERE user_id = ${userId} AND last_seq > ${after}
    ORDER BY last_seq
    LIMIT ${limit}
  `);
  const rows = rowsOfFirst(found, after, limit);
  return unfold(rows, after, await stepsOf(executor, rows)).slice(0, limit);
}

/**
 * The next events of many readers in one query, and one more for what they are about: of each reader, up to
 * `limits.each` above its `after`, oldest first; up to `limits.all` together, those of earlier readers before those of
 * later ones.
 */
export async function listEventsOfMany(
  pool: Pool,
  readers: readonly { userId: string; after: number }[],
  limits: { each: number; all: number },
): Promise<readonly (OutboxEvent & { user_id: string; after: number })[]> {
  const userIds = readers.map(({ userId }) => userId);
  const afters = readers.map(({ after }) => after);
  const rows = await pool.any(sql.type(rowOfReader)`
    SELECT announced.*, reader.after
    FROM unnest(${sql.array(userIds, 'uuid')}, ${sql.array(afters, 'int8')})
      WITH ORDINALITY AS reader (id, after, place)
    CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM outbox
      WHERE user_id = reader.id AND last_seq > reader.after
      ORDER BY last_seq
      LIMIT ${limits.each}
    ) AS announced
    ORDER BY reader.place, announced.first_seq
    LIMIT ${limits.all}
  `);
  const ofReaders = [...Map.groupBy(rows, ({ user_id, after }) => `${user_id}/${after}`).values()].map((theirs) => {
    const { user_id, after } = theirs[0] as z.infer<typeof rowOfReader>;
    return { user_id, after, rows: rowsOfFirst(theirs, after, limits.each) };
  });
  const steps = await stepsOf(
    pool,
    ofReaders.flatMap((reader) => reader.rows),
  );
  return ofReaders
    .flatMap(({ user_id, after, rows }) =>
      unfold(rows, after, steps)
        .slice(0, limits.each)
        .map((event) => ({ user_id, after, ...event })),
    )
    .slice(0, limits.all);
}

const lookedRow = row.extend({ last_seq: seq, after: seq, events: z.string().nullable() });

/** Somebody with the names of those of their events that are looked for above `after`. */
export type Looker = { userId: string; after: number; names: readonly string[] };

/**
 * Looks through the next of many people's events for some by their names, without reading the others: up to so many rows
 * of each, and how far that came. What stands beside one of those in its row comes along.
 */
export async function lookThroughEvents(
  executor: Executor,
  lookers: readonly Looker[],
  rowsOfEach: number,
): Promise<{ upTo: ReadonlyMap<string, number>; events: readonly (OutboxEvent & { user_id: string })[] }> {
  const rows = await executor.any(sql.type(lookedRow)`
    SELECT announced.user_id, first_seq, last_seq, at, process_id, step_n, traceparent, looker.after,
      CASE WHEN announced.events ~ looker.pattern THEN announced.events END AS events
    FROM unnest(
      ${sql.array(
        lookers.map(({ userId }) => userId),
        'uuid',
      )},
      ${sql.array(
        lookers.map(({ after }) => after),
        'int8',
      )},
      ${sql.array(
        lookers.map(({ names }) => `"name":"(${names.join('|')})"`),
        'text',
      )}
    ) AS looker (id, after, pattern)
    CROSS JOIN LATERAL (
      SELECT ${COLUMNS}, last_seq FROM outbox
      WHERE user_id = looker.id AND last_seq > looker.after
      ORDER BY last_seq
      LIMIT ${rowsOfEach}
    ) AS announced
    ORDER BY announced.user_id, last_seq
  `);
  const upTo = new Map(rows.map(({ user_id, last_seq }) => [user_id, last_seq]));
  const found = rows.flatMap(({ events, ...rest }) => (events === null ? [] : { ...rest, events }));
  const steps = await stepsOf(executor, found);
  const events = found.flatMap((one) =>
    unfold([one], one.after, steps).map((event) => ({ user_id: one.user_id, ...event })),
  );
  return { upTo, events };
}

/** The number of a user's last event; 0 when there is none. */
export async function getLastSeq(executor: Executor, userId: string): Promise<number> {
  const row = await executor.maybeOne(sql.type(head)`
    SELECT last_seq FROM user_sequences WHERE user_id = ${userId}
  `);
  return row?.last_seq ?? 0;
}

const resumable = z.object({ last_seq: seq, kept: z.boolean() });

/**
 * Of each reader, in their order: the number of their user's last event (0 when there is none), and whether the one that
 * follows `after` is still kept.
 */
export function listResumable(
  executor: Executor,
  readers: readonly { userId: string; after: number }[],
): Promise<readonly { last_seq: number; kept: boolean }[]> {
  const userIds = readers.map(({ userId }) => userId);
  const nexts = readers.map(({ after }) => after + 1);
  return executor.any(sql.type(resumable)`
    SELECT
      coalesce((SELECT last_seq FROM user_sequences WHERE user_id = reader.id), 0) AS last_seq,
      EXISTS (
        SELECT FROM outbox WHERE user_id = reader.id AND reader.next BETWEEN first_seq AND last_seq
      ) AS kept
    FROM unnest(${sql.array(userIds, 'uuid')}, ${sql.array(nexts, 'int8')}) WITH ORDINALITY AS reader (id, next, place)
    ORDER BY place
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
