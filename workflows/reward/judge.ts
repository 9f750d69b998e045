/** Whether an act earns something: by the rule that was in force when it was done, and what was earned before it. */
import { type Action, actionFacts } from './actions.ts';

/** Once for ever for one target, once a day for it, or each time. */
export const PER = ['target', 'target_day', 'none'] as const;
export type Per = (typeof PER)[number];

/** One version of a rule. Amounts are hundredths of a LYK; null: no such condition. */
export type Rule = {
  action: Action;
  version: number;
  points: bigint;
  following: number | null;
  followers: number | null;
  per: Per;
  dailyCap: bigint | null;
  pairCap: bigint | null;
  client: boolean;
  enabled: boolean;
  /** ISO. */
  effectiveFrom: string;
};

export type Act = {
  id: bigint;
  /** Who earns by it. */
  userId: string;
  action: Action;
  actorId: string;
  creatorId: string;
  target: string;
  /** As it was at that moment, of who earns. */
  following: number;
  followers: number;
  /** ISO. */
  at: string;
};

export const REFUSALS = [
  ...(['rule_disabled', 'self', 'blocked', 'left', 'not_eligible', 'already_earned'] as const),
  ...(['daily_cap', 'pair_cap', 'mint_budget'] as const),
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What became of an act. `onceDay`: for which day it was earned; `ever` for all of them, null where it may come again. */
export type Verdict = { act: Act; rule: Rule; onceDay: string | null; refused: Refusal | null };

/** What was earned before, by the keys below; `left` of the day's budget. Changed as acts are judged. */
export type Standing = {
  earned: Set<string>;
  blocked: ReadonlySet<string>;
  gone: ReadonlySet<string>;
  days: Map<string, bigint>;
  pairs: Map<string, bigint>;
  left: bigint;
};

const EVER = '-infinity';

/** The day (UTC) of an instant. */
export function dayOf(at: string): string {
  return at.slice(0, 10);
}

function onceKey(act: Act, onceDay: string): string {
  return [act.actorId, act.action, act.target, onceDay].join(' ');
}

export function pairOf({ actorId, creatorId }: Pick<Act, 'actorId' | 'creatorId'>): string {
  return `${actorId} ${creatorId}`;
}

export function dayKey({ userId, action, at }: Act): string {
  return `${userId} ${dayOf(at)} ${action}`;
}

/** The other of the two, to who earns. */
export function otherOf({ userId, actorId, creatorId }: Act): string {
  return userId === actorId ? creatorId : actorId;
}

export function pairKey(act: Act): string {
  return `${dayKey(act)} ${otherOf(act)}`;
}

/** The version that was in force at an instant. */
export function ruleAt(rules: readonly Rule[], action: Action, at: string): Rule {
  let found: Rule | null = null;
  for (const rule of rules) {
    if (rule.action !== action || rule.effectiveFrom > at) continue;
    if (!found || rule.version > found.version) found = rule;
  }
  if (!found) throw new Error(`there was no rule for ${action} at ${at}`);
  return found;
}

export function onceDayOf(rule: Rule, act: Act): string | null {
  if (rule.per === 'none') return null;
  return rule.per === 'target' ? EVER : dayOf(act.at);
}

/** Judges one act after the ones before it, and notes in `standing` what it earns. */
export function judge(act: Act, rule: Rule, standing: Standing): Verdict {
  const onceDay = onceDayOf(rule, act);
  const refused = refusalOf(act, rule, onceDay, standing);
  if (refused === null) {
    const add = (sums: Map<string, bigint>, key: string) => sums.set(key, (sums.get(key) ?? 0n) + rule.points);
    if (onceDay !== null) standing.earned.add(onceKey(act, onceDay));
    add(standing.days, dayKey(act));
    add(standing.pairs, pairKey(act));
    standing.left -= rule.points;
  }
  return { act, rule, onceDay, refused };
}

function refusalOf(act: Act, rule: Rule, onceDay: string | null, standing: Standing): Refusal | null {
  const within = (sums: ReadonlyMap<string, bigint>, key: string, cap: bigint | null) =>
    cap === null || (sums.get(key) ?? 0n) + rule.points <= cap;
  if (!rule.enabled) return 'rule_disabled';
  const { withAnother } = actionFacts(act.action);
  if (withAnother && act.actorId === act.creatorId) return 'self';
  if (withAnother && standing.blocked.has(pairOf(act))) return 'blocked';
  if (standing.gone.has(act.userId)) return 'left';
  if (act.following < (rule.following ?? 0) || act.followers < (rule.followers ?? 0)) return 'not_eligible';
  if (onceDay !== null && standing.earned.has(onceKey(act, onceDay))) return 'already_earned';
  if (!within(standing.days, dayKey(act), rule.dailyCap)) return 'daily_cap';
  if (withAnother && !within(standing.pairs, pairKey(act), rule.pairCap)) return 'pair_cap';
  return rule.points <= standing.left ? null : 'mint_budget';
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The video that an act is about; null where it is about none. */
export function videoOf({ target, action }: Pick<Act, 'target' | 'action'>): string | null {
  const { withAnother } = actionFacts(action);
  return withAnother || action === 'video_uploaded' ? (UUID.exec(target)?.[0] ?? null) : null;
}
