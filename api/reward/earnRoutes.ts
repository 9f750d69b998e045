import type { FastifyReply, FastifyRequest } from 'fastify';
import { balanceOf } from '#db/money/walletEvents.ts';
import type { Transaction } from '#db/pool.ts';
import { trigger } from '#db/reward/triggering.ts';
import { earnAdView, earnMilestone } from '#db/reward/watching.ts';
import { adViewRequest, milestoneRequest, rewardGiven, triggerRequest } from '#workflows/reward/contract.ts';
import type { Verdict } from '#workflows/reward/judge.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import type { Pace } from '../people/pace.ts';
import { seeVideo } from '../video/view.ts';
import { lyk, viewVerdict } from './view.ts';

const tags = ['Rewards'];
const REFUSALS = ['UNAUTHENTICATED', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'] as const;

type Earned = { verdict: Verdict; streak?: number | null };

/** What somebody says that they did, and is answered with what it came to. */
export function earnRoutes(app: App, deps: Deps, pace: Pace): void {
  watchRoutes(app, deps, pace);

  app.post(
    '/api/rewards/trigger',
    {
      schema: {
        operationId: 'rewards.trigger',
        tags,
        summary: 'Say that you did something that is rewarded',
        description:
          'For actions whose rule says `client`, such as `daily_login`: others are FORBIDDEN. A day is your own: ' +
          '`time_zone` of your profile. Seven days in a row are rewarded beside.',
        headers: idempotencyHeaders,
        body: triggerRequest,
        response: answers({ 200: success(rewardGiven) }, ...REFUSALS, 'FORBIDDEN', 'FLOW_STATE_INVALID'),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'watches');
      const { action, targetId = null } = body;
      return earn(deps, request, reply, (transaction, now) =>
        trigger(transaction, { userId: account.id, action, targetId, now }),
      );
    },
  );
}

function watchRoutes(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/rewards/watch-milestone',
    {
      schema: {
        operationId: 'rewards.earnMilestone',
        tags,
        summary: 'Say that you watched so much of a video',
        description:
          'Paid once a viewer, video and milestone, for time that passed by our clock: CONFLICT, with what is missing, before ' +
          'it has. Of what was earned before, or is not earned, `reward` says why.',
        headers: idempotencyHeaders,
        body: milestoneRequest,
        response: answers({ 200: success(rewardGiven) }, ...REFUSALS),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'watches');
      const found = await seeVideo(deps, body.videoId, account);
      const { milestone, watchId } = body;
      return earn(deps, request, reply, async (transaction, now) => ({
        verdict: await earnMilestone(transaction, found, { milestone, watchId, userId: account.id, now }),
      }));
    },
  );

  app.post(
    '/api/rewards/ad-view',
    {
      schema: {
        operationId: 'rewards.earnAdView',
        tags,
        summary: 'Say that an ad was shown to its end',
        description: 'Paid once a viewer, video and ad, when the time it takes has passed by our clock.',
        headers: idempotencyHeaders,
        body: adViewRequest,
        response: answers({ 200: success(rewardGiven) }, ...REFUSALS),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'watches');
      const found = await seeVideo(deps, body.videoId, account);
      const { adId, watchId } = body;
      return earn(deps, request, reply, async (transaction, now) => ({
        verdict: await earnAdView(transaction, found, { adId, watchId, userId: account.id, now }),
      }));
    },
  );
}

function earn(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (transaction: Transaction, now: string) => Promise<Earned>,
) {
  return answerOnce(deps.pool, request, reply, async (transaction) => {
    const now = deps.now().toISOString();
    const { verdict, streak } = await work(transaction, now);
    const { available } = await balanceOf(transaction, request.account.id, 'LYK', now);
    const reward = viewVerdict(verdict);
    const data = { reward, balance: lyk(available), ...(streak === null || streak === undefined ? {} : { streak }) };
    return { status: 200, body: { success: true as const, data } };
  });
}
