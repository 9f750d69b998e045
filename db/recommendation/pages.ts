import { z } from 'zod';
import { type Recommended, recommendation } from '#workflows/recommendation/contract.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, sql } from '../pool.ts';

/** Pages as they were handed out. */

const shown = recommendation.extend({ creator_id: z.string() });
export type Shown = z.infer<typeof shown>;

const page = z.object({ n: z.int(), shown: z.array(shown), more: z.boolean() });
export type Page = z.infer<typeof page>;

/** Everything that a reader's list had so far, in order; nothing of a list that is not theirs, or forgotten. */
export function listPages(
  executor: Executor,
  { listId, readerId, kind }: { listId: string; readerId: string; kind: Recommended },
): Promise<readonly Page[]> {
  return executor.any(sql.type(page)`
    SELECT n, shown, more FROM recommendation_pages
    WHERE list_id = ${listId} AND user_id = ${readerId} AND kind = ${kind} ORDER BY n
  `);
}

export type NewPage = {
  listId: string;
  n: number;
  readerId: string;
  kind: Recommended;
  now: string;
  shown: readonly Shown[];
  /** Whether the list goes on. */
  more: boolean;
};

/**
 * Keeps a page; false where the same was kept meanwhile. Nobody waits for the disk: should Postgres crash in that moment,
 * a list has to be begun anew, and nothing else is lost.
 */
export async function keepPage(
  executor: Executor,
  { listId, n, readerId, kind, now, shown, more }: NewPage,
): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    WITH unsynced AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO recommendation_pages (list_id, n, user_id, kind, at, shown, more)
    SELECT ${listId}::uuid, ${n}::smallint, ${readerId}::uuid, ${kind}, ${now}::timestamptz,
      ${JSON.stringify(shown)}::jsonb, ${more}
    FROM unsynced ON CONFLICT DO NOTHING
  `);
  return rowCount > 0;
}

/** Deletes pages that were handed out before an instant. */
export function deletePages(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'recommendation_pages',
    age: sql.fragment`at`,
  });
}
