import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

const commission = z.object({ bps: z.int(), fixed: z.bigint() });
export type Commission = z.infer<typeof commission>;

/** What we take of something that somebody agrees on now: their own rule before everybody's, the newest of them. */
export async function findCommission(
  executor: Executor,
  kind: string,
  userId: string,
  now: string,
): Promise<Commission | null> {
  return executor.maybeOne(sql.type(commission)`
    SELECT bps, fixed FROM commission_rules
    WHERE kind = ${kind} AND (user_id IS NULL OR user_id = ${userId}) AND effective_from <= ${now}::timestamptz
      AND (effective_to IS NULL OR effective_to > ${now}::timestamptz)
    ORDER BY user_id IS NULL, effective_from DESC, id DESC LIMIT 1
  `);
}

/** The same of a process, by whoever has a role in it. */
export async function findCommissionOf(
  executor: Executor,
  { processId, role, now }: { processId: string; role: string; now: string },
): Promise<Commission | null> {
  return executor.maybeOne(sql.type(commission)`
    SELECT bps, fixed FROM commission_rules
    JOIN processes ON processes.id = ${processId} AND processes.kind = commission_rules.kind
    LEFT JOIN seats ON seats.process_id = processes.id AND role = ${role}
    WHERE (commission_rules.user_id IS NULL OR commission_rules.user_id = seats.user_id)
      AND effective_from <= ${now}::timestamptz AND (effective_to IS NULL OR effective_to > ${now}::timestamptz)
    ORDER BY commission_rules.user_id IS NULL, effective_from DESC, commission_rules.id DESC LIMIT 1
  `);
}

const ruleRow = z.object({
  id: z.string(),
  kind: z.string(),
  user_id: z.string().nullable(),
  bps: z.int(),
  fixed: z.bigint(),
  effective_from: z.string(),
  effective_to: z.string().nullable(),
  reason: z.string(),
  made_by: z.string(),
  made_at: z.string(),
});
export type CommissionRule = z.infer<typeof ruleRow>;

const COLUMNS = sql.fragment`id, kind, user_id, bps, fixed, effective_from, effective_to, reason, made_by, made_at`;

export async function insertCommissionRule(
  executor: Executor,
  rule: Omit<CommissionRule, 'id'>,
): Promise<CommissionRule> {
  return executor.one(sql.type(ruleRow)`
    INSERT INTO commission_rules (id, kind, user_id, bps, fixed, effective_from, effective_to, reason, made_by, made_at)
    VALUES (${uuid()}, ${rule.kind}, ${rule.user_id}, ${rule.bps}, ${rule.fixed}, ${rule.effective_from}::timestamptz,
      ${rule.effective_to}::timestamptz, ${rule.reason}, ${rule.made_by}, ${rule.made_at}::timestamptz)
    RETURNING ${COLUMNS}
  `);
}

/** The newest first. */
export async function listCommissionRules(
  executor: Executor,
  limit: number,
  before: string | null,
): Promise<readonly CommissionRule[]> {
  return executor.any(sql.type(ruleRow)`
    SELECT ${COLUMNS} FROM commission_rules WHERE ${before}::uuid IS NULL OR id < ${before}::uuid
    ORDER BY id DESC LIMIT ${limit}
  `);
}
