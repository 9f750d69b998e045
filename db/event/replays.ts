import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** What operators have sent once more into one queue: asked for here, and carried out by whichever worker comes by. */

/** More than these are sent by several requests, one after the other. */
export const REPLAYED_AT_MOST = 100_000;
/** So many wait at a time. */
const WAITING_AT_MOST = 10;

export type Range = {
  /** ISO; `until` is not in it. */
  from: string;
  until: string;
  routingKey: string | null;
  about: string | null;
};

const row = z.object({
  id: z.string(),
  queue: z.string(),
  from: z.string(),
  until: z.string(),
  routing_key: z.string().nullable(),
  about: z.string().nullable(),
  reason: z.string(),
  asked_by: z.string(),
  asked_at: z.string(),
  events: z.int(),
  sent: z.int(),
  after_at: z.string().nullable(),
  after_id: z.bigint().nullable(),
  ended_at: z.string().nullable(),
  failure: z.string().nullable(),
});
export type Replay = z.infer<typeof row>;

const COLUMNS = sql.fragment`event_replays.id, queue, from_at AS from, until_at AS until, routing_key, about, reason,
  asked_by, asked_at, events::integer, sent::integer, after_at, after_id, ended_at, failure`;

/** Keeps what is asked for. LIMIT_REACHED where it is of too much, or too many wait. */
export async function insertReplay(
  transaction: Transaction,
  asked: Range & { queue: string; reason: string; by: string; now: string },
): Promise<Replay> {
  const { queue, from, until, routingKey, about, reason, by, now } = asked;
  await transaction.query(sql.typeAlias('void')`SELECT FROM pg_advisory_xact_lock(hashtext('event_replays'), 0)`);
  const many = z.object({ many: z.int() });
  const waiting = await transaction.oneFirst(sql.type(many)`
    SELECT count(*)::integer AS many FROM event_replays WHERE ended_at IS NULL
  `);
  if (waiting >= WAITING_AT_MOST)
    throw tooMuch('waiting', WAITING_AT_MOST, `${WAITING_AT_MOST} are under way already.`);
  const events = await transaction.oneFirst(sql.type(many)`
    SELECT count(*)::integer AS many FROM (
      SELECT FROM publications
      WHERE occurred_at >= ${from}::timestamptz AND occurred_at < ${until}::timestamptz
        AND (${routingKey}::text IS NULL OR routing_key = ${routingKey})
        AND (${about}::text IS NULL OR publications.about = ${about})
      LIMIT ${REPLAYED_AT_MOST + 1}
    ) AS found
  `);
  if (events > REPLAYED_AT_MOST) {
    throw tooMuch(
      'events',
      REPLAYED_AT_MOST,
      `That is more than ${REPLAYED_AT_MOST} events: ask for a part of the time.`,
    );
  }
  return transaction.one(sql.type(row)`
    INSERT INTO event_replays
      (id, queue, from_at, until_at, routing_key, about, reason, asked_by, asked_at, events, try_after)
    VALUES (${uuid()}, ${queue}, ${from}::timestamptz, ${until}::timestamptz, ${routingKey}, ${about}, ${reason}, ${by},
      ${now}::timestamptz, ${events}, ${now}::timestamptz)
    RETURNING ${COLUMNS}
  `);
}

function tooMuch(limit: string, max: number, message: string): Failure {
  return new Failure('LIMIT_REACHED', message, { details: { limit, max } });
}

export async function findReplay(executor: Executor, id: string): Promise<Replay | null> {
  return executor.maybeOne(sql.type(row)`SELECT ${COLUMNS} FROM event_replays WHERE id = ${id}`);
}

/** The newest first. */
export async function listReplays(
  executor: Executor,
  limit: number,
  before: string | null,
): Promise<readonly Replay[]> {
  return executor.any(sql.type(row)`
    SELECT ${COLUMNS} FROM event_replays WHERE ${before}::uuid IS NULL OR id < ${before}::uuid
    ORDER BY id DESC LIMIT ${limit}
  `);
}

/** Takes the one that waits longest until `until`, by when whoever took it has to say how far it is; null where none waits. */
export async function claimReplay(
  executor: Executor,
  { now, until }: { now: string; until: string },
): Promise<Replay | null> {
  return executor.maybeOne(sql.type(row)`
    UPDATE event_replays SET try_after = ${until}::timestamptz
    WHERE id = (
      SELECT id FROM event_replays WHERE ended_at IS NULL AND try_after <= ${now}::timestamptz
      ORDER BY try_after, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AND ended_at IS NULL
    RETURNING ${COLUMNS}
  `);
}

/** How far it is: after which one, how many more were sent, why it stands still or ended. */
export async function setReplayed(
  executor: Executor,
  id: string,
  to: {
    after: { at: string; id: bigint } | null;
    sent: number;
    tryAfter: string;
    endedAt: string | null;
    failure: string | null;
  },
): Promise<void> {
  const { after, sent, tryAfter, endedAt, failure } = to;
  await executor.query(sql.typeAlias('void')`
    UPDATE event_replays SET after_at = coalesce(${after?.at ?? null}::timestamptz, after_at),
      after_id = coalesce(${after?.id ?? null}::bigint, after_id), sent = sent + ${sent},
      try_after = ${tryAfter}::timestamptz, ended_at = ${endedAt}::timestamptz, failure = ${failure?.slice(0, 300) ?? null}
    WHERE id = ${id} AND ended_at IS NULL
  `);
}
