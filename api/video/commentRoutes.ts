import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type CommentRow, deleteComment, listComments, writeComment } from '#db/video/comments.ts';
import { id } from '#workflows/deal/contract.ts';
import { type CommentView, comment, commentRequest } from '#workflows/video/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { seeVideo } from './view.ts';

const tags = ['Videos'];
const params = z.strictObject({ id });
const written = success(z.object({ comment }));

/** What is said of videos. */
export function commentRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  for (const [path, operationId] of [
    ['/api/videos/:id/comments', 'videos.comment'],
    ['/api/videos/:id/comment', 'videos.commentOnce'],
  ] as const) {
    app.post(
      path,
      {
        schema: {
          operationId,
          tags,
          summary: path.endsWith('s') ? 'Comment on a video' : 'Comment on a video, by its other name',
          description: 'Its creator is told; what is earned by it is earned once a video.',
          params,
          headers: idempotencyHeaders,
          body: commentRequest,
          response: answers({ 201: written }, 'UNAUTHENTICATED', 'NOT_FOUND', 'RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'),
        },
      },
      async (request, reply) => {
        const { account, body } = request;
        await pace.take(account.id, 'comments');
        const found = await seeVideo(deps, request.params.id, account);
        return answerOnce(pool, request, reply, async (transaction) => {
          const row = await writeComment(transaction, found, {
            id: uuid(),
            userId: account.id,
            text: body.text,
            parentId: body.parent_id ?? null,
            now: deps.now().toISOString(),
          });
          return { status: 201, body: { success: true as const, data: { comment: view(row) } } };
        });
      },
    );
  }

  readRoutes(app, deps);
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/videos/:id/comments',
    {
      schema: {
        operationId: 'videos.listComments',
        tags,
        summary: 'Comments of a video, latest first; or the answers to one, oldest first',
        params,
        querystring: pageQuery.extend({ parent_id: id.optional().describe('The answers to this one') }),
        response: answers({ 200: list(comment) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const found = await seeVideo(deps, params.id, account);
      const keys = decodeCursor(query.cursor, cursorKeys);
      const rows = await listComments(pool, {
        videoId: found.id,
        readerId: account.id,
        parentId: query.parent_id ?? null,
        limit: query.limit + 1,
        start: keys && { at: keys[0], id: keys[1] },
      });
      return pageOf(rows, query.limit, (row) => [row.at, row.id], view);
    },
  );

  app.delete(
    '/api/videos/:id/comments/:commentId',
    {
      schema: {
        operationId: 'videos.deleteComment',
        tags,
        summary: 'Take a comment away',
        description: 'Yours, or any of a video of yours.',
        params: z.strictObject({ id, commentId: id }),
        response: answers({ 200: success(z.object({ deleted: z.literal(true) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const found = await seeVideo(deps, params.id, account);
      const by = { id: account.id, isAdmin: account.roles.includes('admin') };
      await pool.transaction((transaction) =>
        deleteComment(transaction, found, { id: params.commentId, by, now: deps.now().toISOString() }),
      );
      return { success: true as const, data: { deleted: true as const } };
    },
  );
}

function view({ user_id, handle, avatar_url, at, ...row }: CommentRow): CommentView {
  return { ...row, author: { id: user_id, handle, avatar_url }, created_at: at };
}
