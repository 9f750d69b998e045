import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { ACTION_NAMES, type Action } from '#workflows/reward/actions.ts';
import { dayOf, PER, type Rule } from '#workflows/reward/judge.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockBudget } from './budget.ts';

const ruleRow = z.object({
  action: z.enum(ACTION_NAMES),
  version: z.int(),
  points: z.bigint(),
  following: z.int().nullable(),
  followers: z.int().nullable(),
  per: z.enum(PER),
  daily_cap: z.bigint().nullable(),
  pair_cap: z.bigint().nullable(),
  client: z.boolean(),
  enabled: z.boolean(),
  effective_from: z.string(),
  changed_by: z.string().nullable(),
  why: z.string().nullable(),
});

/** A version of a rule, with who made it and why. */
export type KeptRule = Rule & { changedBy: string | null; why: string | null };

function ruleOf(row: z.infer<typeof ruleRow>): KeptRule {
  const { daily_cap, pair_cap, effective_from, changed_by, ...rest } = row;
  return { ...rest, dailyCap: daily_cap, pairCap: pair_cap, effectiveFrom: effective_from, changedBy: changed_by };
}

const RULE = sql.fragment`
  action, version, points, following, followers, per, daily_cap, pair_cap, client, enabled, effective_from, changed_by, why`;

/** Every version of every rule, latest first: there are few. */
export async function listRules(executor: Executor): Promise<readonly KeptRule[]> {
  const rows = await executor.any(sql.type(ruleRow)`
    SELECT ${RULE} FROM reward_rules ORDER BY action, version DESC
  `);
  return rows.map(ruleOf);
}

/** Every version of one, latest first. */
export async function listVersions(executor: Executor, action: Action): Promise<readonly KeptRule[]> {
  const rows = await executor.any(sql.type(ruleRow)`
    SELECT ${RULE} FROM reward_rules WHERE action = ${action} ORDER BY version DESC
  `);
  return rows.map(ruleOf);
}

export async function getRule(executor: Executor, action: Action): Promise<KeptRule> {
  const [rule] = await listVersions(executor, action);
  if (!rule) throw new Failure('NOT_FOUND', 'There is no such rule.');
  return rule;
}

export type RuleChange = Partial<Omit<Rule, 'action' | 'version' | 'effectiveFrom' | 'client'>>;

/** Makes a new version of a rule, in force from now on: what was done before is judged by the old one. */
export async function changeRule(
  transaction: Transaction,
  action: Action,
  { change, by, why, clock }: { change: RuleChange; by: string; why: string; clock: () => Date },
): Promise<KeptRule> {
  const asked = clock().toISOString();
  await lockBudget(transaction, dayOf(asked), asked);
  // Whatever is judged now was done before this instant.
  const now = clock().toISOString();
  const before = await getRule(transaction, action);
  const next = { ...before, ...change };
  // An earlier instant than that of the version before would put one in the other's place.
  const from = now > before.effectiveFrom ? now : new Date(Date.parse(before.effectiveFrom) + 1).toISOString();
  const row = await transaction.one(sql.type(ruleRow)`
    INSERT INTO reward_rules (action, version, points, following, followers, per, daily_cap, pair_cap, client, enabled,
      effective_from, changed_by, why)
    VALUES (${action}, ${before.version + 1}, ${next.points}, ${next.following}, ${next.followers}, ${next.per},
      ${next.dailyCap}, ${next.pairCap}, ${before.client}, ${next.enabled}, ${from}, ${by}, ${why})
    RETURNING ${RULE}
  `);
  return ruleOf(row);
}
