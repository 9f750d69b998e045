import { z } from 'zod';
import { announce } from '../event/announce.ts';
import { type Pool, sql, type Transaction } from '../pool.ts';
import { type Gain, grantXp } from '../xp/granting.ts';
import type { Present } from './hearing.ts';

/**
 * Minutes that were watched. Whoever is in a stream at two turns of a minute that follow each other, by whichever
 * processes they were seen, has watched the minute between: by our clock, as pages say nothing of it.
 */

/** Noted in one transaction: each locks the row of a person. */
const CHUNK = 100;

const MINUTE_MS = 60_000;

const noted = z.object({ user_id: z.string(), creator_id: z.string(), whole: z.boolean() });

/**
 * Notes who is in streams on air at the turn of a minute, and grants what watching it is worth: once a minute, in however
 * many streams and processes somebody is. A stream's creator gains by a minute that somebody watched. Noted again, the
 * same minute changes nothing.
 */
export async function noteMinute(pool: Pool, present: readonly Present[], now: string): Promise<void> {
  const turn = new Date(Math.floor(Date.parse(now) / MINUTE_MS) * MINUTE_MS).toISOString();
  for (const { streamId, userIds } of present) {
    const all = [...new Set(userIds)].sort();
    for (let from = 0; from < all.length; from += CHUNK) {
      const some = all.slice(from, from + CHUNK);
      await pool.transaction((transaction) => noteSome(transaction, { streamId, userIds: some }, { turn, now }));
    }
  }
}

async function noteSome(
  transaction: Transaction,
  { streamId, userIds }: Present,
  { turn, now }: { turn: string; now: string },
): Promise<void> {
  // Without pictures there is nothing to watch; a stream’s creator is not its viewer.
  const rows = await transaction.any(sql.type(noted)`
    WITH stream AS (
      SELECT process_id, creator_id FROM streams
      WHERE process_id = ${streamId} AND status = 'live' AND silent_since IS NULL
    ), noted AS (
      INSERT INTO stream_watchers AS watcher (stream_id, user_id, since, seen_at)
      SELECT process_id, user_id, ${turn}::timestamptz, ${turn}::timestamptz
      FROM stream, unnest(${sql.array([...userIds], 'uuid')}) AS user_id
      WHERE user_id <> creator_id ORDER BY user_id
      ON CONFLICT (stream_id, user_id) DO UPDATE SET seen_at = excluded.seen_at,
        minutes = watcher.minutes + (watcher.seen_at = excluded.seen_at - interval '1 minute')::integer,
        since = CASE WHEN watcher.seen_at = excluded.seen_at - interval '1 minute' THEN watcher.since ELSE excluded.since END
      WHERE watcher.seen_at < excluded.seen_at
      RETURNING user_id, seen_at > since AS whole
    )
    SELECT user_id, creator_id, whole FROM noted, stream ORDER BY user_id
  `);
  const about = new Date(Date.parse(turn) - MINUTE_MS).toISOString();
  const watched = rows.filter(({ whole }) => whole);
  const gains = watched.map(
    ({ user_id: userId }): Gain => ({ userId, action: 'minute_watched' as const, about, many: 1 }),
  );
  const [first] = watched;
  if (first) gains.push({ userId: first.creator_id, action: 'minute_live', about, many: 1 });
  await announce(transaction, await grantXp(transaction, gains, now));
}
