import { z } from 'zod';
import { balanceOf } from '#db/money/walletEvents.ts';
import { getPerson } from '#db/people/accounts.ts';
import { getRewardPerson, listAsked, listEarnedByAction, listRewards, listWaiting } from '#db/reward/history.ts';
import { listRules } from '#db/reward/rules.ts';
import { id } from '#workflows/deal/contract.ts';
import { ACTION_NAMES } from '#workflows/reward/actions.ts';
import { userRewards, why } from '#workflows/reward/contract.ts';
import { dayOf, ruleAt } from '#workflows/reward/judge.ts';
import { localDay, streakAt } from '#workflows/reward/streak.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { requireSight } from '../money/posting.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../page.ts';
import { lyk, viewCaps, viewReward, viewRule, viewWaiting } from './view.ts';

const tags = ['Rewards'];
/** Of what waits so much is looked at. */
const WAITING = 100;
const rewardCursor = z.tuple([z.string().regex(/^\d{1,18}$/)]);

/** What somebody earned, and why or why not. */
export function rewardRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  userRoute(app, deps);
  whyRoute(app, deps);
}

function userRoute(app: App, { pool, now }: Pick<Deps, 'pool' | 'now'>): void {
  app.get(
    '/api/rewards/user/:userId',
    {
      schema: {
        operationId: 'rewards.getUser',
        tags,
        summary: 'What somebody earned',
        description:
          'Yours; administrators see anybody’s. Days are UTC’s, but for the streak, which is of your own zone.',
        params: z.strictObject({ userId: id }),
        querystring: pageQuery,
        response: answers({ 200: success(userRewards) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { userId }, query }) => {
      requireSight(account, userId);
      await getPerson(pool, userId);
      const at = now().toISOString();
      const keys = decodeCursor(query.cursor, rewardCursor);
      const [person, earned, rows, waiting, rules, balance] = await Promise.all([
        getRewardPerson(pool, userId),
        listEarnedByAction(pool, userId, dayOf(at)),
        listRewards(pool, userId, { before: keys?.[0] ?? null, limit: query.limit + 1 }),
        listWaiting(pool, userId, WAITING),
        listRules(pool),
        balanceOf(pool, userId, 'LYK', at),
      ]);
      const history = rows.slice(0, query.limit).map(viewReward);
      const streak = { days: person.streak, longest: person.longest, lastDay: person.streak_day };
      const data = {
        user_id: userId,
        balance: lyk(balance.available),
        earned_today: lyk(earned.reduce((sum, { today }) => sum + today, 0n)),
        earned_in_all: lyk(person.earned),
        debt: lyk(person.debt),
        waiting: waiting.length,
        by_action: earned.map(({ action, points, granted, refused }) => ({
          ...{ action, earned: lyk(points), granted, refused },
        })),
        caps: viewCaps(
          ACTION_NAMES.map((action) => ruleAt(rules, action, at)),
          earned,
        ),
        streak: {
          days: streakAt(streak, localDay(at, person.time_zone)),
          ...{ longest: person.longest, last_day: person.streak_day, time_zone: person.time_zone },
        },
        history,
        next_cursor: rows.length > query.limit ? encodeCursor([history.at(-1)?.id ?? '']) : null,
      };
      return { success: true as const, data };
    },
  );
}

function whyRoute(app: App, { pool, now }: Pick<Deps, 'pool' | 'now'>): void {
  app.get(
    '/api/rewards/why',
    {
      schema: {
        operationId: 'rewards.why',
        tags,
        summary: 'Why something earned you points, or none',
        description:
          'By the id that an event names (`metadata.rewardId` of `points_earned`, `reward.id` of `reward_earned`), or by ' +
          'what was done with what. What waits is posted within seconds.',
        querystring: z.strictObject({
          event: z
            .string()
            .regex(/^\d{1,18}$/, 'is no reward’s id')
            .optional(),
          action: z.enum(ACTION_NAMES).optional(),
          target_id: z.string().max(128).optional(),
          limit: pageQuery.shape.limit,
        }),
        response: answers({ 200: success(why) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const at = now().toISOString();
      const asked = { id: query.event ?? null, action: query.action ?? null, target: query.target_id ?? null };
      const [rows, waiting, rules, earned] = await Promise.all([
        listAsked(pool, account.id, asked, query.limit),
        listWaiting(pool, account.id, WAITING),
        listRules(pool),
        listEarnedByAction(pool, account.id, dayOf(at)),
      ]);
      const meant = waiting.filter(
        (row) =>
          row.id === (asked.id ?? row.id) &&
          row.action === (asked.action ?? row.action) &&
          row.target === (asked.target ?? row.target),
      );
      const action = query.action ?? rows[0]?.action ?? meant[0]?.action;
      const rule = action === undefined ? null : ruleAt(rules, action, at);
      const view = rule && viewRule({ ...rule, changedBy: null, why: null });
      return {
        success: true as const,
        data: {
          rewards: [...meant.map((row) => viewWaiting(row, rules)), ...rows.map(viewReward)].slice(0, query.limit),
          rule: view && {
            ...{ action: view.action, version: view.version, points: view.points, enabled: view.enabled },
            needs: view.needs,
          },
          caps: rule ? viewCaps([rule], earned) : [],
        },
      };
    },
  );
}
