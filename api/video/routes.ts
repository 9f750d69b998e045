import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { insertActs } from '#db/reward/acts.ts';
import { deleteVideo, insertVideo, listVideos, type VideoRow } from '#db/video/videos.ts';
import { id } from '#workflows/deal/contract.ts';
import { type VideoRequest, video, videoRequest } from '#workflows/video/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { seeVideo, viewVideos } from './view.ts';

const tags = ['Videos'];
const params = z.strictObject({ id });
const oneVideo = success(z.object({ video }));

/** Videos: posted, found, taken away. */
export function videoRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/videos',
    {
      schema: {
        operationId: 'videos.create',
        tags,
        summary: 'Post a video',
        description: 'Media stays where it is: a video is its link, which is https, and what you say of it.',
        headers: idempotencyHeaders,
        body: videoRequest,
        response: answers({ 201: oneVideo }, 'UNAUTHENTICATED', 'RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'videos');
      const now = deps.now().toISOString();
      const row = rowOf(body, { creatorId: account.id, handle: account.handle, now });
      const [posted] = await viewVideos(deps, [row], account.id);
      return answerOnce(pool, request, reply, async (transaction) => {
        await insertVideo(transaction, row);
        const act = { actorId: account.id, creatorId: account.id, target: row.id, now };
        await insertActs(transaction, [{ ...act, action: 'video_uploaded' }]);
        return { status: 201, body: { success: true as const, data: { video: posted as z.input<typeof video> } } };
      });
    },
  );

  app.get(
    '/api/videos/:id',
    {
      schema: {
        operationId: 'videos.get',
        tags,
        summary: 'A video, with its ads and what may be earned by watching',
        params,
        response: answers({ 200: success(video) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const [found] = await viewVideos(deps, [await seeVideo(deps, params.id, account)], account.id);
      return { success: true as const, data: found as z.input<typeof video> };
    },
  );

  app.delete(
    '/api/videos/:id',
    {
      schema: {
        operationId: 'videos.delete',
        tags,
        summary: 'Take a video of yours away',
        description: 'What was earned by it stays.',
        params,
        response: answers({ 200: success(z.object({ deleted: z.literal(true) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await pool.transaction((transaction) =>
        deleteVideo(transaction, params.id, account.id, deps.now().toISOString()),
      );
      return { success: true as const, data: { deleted: true as const } };
    },
  );

  listRoutes(app, deps);
}

function rowOf(
  { duration_seconds, thumbnail_url, ads, ...said }: VideoRequest,
  { creatorId, handle, now }: { creatorId: string; handle: string; now: string },
): VideoRow {
  return {
    ...said,
    id: uuid(),
    creator_id: creatorId,
    creator_handle: handle,
    duration_ms: Math.round(duration_seconds * 1_000),
    thumbnail_url: thumbnail_url ?? null,
    ads: [...ads].sort((one, other) => one.at_seconds - other.at_seconds),
    created_at: now,
  };
}

function listRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/videos',
    {
      schema: {
        operationId: 'videos.list',
        tags,
        summary: 'Videos, latest first',
        description: 'None of whom you have blocked or who has blocked you, nor of private accounts you do not follow.',
        querystring: pageQuery.extend({
          creator_id: id.optional(),
          category: z.string().max(160).optional(),
        }),
        response: answers({ 200: list(video) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const keys = decodeCursor(query.cursor, cursorKeys);
      const rows = await listVideos(pool, {
        readerId: account.id,
        creatorId: query.creator_id ?? null,
        category: query.category ?? null,
        limit: query.limit + 1,
        start: keys && { at: keys[0], id: keys[1] },
      });
      const shown = await viewVideos(deps, rows, account.id);
      return pageOf(
        shown,
        query.limit,
        (row) => [row.created_at, row.id],
        (row) => row,
      );
    },
  );
}
