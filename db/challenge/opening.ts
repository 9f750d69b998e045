import { z } from 'zod';
import { STATES } from '#workflows/challenge/terms.ts';
import { type Executor, sql } from '../pool.ts';
import type { OpeningKind, Word } from '../stream/openings.ts';

/** A challenge as what is open in a stream: that it has begun or is over. How far it is the worker tells. */
export const challengeOpening: OpeningKind = {
  closesBy: 'close',
  takeStandings: (executor, _now, limit) => takeChanged(executor, limit),
};

const changedRow = z.object({
  id: z.string(),
  stream_id: z.string(),
  type: z.string(),
  target: z.bigint().transform(Number),
  progress: z.bigint().transform(Number),
  reward: z.string().nullable(),
  status: z.enum(STATES),
  ends_at: z.string(),
});

async function takeChanged(executor: Executor, limit: number): Promise<Word[]> {
  const rows = await executor.any(sql.type(changedRow)`
    UPDATE challenges SET told = status WHERE process_id IN (
      SELECT process_id FROM challenges WHERE status <> told ORDER BY process_id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING process_id AS id, stream_id, type, target, progress, reward, status, ends_at
  `);
  return rows.map(({ id: challengeId, stream_id: streamId, type, target, progress, reward, status, ends_at: endsAt }) => {
    const rooms = [`stream_${streamId}`];
    if (status === 'open') {
      return { rooms, name: 'challenge:start', data: { streamId, challengeId, type, target, reward, endsAt } };
    }
    const data = { streamId, challengeId, status, progress, target, reached: status === 'won' };
    return { rooms, name: 'challenge:end', data };
  });
}
