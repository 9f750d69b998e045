import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

const watched = z.object({ id: z.string(), creator_id: z.string() });
export type WatchedStream = z.infer<typeof watched>;

/** More than one media server carries. */
const MOST = 1_000;

/** Streams on air, of which a media server says whether pictures come: of these alone, where they are named. */
export function listWatched(executor: Executor, ids: readonly string[] | null): Promise<readonly WatchedStream[]> {
  return executor.any(sql.type(watched)`
    SELECT process_id AS id, creator_id FROM streams JOIN processes ON processes.id = process_id
    WHERE status = 'live' AND (opened ->> 'watched')::boolean
      AND (${ids === null} OR process_id = ANY(${sql.array([...(ids ?? [])], 'uuid')}))
    ORDER BY process_id LIMIT ${MOST}
  `);
}
