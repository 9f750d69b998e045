import { z } from 'zod';
import { totalOf } from '#workflows/poll/terms.ts';
import { type Executor, sql } from '../pool.ts';
import type { OpeningKind, Word } from '../stream/openings.ts';

/** From one tally to the next of the same poll, whoever tells it. */
const TELL_MS = 500;

const final = z.object({ stream_id: z.string(), counts: z.array(z.int()) });
const tally = final.extend({ poll_id: z.string() });

/** A poll ends with its stream, and while it is open those who watch hear how it stands. */
export const pollOpening: OpeningKind = {
  closesBy: 'stream_ended',
  async takeStandings(executor: Executor, now: string, limit: number): Promise<readonly Word[]> {
    // Its row is taken before it is counted, and one that another process has just told is passed over.
    const taken = await executor.any(sql.type(tally)`
      UPDATE polls SET told_counts = standing.counts, told_at = ${now}::timestamptz
      FROM (
        SELECT process_id, poll_counts(process_id, cardinality(options)) AS counts FROM polls
        WHERE process_id IN (SELECT process_id FROM stream_openings WHERE kind = 'poll' AND closed_at IS NULL)
          AND (told_at IS NULL OR told_at <= ${now}::timestamptz - ${TELL_MS} * interval '1 ms')
        ORDER BY process_id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
      ) AS standing
      WHERE polls.process_id = standing.process_id AND told_counts <> standing.counts
      RETURNING stream_id, polls.process_id AS poll_id, counts
    `);
    return taken.map(({ stream_id: streamId, poll_id: pollId, counts }) => ({
      ...{ rooms: [`stream_${streamId}`], name: 'poll:vote' },
      data: { streamId, pollId, counts, total: totalOf(counts) },
    }));
  },
  async lastWordOf(executor, processId) {
    const { stream_id: streamId, counts } = await executor.one(sql.type(final)`
      SELECT stream_id, ARRAY(SELECT json_array_elements_text(terms -> 'counts')::integer) AS counts
      FROM polls JOIN processes ON processes.id = process_id WHERE process_id = ${processId}
    `);
    return { name: 'poll:closed', data: { streamId, pollId: processId, counts, total: totalOf(counts) } };
  },
};
