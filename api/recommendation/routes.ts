import { z } from 'zod';
import { createRecommender } from '#db/recommendation/recommending.ts';
import { recommendation, recommended } from '#workflows/recommendation/contract.ts';
import { answers, list } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../page.ts';

const cursorKeys = z.tuple([z.uuid(), z.int().min(1).max(500)]);

/** What somebody may like. */
export function recommendationRoutes(app: App, { pool, now }: Deps): void {
  const recommender = createRecommender(pool);

  app.get(
    '/api/recommendations',
    {
      schema: {
        operationId: 'recommendations.list',
        tags: ['Recommendations'],
        summary: 'What you may like',
        description:
          'By what you and others watched, liked, followed and tipped, up to this moment; nothing that was taken away or that ' +
          'you have seen, and nobody blocked. Of one creator there are 3 at most in any 20. Pages of one list repeat nothing; ' +
          'the same cursor gives the same page, without what may not be shown any more. A list has 500 at most and is kept ' +
          'for a day: its cursor is refused after that. `source` says what newcomers get (`popular`, `latest`).',
        querystring: pageQuery.extend({ kind: recommended.default('videos') }),
        response: answers({ 200: list(recommendation) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query: { kind, limit, cursor } }) => {
      const keys = decodeCursor(cursor, cursorKeys);
      const from = keys && { listId: keys[0], n: keys[1] };
      const { items, next } = await recommender.recommend({
        ...{ kind, readerId: account.id, limit, from, now: now().toISOString() },
      });
      const next_cursor = next && encodeCursor([next.listId, next.n]);
      return { success: true as const, data: items, page: { limit, next_cursor } };
    },
  );
}
