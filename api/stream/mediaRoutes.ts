import { isUtf8 } from 'node:buffer';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { watchStream } from '#db/stream/streams.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { mediaAdmission } from '#workflows/stream/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { RAW_BODY_LIMIT, takeRawBodies } from '../rawBody.ts';
import { lookAtMedia } from './looking.ts';
import type { Media } from './media.ts';
import { readerOf } from './requests.ts';

const tags = ['Streams'];

/** Tokens for the media server. */
export function mediaRoutes(app: App, deps: Deps, media: Media | null): void {
  app.post(
    '/api/streams/:id/token',
    {
      schema: {
        ...{ operationId: 'streams.token', tags, summary: 'A token for the media server' },
        description:
          'With it a stream’s creator sends pictures, and whoever may watch sees them. It lasts for ten minutes; ask for ' +
          'another before that. 503 where no media server is configured: everything else works without.',
        params: z.strictObject({ id }),
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(mediaAdmission) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'UNAVAILABLE'] as const),
        ),
      },
    },
    async ({ account, params }) => {
      const row = await watchStream(deps.pool, params.id, readerOf(account));
      const publishes = row.creator_id === account.id;
      const states = publishes ? ['scheduled', 'live'] : ['live'];
      if (!states.includes(row.status)) {
        throw new Failure('FLOW_STATE_INVALID', 'There are no pictures of this stream now.', {
          details: { current_state: row.status, required_state: 'live', required_states: states },
        });
      }
      if (media === null) {
        throw new Failure('UNAVAILABLE', 'No media server is configured here: this stream has no pictures.', {
          retryAfter: 300,
        });
      }
      return ok(await media.admit({ streamId: row.id, userId: account.id, publishes }));
    },
  );
}

/**
 * POST /api/webhooks/livekit. What it says is no fact: it has the room looked at, and what is seen there counts. So one
 * that comes twice, late or out of order does no harm, and one that is lost is made up for within seconds.
 */
export function mediaWebhook(deps: Deps, media: Media | null): FastifyPluginAsync {
  return async (root) => {
    const app = root.withTypeProvider<ZodTypeProvider>();
    takeRawBodies(root);
    app.post(
      '/api/webhooks/livekit',
      {
        bodyLimit: RAW_BODY_LIMIT,
        schema: {
          ...{ operationId: 'webhooks.livekit', tags, summary: 'What the media server tells us' },
          description:
            'Called by LiveKit, signed with the token in `authorization`. It has the stream’s room looked at.',
          response: answers({ 200: success(z.object({ received: z.literal(true) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
        },
      },
      async (request) => {
        if (media === null) throw new Failure('NOT_FOUND', 'No media server is configured here.');
        const body = Buffer.isBuffer(request.body) && isUtf8(request.body) ? request.body.toString('utf8') : '';
        const streamId = await media.heard(body, request.headers.authorization);
        if (streamId !== null && z.uuid().safeParse(streamId).success) await lookAtMedia(deps, media, [streamId]);
        return ok({ received: true as const });
      },
    );
  };
}
