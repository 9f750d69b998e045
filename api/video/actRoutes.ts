import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { like, unlike } from '#db/video/liking.ts';
import { share } from '#db/video/sharing.ts';
import { countsOf } from '#db/video/videos.ts';
import { beginWatch, keepWatch, lockWatch, watchedOf } from '#db/video/watches.ts';
import { id } from '#workflows/deal/contract.ts';
import { beatRequest, likeState, shared, shareRequest, watchBegun, watchState } from '#workflows/video/contract.ts';
import { BEAT_MS, beatOn } from '#workflows/video/watch.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import type { Pace } from '../people/pace.ts';
import { seeVideo } from './view.ts';

const tags = ['Videos'];
const params = z.strictObject({ id });
const nothing = z.strictObject({}).nullish();
const REFUSALS = ['UNAUTHENTICATED', 'NOT_FOUND', 'RATE_LIMITED'] as const;

/** What is done with a video by who looks at it. */
export function videoActRoutes(app: App, deps: Deps, pace: Pace): void {
  likeRoutes(app, deps, pace);
  watchRoutes(app, deps, pace);

  app.post(
    '/api/videos/:id/share',
    {
      schema: {
        operationId: 'videos.share',
        tags,
        summary: 'Say that you passed a video on',
        params,
        headers: idempotencyHeaders,
        body: shareRequest,
        response: answers({ 201: success(z.object({ share: shared })) }, ...REFUSALS, 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      const { account } = request;
      await pace.take(account.id, 'shares');
      const found = await seeVideo(deps, request.params.id, account);
      const channel = request.body?.channel ?? null;
      return answerOnce(deps.pool, request, reply, async (transaction) => {
        const [shareId, now] = [uuid(), deps.now().toISOString()];
        await share(transaction, found, { id: shareId, userId: account.id, channel, now });
        const said = { id: shareId, video_id: found.id, channel, created_at: now };
        return { status: 201, body: { success: true as const, data: { share: said } } };
      });
    },
  );
}

function likeRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;
  const state = async (videoId: string, liked: boolean) => ({
    success: true as const,
    data: { liked, counts: (await countsOf(pool, [videoId])).get(videoId) as z.input<typeof likeState>['counts'] },
  });

  app.post(
    '/api/videos/:id/like',
    {
      schema: {
        operationId: 'videos.like',
        tags,
        summary: 'Like a video',
        description: 'Liking what one likes changes nothing. What is earned by it comes by the socket, within seconds.',
        params,
        body: nothing,
        response: answers({ 200: success(likeState) }, ...REFUSALS),
      },
    },
    async ({ account, params }) => {
      await pace.take(account.id, 'likes');
      await like(pool, { videoId: params.id, userId: account.id, now: deps.now().toISOString() });
      return state(params.id, true);
    },
  );

  app.delete(
    '/api/videos/:id/like',
    {
      schema: {
        operationId: 'videos.unlike',
        tags,
        summary: 'Like a video no longer',
        description: 'Liking it again earns nothing that was earned before.',
        params,
        response: answers({ 200: success(likeState) }, ...REFUSALS),
      },
    },
    async ({ account, params }) => {
      await pace.take(account.id, 'likes');
      const now = deps.now().toISOString();
      await pool.transaction((transaction) => unlike(transaction, { videoId: params.id, userId: account.id, now }));
      return state(params.id, false);
    },
  );
}

function watchRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/videos/:id/view',
    {
      schema: {
        operationId: 'videos.view',
        tags,
        summary: 'Begin to watch a video',
        description:
          'It counts as a view after 5 s or 30 % of the video by our clock, whichever is sooner, and is timed by the beats ' +
          'of your player. A watch of the same video that you began before is over.',
        params,
        headers: idempotencyHeaders,
        body: nothing,
        response: answers({ 201: success(watchBegun) }, ...REFUSALS, 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      const { account } = request;
      await pace.take(account.id, 'watches');
      const found = await seeVideo(deps, request.params.id, account);
      return answerOnce(pool, request, reply, async (transaction) => {
        const watchId = uuid();
        const now = deps.now().toISOString();
        await beginWatch(transaction, { id: watchId, videoId: found.id, userId: account.id, now });
        const data = { watch_id: watchId, beat_every_seconds: BEAT_MS / 1_000 };
        return { status: 201, body: { success: true as const, data } };
      });
    },
  );

  app.post(
    '/api/videos/:id/watch/:watchId/beat',
    {
      schema: {
        operationId: 'videos.beat',
        tags,
        summary: 'Say how far your player is',
        description:
          'Every 5 s or somewhat more: one that comes sooner is not counted, and of a longer silence 15 s are given. Nobody ' +
          'has watched more than passed by our clock.',
        params: z.strictObject({ id, watchId: id }),
        body: beatRequest,
        response: answers({ 200: success(watchState) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'CONFLICT'),
      },
    },
    async ({ account, params, body }) => {
      const found = await seeVideo(deps, params.id, account);
      const data = await pool.transaction(async (transaction) => {
        const who = { id: params.watchId, videoId: found.id, userId: account.id };
        const watch = await lockWatch(transaction, who);
        const now = deps.now().toISOString();
        const next = beatOn(watchedOf(watch), Math.round(body.position_seconds * 1_000), now, found.duration_ms);
        const viewed = next ? await keepWatch(transaction, found, watch, { next, now }) : watch.counted_at !== null;
        const watched_seconds = (next?.watchedMs ?? watch.watched_ms) / 1_000;
        return { counted: next !== null, watched_seconds, viewed };
      });
      return { success: true as const, data };
    },
  );
}
