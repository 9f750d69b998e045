import type { EarnedByAction, RewardRow, WaitingRow } from '#db/reward/history.ts';
import type { KeptRule } from '#db/reward/rules.ts';
import { formatDecimal } from '#workflows/money.ts';
import type { RewardView, RuleView } from '#workflows/reward/contract.ts';
import { type Rule, ruleAt, type Verdict } from '#workflows/reward/judge.ts';

export const lyk = (units: bigint) => formatDecimal(units, 'LYK');

export function viewReward({ id, action, version, target, points, refused, posting, at }: RewardRow): RewardView {
  return {
    ...{ id, action, rule_version: version, target_id: target, status: refused === null ? 'granted' : 'refused' },
    ...{ reason: refused, points: lyk(points), transaction_id: posting, acted_at: at },
  };
}

/** What waits is told by the rule that it will be judged by; what it comes to is not known yet. */
export function viewWaiting({ id, action, target, at }: WaitingRow, rules: readonly Rule[]): RewardView {
  return {
    ...{ id, action, rule_version: ruleAt(rules, action, at).version, target_id: target, status: 'waiting' },
    ...{ reason: null, points: lyk(0n), transaction_id: null, acted_at: at },
  };
}

/** What became of an act just now. */
export function viewVerdict({ act, rule, refused }: Verdict): RewardView {
  return viewReward({
    ...{ id: act.id.toString(), action: act.action, version: rule.version, target: act.target, at: act.at },
    ...{ points: refused === null ? rule.points : 0n, refused, posting: null },
  });
}

export function viewRule({ dailyCap, pairCap, following, followers, effectiveFrom, ...rule }: KeptRule): RuleView {
  const { action, version, points, per, client, enabled, changedBy, why } = rule;
  return {
    ...{ action, version, points: lyk(points), needs: { following, followers }, per, client, enabled },
    daily_cap: dailyCap === null ? null : lyk(dailyCap),
    pair_cap: pairCap === null ? null : lyk(pairCap),
    effective_from: effectiveFrom,
    changed_by: changedBy,
    reason: why,
  };
}

/** What the caps of today leave, by rules that are in force. */
export function viewCaps(rules: readonly Rule[], earned: readonly EarnedByAction[]) {
  return rules.map(({ action, dailyCap, pairCap }) => {
    const today = earned.find((row) => row.action === action)?.today ?? 0n;
    const left = dailyCap === null ? null : dailyCap > today ? dailyCap - today : 0n;
    return {
      ...{ action, earned_today: lyk(today), left_today: left === null ? null : lyk(left) },
      pair_cap: pairCap === null ? null : lyk(pairCap),
    };
  });
}
