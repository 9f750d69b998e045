import { z } from 'zod';
import { type Action, actionFacts } from '#workflows/reward/actions.ts';
import { type Executor, sql } from '../pool.ts';

/** What was done and may earn something: written in the transaction of what was done, and judged later. */

export type NewAct = {
  action: Action;
  actorId: string;
  /** Whose thing it was done with; the actor, where there is no other. */
  creatorId: string;
  target: string;
  now: string;
};

/** Notes acts, with how many who earns by each follows and is followed by at this moment. */
export async function insertActs(executor: Executor, acts: readonly NewAct[]): Promise<void> {
  if (acts.length === 0) return;
  const rows = acts.map(({ action, actorId, creatorId, target, now }) => {
    const { side, gathered } = actionFacts(action);
    const userId = side === 'viewer' ? actorId : creatorId;
    return { user_id: userId, action, actor_id: actorId, creator_id: creatorId, target, gathered, at: now };
  });
  await executor.query(sql.prepared('insert_acts', z.strictObject({}))`
    INSERT INTO reward_acts (user_id, action, actor_id, creator_id, target, gathered, following, followers, at)
    SELECT act.user_id, action, actor_id, creator_id, target, gathered, coalesce(following, 0), coalesce(followers, 0), at
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS act (user_id uuid, action text, actor_id uuid, creator_id uuid, target text, gathered boolean, at timestamptz)
    LEFT JOIN follow_counts ON follow_counts.user_id = act.user_id
  `);
}
