import { z } from 'zod';
import { type Asked, type Round, round } from '../operation/round.ts';
import { type Executor, sql } from '../pool.ts';

/** What becomes of events that nobody reads any more. */

const place = z.tuple([z.string(), z.string(), z.number()]);
const FIRST: z.infer<typeof place> = ['-infinity', '00000000-0000-0000-0000-000000000000', 0];

/**
 * A user's newest row stays, whatever its age: the counter is compared with it, and a reader may stand there. So many are
 * looked at in a round, the oldest first, and each once in all rounds together. Numbers have no gaps, by which those that
 * follow one another from a user's first on are told: one that is kept is kept with all that came after it, whatever
 * clocks said.
 */
export function deleteEvents(executor: Executor, { before, limit, after }: Asked): Promise<Round> {
  const [at, userId, seq] = after ? place.parse(JSON.parse(after)) : FIRST;
  return executor.one(sql.type(round)`
    WITH next AS MATERIALIZED (
      SELECT user_id, first_seq, last_seq, created_at FROM outbox
      WHERE created_at < ${before}::timestamptz AND created_at >= ${at}::timestamptz
        AND (created_at, user_id, last_seq) > (${at}::timestamptz, ${userId}::uuid, ${seq}::bigint)
      ORDER BY created_at, user_id, last_seq LIMIT ${limit}
    ), line AS MATERIALIZED (
      SELECT user_id, last_seq, first_seq - coalesce(sum(last_seq - first_seq + 1) OVER (
        PARTITION BY user_id ORDER BY last_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0) AS begins
      FROM next
    ), gone AS (
      DELETE FROM outbox USING line, user_sequences AS counter
      WHERE outbox.user_id = line.user_id AND outbox.last_seq = line.last_seq
        AND counter.user_id = line.user_id AND line.last_seq < counter.last_seq
        AND line.begins = (
          SELECT first_seq FROM outbox AS oldest WHERE oldest.user_id = line.user_id ORDER BY last_seq LIMIT 1
        )
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) AS rows, (
      SELECT json_build_array(created_at, user_id, last_seq)::text FROM next
      ORDER BY created_at, user_id, last_seq OFFSET ${limit - 1} LIMIT 1
    ) AS last
  `);
}
