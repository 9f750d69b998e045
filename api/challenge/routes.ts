import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getChallenge, listChallenges, openChallenge, requireChallenge } from '#db/challenge/challenges.ts';
import { watchStream } from '#db/stream/streams.ts';
import { moodsOf } from '#realtime/moods.ts';
import { challengeRequest, challengeStanding, challengeView } from '#workflows/challenge/contract.ts';
import { id } from '#workflows/deal/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { readerOf } from '../stream/requests.ts';

const tags = ['Streams'];
const params = z.strictObject({ id });
const ofChallenge = z.strictObject({ id, challengeId: id });
const oneChallenge = z.object({ challenge: challengeView }).meta({ id: 'ChallengeAnswer' });
const standing = z.object({ challenge: challengeStanding }).meta({ id: 'ChallengeStandingAnswer' });

/** Challenges: what a stream's crowd is to come to together. */
export function challengeRoutes(app: App, deps: Deps, give: Give): void {
  openRoute(app, deps);
  listRoute(app, deps);
  stopRoute(app, deps, give);
}

function openRoute(app: App, deps: Deps): void {
  const { pool, bus } = deps;

  app.post(
    '/api/streams/:id/challenges',
    {
      schema: {
        ...{ operationId: 'streams.challenge', tags, summary: 'Begin a challenge in a stream of yours', params },
        description:
          'One at once. It is won as soon as the target is reached, lost when its time is up or the stream ends before ' +
          'that. A gift that boosts lifts the gifts and reactions that follow it by its per cent for its time. Everybody ' +
          'in the room hears how far it is, at most twice a second; you hear of each quarter for good. Where it is won, ' +
          'you and those who gave or voted in it gain experience.',
        headers: idempotencyHeaders,
        body: challengeRequest,
        response: answers(
          { 201: success(oneChallenge) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'CONFLICT', 'FLOW_STATE_INVALID'] as const),
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      const { type, target, duration_seconds, reward = null } = body;
      const opened = { stream_id: params.id, type, target, lasts: duration_seconds * 1_000 };
      // Reactions before it do not count. Where Redis is away they count from when it is back.
      const counter =
        type === 'likes'
          ? await moodsOf(bus)
              .total(params.id)
              .catch(() => null)
          : null;
      const answered = await answerOnce(pool, request, reply, async (transaction) => {
        const now = deps.now().toISOString();
        const challengeId = await openChallenge(transaction, { creatorId: account.id, opened, reward, counter, now });
        return { status: 201, body: ok({ challenge: await getChallenge(transaction, challengeId) }) };
      });
      ringFor(deps, dataOf(answered)?.challenge.id);
      return answered;
    },
  );
}

function listRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/streams/:id/challenges',
    {
      schema: {
        ...{ operationId: 'streams.challenges', tags, summary: 'A stream’s challenges, latest first', params },
        querystring: pageQuery,
        response: answers({ 200: list(challengeView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      await watchStream(pool, params.id, readerOf(account));
      const before = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const rows = await listChallenges(pool, params.id, { limit: query.limit + 1, before });
      return pageOf(
        rows,
        query.limit,
        (row) => [row.id],
        (row) => row,
      );
    },
  );
}

function stopRoute(app: App, deps: Deps, give: Give): void {
  app.post(
    '/api/streams/:id/challenges/:challengeId/stop',
    {
      schema: {
        ...{ operationId: 'streams.stopChallenge', tags, summary: 'Stop a challenge of yours', params: ofChallenge },
        description: 'By its creator or an administrator. One that has come to its target is won and not stopped.',
        headers: idempotencyHeaders,
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(standing) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'FLOW_STATE_INVALID'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params } = request;
      const { id: streamId, challengeId: processId } = params;
      const creatorId = account.roles.includes('admin') ? null : account.id;
      await requireChallenge(deps.pool, { id: processId, streamId, creatorId });
      const given = await give({
        ...{ ...givenBy(request as FastifyRequest), kind: 'challenge', processId, on: 'stop', data: {}, via: {} },
      });
      return sayAgain(request as FastifyRequest, reply, given) as never;
    },
  );
}
