import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { XP_ACTIONS } from '#workflows/xp/level.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const ruleRow = z.object({
  action: z.enum(XP_ACTIONS),
  version: z.int(),
  points: z.int(),
  per: z.enum(['token', 'minute', 'once']),
  daily_cap: z.int().nullable(),
  enabled: z.boolean(),
  effective_from: z.string(),
  why: z.string().nullable(),
});
export type XpRule = z.infer<typeof ruleRow>;

const RULE = sql.fragment`action, version, points, per, daily_cap, enabled, effective_from, why`;

/** Every version of every rule, latest first: there are few. */
export function listXpRules(executor: Executor): Promise<readonly XpRule[]> {
  return executor.any(sql.type(ruleRow)`SELECT ${RULE} FROM xp_rules ORDER BY action, version DESC`);
}

export type XpRuleChange = {
  points?: number | undefined;
  daily_cap?: number | null | undefined;
  enabled?: boolean | undefined;
  why: string;
};

/** Makes a new version of a rule, in force from now on. Two at once follow each other. NOT_FOUND. */
export async function changeXpRule(
  transaction: Transaction,
  action: string,
  { change, by, now }: { change: XpRuleChange; by: string; now: string },
): Promise<XpRule> {
  await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`xp_rule_${action}`}, 0))`);
  const before = await transaction.maybeOne(sql.type(ruleRow)`
    SELECT ${RULE} FROM xp_rules WHERE action = ${action} ORDER BY version DESC LIMIT 1
  `);
  if (!before) throw new Failure('NOT_FOUND', 'There is no such rule.');
  const { points = before.points, daily_cap = before.daily_cap, enabled = before.enabled, why } = change;
  return transaction.one(sql.type(ruleRow)`
    INSERT INTO xp_rules (action, version, points, per, daily_cap, enabled, effective_from, changed_by, why)
    VALUES (${action}, ${before.version + 1}, ${points}, ${before.per}, ${daily_cap}, ${enabled}, ${now}::timestamptz,
      ${by}, ${why})
    RETURNING ${RULE}
  `);
}
