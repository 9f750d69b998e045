import { z } from 'zod';
import { getBudget, updateBudget } from '#db/reward/budget.ts';
import { correctRewards } from '#db/reward/corrections.ts';
import { changeRule, listRules, listVersions, type RuleChange } from '#db/reward/rules.ts';
import { listTopEarners, listTotals } from '#db/reward/totals.ts';
import type { Minor } from '#workflows/money.ts';
import { ACTION_NAMES } from '#workflows/reward/actions.ts';
import { correctionRequest, correctionView, rewardAnalytics, rulePatch, ruleView } from '#workflows/reward/contract.ts';
import { dayOf } from '#workflows/reward/judge.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { pointsRequest, takeAmount } from '../money/amount.ts';
import { dryRunQuery, postNamed } from '../money/posting.ts';
import { requireAdmin } from '../people/account.ts';
import { lyk, viewRule } from './view.ts';

const tags = ['Admin'];
/** What is no action is refused after who is no administrator: they do not hear which are. */
const params = z.strictObject({
  action: z
    .string()
    .max(64)
    .meta({ examples: [ACTION_NAMES[0]] }),
});
const TOP = 20;
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** What administrators see and change of rewards. */
export function rewardAdminRoutes(app: App, deps: Deps): void {
  ruleRoutes(app, deps);
  analyticsRoute(app, deps);
  budgetRoute(app, deps);

  app.post(
    '/api/admin/rewards/corrections',
    {
      schema: {
        operationId: 'rewards.correct',
        tags,
        summary: 'Take back what somebody earned wrongly',
        description:
          'What is there goes back at once; what was spent is a debt, which the next awards pay. Each reward once.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: correctionRequest,
        response: answers(
          { 201: success(z.object({ correction: correctionView })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    (request, reply) => {
      requireAdmin(request.account);
      const { user_id: userId, reward_ids: rewardIds, reason } = request.body;
      return postNamed(deps, request, reply, async (transaction) => {
        const [by, now] = [request.account.id, deps.now().toISOString()];
        const { many, points, taken, debt } = await correctRewards(transaction, {
          ...{ userId, rewardIds, reason, by, now },
        });
        const correction = {
          user_id: userId,
          corrected: many,
          points: lyk(points),
          taken: lyk(taken),
          debt: lyk(debt),
        };
        return { status: 201, body: { success: true as const, data: { correction } } };
      });
    },
  );
}

function ruleRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const refusals = ['UNAUTHENTICATED', 'FORBIDDEN'] as const;

  app.get(
    '/api/admin/rewards/rules',
    {
      schema: {
        operationId: 'rewards.listRules',
        tags,
        summary: 'The rules in force',
        response: answers({ 200: success(z.array(ruleView)) }, ...refusals),
      },
    },
    async ({ account }) => {
      requireAdmin(account);
      const rules = await listRules(pool);
      const latest = rules.filter((rule, place) => rules.findIndex(({ action }) => action === rule.action) === place);
      return { success: true as const, data: latest.map(viewRule) };
    },
  );

  app.get(
    '/api/admin/rewards/rules/:action',
    {
      schema: {
        operationId: 'rewards.listVersions',
        tags,
        summary: 'Every version of a rule, with who made it and why',
        params,
        response: answers({ 200: success(z.array(ruleView)) }, ...refusals),
      },
    },
    async ({ account, params: { action } }) => {
      requireAdmin(account);
      requireAction(action);
      return { success: true as const, data: (await listVersions(pool, action)).map(viewRule) };
    },
  );

  app.patch(
    '/api/admin/rewards/rules/:action',
    {
      schema: {
        operationId: 'rewards.changeRule',
        tags,
        summary: 'Change a rule',
        description: 'A new version, in force from now on: what was done before is judged by the one before it.',
        params,
        body: rulePatch,
        response: answers({ 200: success(z.object({ rule: ruleView })) }, ...refusals),
      },
    },
    async ({ account, params: { action }, body }) => {
      requireAdmin(account);
      requireAction(action);
      const change = changeOf(body);
      const rule = await pool.transaction((transaction) =>
        changeRule(transaction, action, { change, by: account.id, why: body.reason, clock: deps.now }),
      );
      return { success: true as const, data: { rule: viewRule(rule) } };
    },
  );
}

function requireAction(text: string): asserts text is (typeof ACTION_NAMES)[number] {
  const names: readonly string[] = ACTION_NAMES;
  if (!names.includes(text)) throw invalidField('action', `is none of ${names.join(', ')}`);
}

/** What is left out of a patch stays. */
function changeOf({ points, needs, per, daily_cap, pair_cap, enabled }: z.output<typeof rulePatch>): RuleChange {
  const change: RuleChange = {};
  if (points !== undefined) change.points = takeTenths(points);
  if (needs?.following !== undefined) change.following = needs.following;
  if (needs?.followers !== undefined) change.followers = needs.followers;
  if (per !== undefined) change.per = per;
  if (daily_cap !== undefined) change.dailyCap = daily_cap === null ? null : takeAmount('daily_cap', daily_cap, 'LYK');
  if (pair_cap !== undefined) change.pairCap = pair_cap === null ? null : takeAmount('pair_cap', pair_cap, 'LYK');
  if (enabled !== undefined) change.enabled = enabled;
  return change;
}

function takeTenths(points: string | number): Minor {
  const units = takeAmount('points', points, 'LYK');
  if (units % 10n !== 0n) throw invalidField('points', 'is not a whole number of tenths');
  return units;
}

function analyticsRoute(app: App, { pool, now }: Deps): void {
  app.get(
    '/api/rewards/analytics',
    {
      schema: {
        operationId: 'rewards.getAnalytics',
        tags: ['Rewards'],
        summary: 'What all rewards come to',
        description: 'For administrators. Days are UTC’s, both of them in it; the last 30 where nothing is said.',
        querystring: z.strictObject({ from: z.iso.date().optional(), to: z.iso.date().optional() }),
        response: answers({ 200: success(rewardAnalytics) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async ({ account, query }) => {
      requireAdmin(account);
      const today = dayOf(now().toISOString());
      const to = query.to ?? today;
      const from = query.from ?? dayOf(new Date(Date.parse(to) - 29 * DAY_MS).toISOString());
      if (from > to) throw invalidField('from', 'is after `to`');
      if (Date.parse(to) - Date.parse(from) > LONGEST_DAYS * DAY_MS)
        throw invalidField('from', 'is over a year earlier');
      const [totals, top, budget] = await Promise.all([
        listTotals(pool, from, to),
        listTopEarners(pool, { from, to, limit: TOP }),
        getBudget(pool, today),
      ]);
      const refusals = Map.groupBy(totals, ({ outcome }) => outcome);
      return {
        success: true as const,
        data: {
          ...{ from, to, minted: lyk(totals.reduce((sum, { points }) => sum + points, 0n)) },
          outcomes: totals.map((row) => ({ ...row, points: lyk(row.points) })),
          refusals: [...refusals].flatMap(([reason, rows]) =>
            reason === 'granted' ? [] : [{ reason, many: rows.reduce((sum, { many }) => sum + many, 0) }],
          ),
          top_earners: top.map((row) => ({ ...row, points: lyk(row.points) })),
          budget: { day: today, daily: lyk(budget.daily), left: lyk(budget.left) },
        },
      };
    },
  );
}

function budgetRoute(app: App, { pool }: Deps): void {
  app.patch(
    '/api/admin/rewards/budget',
    {
      schema: {
        operationId: 'rewards.changeBudget',
        tags,
        summary: 'Change what may be minted a day',
        description: 'From the first day on that nothing was minted on yet.',
        body: z.strictObject({ daily: pointsRequest }),
        response: answers(
          { 200: success(z.object({ daily: z.string().describe('LYK, as decimal text') })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
        ),
      },
    },
    async ({ account, body }) => {
      requireAdmin(account);
      const daily = takeAmount('daily', body.daily, 'LYK');
      await updateBudget(pool, daily);
      return { success: true as const, data: { daily: lyk(daily) } };
    },
  );
}
