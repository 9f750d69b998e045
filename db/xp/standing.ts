import { z } from 'zod';
import { BADGES, type Badge } from '#workflows/xp/level.ts';
import { type Executor, sql } from '../pool.ts';

const xpRow = z.object({ xp: z.bigint().transform(Number) });
const badgeRow = z.object({ code: z.enum(Object.keys(BADGES) as [Badge]), awarded_at: z.string() });

/** What somebody has gained; nothing, where they have done nothing yet. */
export async function standingOf(executor: Executor, userId: string) {
  const row = await executor.maybeOne(sql.type(xpRow)`SELECT xp FROM xp_people WHERE user_id = ${userId}`);
  const badges = await executor.any(sql.type(badgeRow)`
    SELECT code, awarded_at FROM xp_badges WHERE user_id = ${userId} ORDER BY awarded_at, code
  `);
  return {
    xp: row?.xp ?? 0,
    badges: badges.map(({ code, awarded_at }) => ({ code, name: BADGES[code], awarded_at })),
  };
}
