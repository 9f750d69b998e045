import { z } from 'zod';
import { BADGES, type Badge, badgesOf, grantOf, levelOf, type XpAction } from '#workflows/xp/level.ts';
import type { Announcement } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

export type Gain = {
  userId: string;
  action: XpAction;
  /** What it is about: nothing is granted twice for it. */
  about: string;
  /** Tokens, for rules by token; 1 else. */
  many: number;
};

const rule = z.object({
  action: z.string(),
  version: z.int(),
  points: z.int(),
  daily_cap: z.int().nullable(),
  enabled: z.boolean(),
});
const raised = z.object({ xp: z.bigint().transform(Number) });

/**
 * Grants experience by the rules in force, each gain once for what it is about, in the caller's transaction. The rows of
 * people are locked in the order of their ids. What those who reached a level or a badge are to be told.
 */
export async function grantXp(transaction: Transaction, gains: readonly Gain[], now: string): Promise<Announcement[]> {
  const rules = await rulesInForce(transaction, now);
  const told: Announcement[] = [];
  const sorted = [...gains].sort((one, other) => (one.userId < other.userId ? -1 : 1));
  for (const gain of sorted) {
    const inForce = rules.get(gain.action);
    if (inForce?.enabled) told.push(...(await grantOne(transaction, gain, inForce, now)));
  }
  return told;
}

async function rulesInForce(executor: Executor, now: string): Promise<ReadonlyMap<string, z.infer<typeof rule>>> {
  const rows = await executor.any(sql.type(rule)`
    SELECT DISTINCT ON (action) action, version, points, daily_cap, enabled FROM xp_rules
    WHERE effective_from <= ${now}::timestamptz ORDER BY action, version DESC
  `);
  return new Map(rows.map((row) => [row.action, row]));
}

const today = z.object({ points: z.bigint().transform(Number) });

async function grantOne(
  transaction: Transaction,
  { userId, action, about, many }: Gain,
  inForce: z.infer<typeof rule>,
  now: string,
): Promise<Announcement[]> {
  const isGranted = await transaction.exists(sql.typeAlias('void')`
    SELECT FROM xp_grants WHERE user_id = ${userId} AND action = ${action} AND about = ${about}
  `);
  if (isGranted) return [];
  // The row of the person first: the day's cap is looked at by one after the other.
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO xp_people (user_id, xp) VALUES (${userId}, 0) ON CONFLICT (user_id) DO UPDATE SET xp = xp_people.xp
  `);
  const { points: had } = await transaction.one(sql.type(today)`
    SELECT coalesce(sum(points), 0)::bigint AS points FROM xp_grants
    WHERE user_id = ${userId} AND action = ${action} AND at >= date_trunc('day', ${now}::timestamptz, 'UTC')
  `);
  const points = grantOf(inForce, many, had);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO xp_grants (user_id, action, about, version, points, at)
    VALUES (${userId}, ${action}, ${about}, ${inForce.version}, ${points}, ${now}::timestamptz) ON CONFLICT DO NOTHING
  `);
  if (rowCount === 0) return [];
  const { xp } = await transaction.one(sql.type(raised)`
    UPDATE xp_people SET xp = xp + ${points} WHERE user_id = ${userId} RETURNING xp
  `);
  const level = levelOf(xp);
  const badges = await award(transaction, userId, badgesOf(action, level), now);
  return [
    ...(level > levelOf(xp - points)
      ? [{ user_id: userId, name: 'level_up' as const, data: { userId, level, xp } }]
      : []),
    ...badges.map((code) => ({
      ...{ user_id: userId, name: 'badge_awarded' as const },
      data: { userId, code, name: BADGES[code], awarded_at: now },
    })),
  ];
}

const awarded = z.object({ code: z.enum(Object.keys(BADGES) as [Badge]) });

async function award(executor: Executor, userId: string, codes: readonly Badge[], now: string): Promise<Badge[]> {
  if (codes.length === 0) return [];
  const rows = await executor.any(sql.type(awarded)`
    INSERT INTO xp_badges (user_id, code, awarded_at)
    SELECT ${userId}, code, ${now}::timestamptz FROM unnest(${sql.array([...codes], 'text')}) AS code
    ON CONFLICT DO NOTHING RETURNING code
  `);
  return rows.map(({ code }) => code);
}
