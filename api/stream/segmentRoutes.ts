import { z } from 'zod';
import { addSegment, deleteSegment, listSegments, playSegment } from '#db/stream/segments.ts';
import { requireCreator, watchStream } from '#db/stream/streams.ts';
import { id } from '#workflows/deal/contract.ts';
import { playing, segmentRequest, segmentView } from '#workflows/stream/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { readerOf, viewPlay, viewSegment } from './requests.ts';

const tags = ['Streams'];
const params = z.strictObject({ id });
const ofSegment = params.extend({ segmentId: id });

/** What is recorded and shown in the middle of a stream. */
export function segmentRoutes(app: App, deps: Deps): void {
  queueRoutes(app, deps);
  playRoute(app, deps);
}

function queueRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/streams/:id/segments',
    {
      schema: {
        ...{ operationId: 'streams.addSegment', tags, summary: 'Lay a recorded segment in a stream of yours', params },
        headers: idempotencyHeaders,
        body: segmentRequest,
        response: answers(
          { 201: success(z.object({ segment: segmentView }).meta({ id: 'StreamSegmentAnswer' })) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'LIMIT_REACHED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    (request, reply) => {
      const { account, params, body } = request;
      return answerOnce(pool, request, reply, async (transaction) => {
        await requireCreator(transaction, params.id, account.id);
        const added = await addSegment(transaction, params.id, {
          ...{ media_url: body.media_url, title: body.title, at_seconds: body.at ?? null },
          ...{ duration_ms: Math.round(body.duration_seconds * 1_000), created_at: deps.now().toISOString() },
        });
        return { status: 201, body: ok({ segment: viewSegment(added) }) };
      });
    },
  );

  app.get(
    '/api/streams/:id/segments',
    {
      schema: {
        ...{ operationId: 'streams.segments', tags, summary: 'A stream’s segments, in their order', params },
        response: answers({ 200: success(z.array(segmentView)) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await watchStream(pool, params.id, readerOf(account));
      return ok((await listSegments(pool, params.id)).map(viewSegment));
    },
  );

  app.delete(
    '/api/streams/:id/segments/:segmentId',
    {
      schema: {
        ...{ operationId: 'streams.deleteSegment', tags, summary: 'Take a segment out', params: ofSegment },
        response: answers({ 200: success(z.object({ deleted: z.literal(true) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await requireCreator(pool, params.id, account.id);
      await deleteSegment(pool, params.id, params.segmentId, deps.now().toISOString());
      return ok({ deleted: true as const });
    },
  );
}

function playRoute(app: App, deps: Deps): void {
  const { pool, bus } = deps;

  app.post(
    '/api/streams/:id/segments/:segmentId/play',
    {
      schema: {
        ...{ operationId: 'streams.playSegment', tags, summary: 'Show a segment now', params: ofSegment },
        description: 'Everybody in the room hears `segment:play`, and `segment:end` when it is over.',
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(z.object({ segment: playing }).meta({ id: 'StreamSegmentPlayed' })) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID'] as const),
        ),
      },
    },
    async ({ account, params }) => {
      const { id: streamId, segmentId } = params;
      await requireCreator(pool, streamId, account.id);
      const now = deps.now().toISOString();
      const played = await pool.transaction((transaction) => playSegment(transaction, streamId, segmentId, now));
      const { media_url: mediaUrl, title, ends_at: endsAt } = played;
      const data = { streamId, segmentId, mediaUrl, title, endsAt };
      bus.live({ rooms: [`stream_${streamId}`], name: 'segment:play', data });
      return ok({ segment: viewPlay(played) });
    },
  );
}
