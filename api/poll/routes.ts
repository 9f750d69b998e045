import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { countNow } from '#db/poll/counting.ts';
import { getPoll, listPolls, openPoll, requirePoll } from '#db/poll/polls.ts';
import { requireCreator, watchStream } from '#db/stream/streams.ts';
import { id } from '#workflows/deal/contract.ts';
import { pollRequest, pollView, voteRequest, voteView } from '#workflows/poll/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { readerOf } from '../stream/requests.ts';
import { viewPoll, voteAs } from './service.ts';

const tags = ['Polls'];
const params = z.strictObject({ id });
const ofPoll = params.extend({ pollId: id });
const onePoll = z.object({ poll: pollView }).meta({ id: 'PollAnswer' });

/** Polls in streams: begun and ended by their creators, voted in by whoever watches. */
export function pollRoutes(app: App, deps: Deps, { give, pace }: { give: Give; pace: Pace }): void {
  openRoute(app, deps, pace);
  readRoutes(app, deps);
  voteRoute(app, deps, pace);
  closeRoute(app, deps, give);
}

function openRoute(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/streams/:id/polls',
    {
      schema: {
        ...{ operationId: 'polls.open', tags, summary: 'Begin a poll in a stream of yours', params },
        description:
          'One at a time, while the stream is live. It closes by its time, by `close`, or with the stream. Whoever is in ' +
          'the stream while it is open is told by `poll:create`, and of its tally by `poll:closed`.',
        headers: idempotencyHeaders,
        body: pollRequest,
        response: answers(
          { 201: success(onePoll) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'CONFLICT', 'RATE_LIMITED'] as const),
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      await pace.take(account.id, 'polls');
      const asked = { streamId: params.id, creatorId: account.id, question: body.question, options: body.options };
      const answered = await answerOnce(deps.pool, request, reply, async (transaction) => {
        await requireCreator(transaction, params.id, account.id);
        const now = deps.now().toISOString();
        const pollId = await openPoll(transaction, { ...asked, durationSeconds: body.duration_seconds, now });
        const poll = viewPoll(await getPoll(transaction, params.id, pollId, readerOf(account)));
        return { status: 201, body: ok({ poll }) };
      });
      ringFor(deps, dataOf(answered)?.poll.id);
      return answered;
    },
  );
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/streams/:id/polls',
    {
      schema: {
        ...{ operationId: 'polls.list', tags, summary: 'A stream’s polls, latest first', params },
        querystring: pageQuery,
        response: answers({ 200: list(pollView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const reader = readerOf(account);
      await watchStream(pool, params.id, reader);
      const before = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const rows = await listPolls(pool, params.id, { reader, limit: query.limit + 1, before });
      return pageOf(rows, query.limit, (row) => [row.id], viewPoll);
    },
  );

  app.get(
    '/api/streams/:id/polls/:pollId',
    {
      schema: {
        ...{ operationId: 'polls.get', tags, summary: 'A poll, as it stands', params: ofPoll },
        response: answers({ 200: success(onePoll) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const reader = readerOf(account);
      await watchStream(pool, params.id, reader);
      return ok({ poll: viewPoll(await getPoll(pool, params.id, params.pollId, reader)) });
    },
  );
}

function voteRoute(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/streams/:id/polls/:pollId/votes',
    {
      schema: {
        ...{ operationId: 'polls.vote', tags, summary: 'Vote in a poll, or change your vote', params: ofPoll },
        description:
          'While it is open, and as often as you like: your last vote counts. Everybody in the stream hears how the poll ' +
          'stands by `poll:vote`, at most twice a second. The sockets’ `poll:vote` does the same.',
        body: voteRequest,
        response: answers(
          { 200: success(z.object({ vote: voteView }).meta({ id: 'PollVoteAnswer' })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, params, body }) => {
      const asked = { pollId: params.pollId, streamId: params.id, option: body.option };
      return ok({ vote: await voteAs(deps, pace, readerOf(account), asked) });
    },
  );
}

function closeRoute(app: App, deps: Deps, give: Give): void {
  app.post(
    '/api/streams/:id/polls/:pollId/close',
    {
      schema: {
        ...{ operationId: 'polls.close', tags, summary: 'End a poll of yours before its time', params: ofPoll },
        description: 'Every vote that was answered until then is in its tally.',
        headers: idempotencyHeaders,
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(onePoll) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const { account, params } = request;
      const { id: streamId, pollId } = params;
      await requireCreator(deps.pool, streamId, account.id);
      await requirePoll(deps.pool, streamId, pollId);
      const by = givenBy(request as FastifyRequest);
      const given = await give({ ...by, kind: 'poll', processId: pollId, on: 'close', data: {}, via: {} });
      const said = sayAgain(request as FastifyRequest, reply, given);
      // A refusal that was remembered is a whole answer.
      if (given.status >= 400) return said as never;
      const origin = { now: deps.now().toISOString(), systemUserId: deps.config.SYSTEM_USER_ID };
      await countNow(deps.pool, pollId, { ...origin, correlationId: request.id });
      deps.ring(pollId);
      return ok({ poll: viewPoll(await getPoll(deps.pool, streamId, pollId, readerOf(account))) });
    },
  );
}
