import { z } from 'zod';
import { type Announcement, announce } from '../event/announce.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';

/**
 * Who hears durably of what is open in a stream: whoever is in its room while it is, as the doors see it, and of its end
 * whoever heard of its beginning. A stream's creator is told by the steps themselves.
 */

/** Told in one transaction: each locks an inbox. */
const CHUNK = 100;

/** Who is in a stream's room. */
export type Present = { streamId: string; userIds: readonly string[] };

const begun = z.object({
  process_id: z.string(),
  stream_id: z.string(),
  creator_id: z.string(),
  word: z.string(),
  word_data: z.unknown(),
});
type Begun = z.infer<typeof begun>;

/** What one process has told already, so that it asks the database for those alone that came since. */
export type Heard = Map<string, Set<string>>;

/**
 * Tells those who are present of what is open where they are, each once, whichever processes they are seen by. What was
 * told is noted in `heard`, and what is open no more is taken out of it.
 */
export async function tellPresent(pool: Pool, present: readonly Present[], heard: Heard): Promise<void> {
  const open = present.length === 0 ? [] : await listBegun(pool, present);
  for (const processId of heard.keys()) {
    if (!open.some(({ process_id }) => process_id === processId)) heard.delete(processId);
  }
  for (const opening of open) {
    const known = heard.get(opening.process_id) ?? new Set();
    heard.set(opening.process_id, known);
    const here = present.find(({ streamId }) => streamId === opening.stream_id)?.userIds ?? [];
    const fresh = here.filter((userId) => userId !== opening.creator_id && !known.has(userId)).sort();
    for (let from = 0; from < fresh.length; from += CHUNK) {
      const some = fresh.slice(from, from + CHUNK);
      await pool.transaction((transaction) => tellBegun(transaction, opening, some));
      for (const userId of some) known.add(userId);
    }
  }
}

function listBegun(executor: Executor, present: readonly Present[]): Promise<readonly Begun[]> {
  const streams = sql.array(
    present.map(({ streamId }) => streamId),
    'uuid',
  );
  return executor.any(sql.type(begun)`
    SELECT opening.process_id, stream_id, creator_id, word, word_data
    FROM stream_openings AS opening JOIN streams ON streams.process_id = stream_id
    WHERE stream_id = ANY(${streams}) AND closed_at IS NULL AND word IS NOT NULL ORDER BY opening.process_id
  `);
}

async function tellBegun(
  transaction: Transaction,
  { process_id, word, word_data }: Begun,
  userIds: readonly string[],
): Promise<void> {
  const told = await transaction.anyFirst(sql.typeAlias('id')`
    INSERT INTO stream_hearers (process_id, user_id)
    SELECT process_id, user_id FROM stream_openings, unnest(${sql.array([...userIds], 'uuid')}) AS user_id
    WHERE process_id = ${process_id} AND closed_at IS NULL
    ON CONFLICT DO NOTHING RETURNING user_id AS id
  `);
  await announceTo(transaction, told, { name: word, data: word_data });
}

/** An event as it was stored or made: its name and its form are its kind's. */
type Told = { name: string; data: unknown };

async function announceTo(transaction: Transaction, userIds: readonly string[], event: Told): Promise<void> {
  await announce(
    transaction,
    userIds.map((user_id) => ({ user_id, ...event }) as Announcement),
  );
}

/**
 * Tells the next of those who heard that something began that it is over, each once. Whether there may be more.
 */
export async function tellEnded(transaction: Transaction, processId: string, event: Told): Promise<boolean> {
  const told = await transaction.anyFirst(sql.typeAlias('id')`
    UPDATE stream_hearers SET end_told = true
    WHERE process_id = ${processId} AND user_id IN (
      SELECT user_id FROM stream_hearers WHERE process_id = ${processId} AND NOT end_told
      ORDER BY user_id LIMIT ${CHUNK} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING user_id AS id
  `);
  await announceTo(transaction, told, event);
  return told.length === CHUNK;
}

/** Whoever was being told that it began while it ended has been by then. */
const SETTLED_MS = 30_000;

/** Lets go of those who heard of something that has been over for a while, once all of them know. */
export async function settle(executor: Executor, processId: string, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    WITH settled AS (
      UPDATE stream_openings SET settled_at = ${now}::timestamptz
      WHERE process_id = ${processId} AND closed_at <= ${now}::timestamptz - ${SETTLED_MS} * interval '1 ms'
        AND NOT EXISTS (SELECT FROM stream_hearers WHERE process_id = ${processId} AND NOT end_told)
      RETURNING process_id
    )
    DELETE FROM stream_hearers WHERE process_id IN (SELECT process_id FROM settled)
  `);
}
