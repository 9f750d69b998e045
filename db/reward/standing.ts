import { z } from 'zod';
import { type Act, dayKey, onceDayOf, pairKey, pairOf, type Rule, type Standing } from '#workflows/reward/judge.ts';
import { type Executor, sql } from '../pool.ts';

/** What acts are judged against: what was earned before, who has blocked whom, who left. */

const earnedRow = z.object({ actor_id: z.string(), action: z.string(), target: z.string(), once_day: z.string() });
const sumRow = z.object({ key: z.string(), points: z.bigint() });
const pairRow = z.object({ actor_id: z.string(), creator_id: z.string() });

/** Of acts of people whose rows are locked. `ruleOf`: the rule each is judged by. */
export async function standingOf(
  executor: Executor,
  acts: readonly Act[],
  ruleOf: (act: Act) => Rule,
): Promise<Omit<Standing, 'left'>> {
  const [earned, days, pairs] = [
    await listEarned(executor, acts, ruleOf),
    await sumDays(executor, acts),
    await sumPairs(executor, acts),
  ];
  return { earned, days, pairs, blocked: await listBlocks(executor, acts), gone: await listGone(executor, acts) };
}

async function listEarned(executor: Executor, acts: readonly Act[], ruleOf: (act: Act) => Rule): Promise<Set<string>> {
  const asked = acts.flatMap((act) => {
    const onceDay = onceDayOf(ruleOf(act), act);
    return onceDay === null
      ? []
      : [{ actor_id: act.actorId, action: act.action, target: act.target, once_day: onceDay }];
  });
  const rows = await executor.any(sql.type(earnedRow)`
    SELECT DISTINCT rewards.actor_id, rewards.action, rewards.target, rewards.once_day
    FROM json_to_recordset(${JSON.stringify(asked)}::json)
      AS asked (actor_id uuid, action text, target text, once_day date)
    CROSS JOIN LATERAL (
      SELECT actor_id, action, target, once_day FROM rewards
      WHERE actor_id = asked.actor_id AND action = asked.action AND target = asked.target
        AND once_day = asked.once_day AND refused IS NULL
    ) AS rewards
  `);
  return new Set(rows.map(({ actor_id, action, target, once_day }) => [actor_id, action, target, once_day].join(' ')));
}

const keysOf = (acts: readonly Act[], key: (act: Act) => string) => [...new Set(acts.map(key))];

async function sumDays(executor: Executor, acts: readonly Act[]): Promise<Map<string, bigint>> {
  const asked = keysOf(acts, dayKey).map((key) => key.split(' '));
  const rows = await executor.any(sql.type(sumRow)`
    SELECT concat_ws(' ', user_id, day, action) AS key, points
    FROM unnest(${columnOf(asked, 0, 'uuid')}, ${columnOf(asked, 1, 'date')}, ${columnOf(asked, 2, 'text')})
      AS asked (user_id, day, action)
    JOIN reward_days USING (user_id, day, action)
  `);
  return new Map(rows.map(({ key, points }) => [key, points]));
}

async function sumPairs(executor: Executor, acts: readonly Act[]): Promise<Map<string, bigint>> {
  const asked = keysOf(acts, pairKey).map((key) => key.split(' '));
  const rows = await executor.any(sql.type(sumRow)`
    SELECT concat_ws(' ', user_id, day, action, other_id) AS key, points
    FROM unnest(${columnOf(asked, 0, 'uuid')}, ${columnOf(asked, 1, 'date')}, ${columnOf(asked, 2, 'text')},
      ${columnOf(asked, 3, 'uuid')}) AS asked (user_id, day, action, other_id)
    JOIN reward_pairs USING (user_id, day, action, other_id)
  `);
  return new Map(rows.map(({ key, points }) => [key, points]));
}

function columnOf(rows: readonly string[][], place: number, type: 'uuid' | 'date' | 'text') {
  return sql.array(
    rows.map((row) => row[place] ?? ''),
    type,
  );
}

/** Pairs of which one has blocked the other. */
async function listBlocks(executor: Executor, acts: readonly Act[]): Promise<ReadonlySet<string>> {
  const pairs = keysOf(acts, pairOf).map((key) => key.split(' '));
  const rows = await executor.any(sql.type(pairRow)`
    SELECT DISTINCT actor_id, creator_id
    FROM unnest(${columnOf(pairs, 0, 'uuid')}, ${columnOf(pairs, 1, 'uuid')}) AS pair (actor_id, creator_id)
    JOIN blocks ON (blocker_id = actor_id AND blocked_id = creator_id)
      OR (blocker_id = creator_id AND blocked_id = actor_id)
  `);
  return new Set(rows.map(({ actor_id, creator_id }) => pairOf({ actorId: actor_id, creatorId: creator_id })));
}

async function listGone(executor: Executor, acts: readonly Act[]): Promise<ReadonlySet<string>> {
  const gone = await executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM users
    WHERE id = ANY(${sql.array(
      keysOf(acts, ({ userId }) => userId),
      'uuid',
    )}) AND deleted_at IS NOT NULL
  `);
  return new Set(gone);
}
