import { z } from 'zod';
import { getPerson } from '#db/people/accounts.ts';
import { findBlock } from '#db/people/blocks.ts';
import { listReviews, writeReview } from '#db/people/reviews.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { review, reviewRequest, reviewWritten } from '#workflows/people/contract.ts';
import { REVIEW_WITHIN } from '#workflows/people/review.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import { getVisible } from '../talk/service.ts';

const tags = ['People'];
const params = z.strictObject({ id });

/** What the two sides of a deal say of each other when it is over. */
export function reviewRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/messages/conversations/:id/review',
    {
      schema: {
        operationId: 'people.review',
        tags,
        summary: 'Say what the deal’s other side was like',
        description:
          `Once, within ${REVIEW_WITHIN} after its money was released. It is shown when both are in or that time is over, ` +
          'so that nobody writes having read the other’s.',
        params,
        headers: idempotencyHeaders,
        body: reviewRequest,
        response: answers(
          { 201: success(z.object({ review: reviewWritten })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'CONFLICT'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      return answerOnce(pool, request, reply, async (transaction) => {
        const { conversation, membership } = await getVisible(transaction, params.id, account);
        if (!membership) throw new Failure('FORBIDDEN', 'Only the two sides of a deal review it.');
        const { brand_owner_id, influencer_id } = conversation;
        const written = await writeReview(transaction, {
          processId: params.id,
          authorId: account.id,
          subjectId: account.id === brand_owner_id ? (influencer_id ?? '') : brand_owner_id,
          stars: body.stars,
          text: body.text,
          now: deps.now().toISOString(),
        });
        const data = { review: { shown: written.shown, shown_from: written.shownFrom } };
        return { status: 201, body: { success: true as const, data } };
      });
    },
  );

  app.get(
    '/api/users/:id/reviews',
    {
      schema: {
        operationId: 'people.listReviews',
        tags,
        summary: 'What was said of somebody, latest first',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(review) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      await getPerson(pool, params.id);
      if ((await findBlock(pool, account.id, params.id)) === 'by_them' && !account.roles.includes('admin')) {
        throw new Failure('NOT_FOUND', 'There is no such user.');
      }
      const keys = decodeCursor(query.cursor, cursorKeys);
      const rows = await listReviews(pool, params.id, {
        now: deps.now().toISOString(),
        limit: query.limit + 1,
        start: keys && { at: keys[0], id: keys[1] },
      });
      return pageOf(
        rows,
        query.limit,
        (row) => [row.created_at, row.process_id],
        ({ process_id, author_id, author_handle, ...row }) => ({
          ...row,
          conversation_id: process_id,
          author: { id: author_id, handle: author_handle },
        }),
      );
    },
  );
}
