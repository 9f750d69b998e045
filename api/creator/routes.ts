import { z } from 'zod';
import { getProgress, listReachedMilestones, reachMilestones } from '#db/creator/milestones.ts';
import {
  type Activity,
  countDeals,
  getActivity,
  getFollowers,
  listEarnings,
  listTop,
  TOP_BY,
} from '#db/creator/stats.ts';
import { getProfile } from '#db/people/profiles.ts';
import { creatorMilestone, creatorStats, PERIODS, type Period, topContent } from '#workflows/creator/contract.ts';
import { MILESTONE_REWARD, MILESTONES } from '#workflows/creator/milestones.ts';
import { id } from '#workflows/deal/contract.ts';
import { dayOf } from '#workflows/reward/judge.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { text } from '../money/amount.ts';
import { requireSight } from '../money/posting.ts';

const tags = ['Creators'];
const params = z.strictObject({ creatorId: id });
const DAY_MS = 86_400_000;
const DAYS: Record<Exclude<Period, 'all'>, number> = { '7d': 7, '30d': 30, '90d': 90 };
const BEGINNING = '2000-01-01';

/** How a creator does: for themselves, and administrators. */
export function creatorRoutes(app: App, deps: Deps): void {
  statsRoute(app, deps);
  topRoute(app, deps);
  milestoneRoute(app, deps);
}

/** Days from one to before another, the last of them today; and the period of the same length before it. */
function spanOf(period: Period, now: Date) {
  const day = (daysAgo: number) => dayOf(new Date(now.getTime() - daysAgo * DAY_MS).toISOString());
  const before = day(-1);
  if (period === 'all') return { from: BEGINNING, before, earlier: null };
  const many = DAYS[period];
  return { from: day(many - 1), before, earlier: day(2 * many - 1) };
}

function statsRoute(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/creator/stats/:creatorId',
    {
      schema: {
        operationId: 'creators.getStats',
        tags,
        summary: 'How a creator does',
        description:
          'Yours; administrators see anybody’s. A period is so many days of UTC, today’s included, and a change is against ' +
          'the same length before it. Earnings are the ledger’s.',
        params,
        querystring: z.strictObject({ period: z.enum(PERIODS).default('30d') }),
        response: answers({ 200: success(creatorStats) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId }, query: { period } }) => {
      requireSight(account, creatorId);
      const { from, before, earlier } = spanOf(period, deps.now());
      const since = `${from}T00:00:00.000Z`;
      const [profile, done, then, followers, earnings, deals_done] = await Promise.all([
        getProfile(pool, creatorId, deps.now().toISOString()),
        getActivity(pool, creatorId, from, before),
        earlier === null ? null : getActivity(pool, creatorId, earlier, from),
        getFollowers(pool, creatorId, from),
        listEarnings(pool, creatorId, since),
        countDeals(pool, creatorId, since),
      ]);
      const metric = (of: (activity: Activity) => number) => ({
        value: of(done),
        change: then && of(done) - of(then),
      });
      const data = {
        ...{ creator_id: creatorId, period, followers, deals_done },
        views: metric(({ views }) => views),
        watch_seconds: metric(({ watched_ms }) => Math.floor(watched_ms / 1_000)),
        likes: metric(({ likes }) => likes),
        comments: metric(({ comments }) => comments),
        shares: metric(({ shares }) => shares),
        videos: profile.videos,
        earnings: earnings.map(({ amount, ...row }) => ({ ...row, amount: text(amount, row.asset) })),
        rating: profile.reviews === 0 ? null : Math.round((100 * profile.stars) / profile.reviews) / 100,
        reviews: profile.reviews,
      };
      return { success: true as const, data };
    },
  );
}

function topRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/creator/:creatorId/content/top',
    {
      schema: {
        operationId: 'creators.listTop',
        tags,
        summary: 'The videos that come to most',
        params,
        querystring: z.strictObject({
          by: z.enum(TOP_BY).default('views'),
          limit: z.coerce.number().int().min(1).max(100).default(10),
        }),
        response: answers({ 200: success(z.array(topContent)) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId }, query }) => {
      requireSight(account, creatorId);
      const rows = await listTop(pool, creatorId, query);
      return { success: true as const, data: rows.map((row) => ({ ...row, earnings: text(row.earnings, 'LYK') })) };
    },
  );
}

function milestoneRoute(app: App, { pool, now }: Deps): void {
  app.get(
    '/api/creator/:creatorId/milestones',
    {
      schema: {
        operationId: 'creators.listMilestones',
        tags,
        summary: 'What a creator has reached, and what is next',
        description: 'Reaching one is told once, by `milestone_reached`, and paid once.',
        params,
        response: answers({ 200: success(z.array(creatorMilestone)) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId } }) => {
      requireSight(account, creatorId);
      await pool.transaction((transaction) => reachMilestones(transaction, creatorId, { now: now().toISOString() }));
      const [progress, reached] = await Promise.all([
        getProgress(pool, creatorId),
        listReachedMilestones(pool, creatorId),
      ]);
      const { asset, amount } = MILESTONE_REWARD;
      const data = MILESTONES.map((milestone) => ({
        ...milestone,
        progress: progress[milestone.metric],
        reached_at: reached.get(milestone.id) ?? null,
        reward: { asset, amount: text(amount, asset) },
      }));
      return { success: true as const, data };
    },
  );
}
