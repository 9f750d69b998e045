import { z } from 'zod';
import { ask, getQuestion, listQuestions, move, type QuestionRow, upvote } from '#db/question/questions.ts';
import { watchStream } from '#db/stream/streams.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import {
  type QuestionView,
  questionRequest,
  questionStatus,
  questionView,
  upvoteView,
} from '#workflows/question/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { inCrowd, type Pace } from '../people/pace.ts';
import { readerOf } from '../stream/requests.ts';
import { mayModerate, requireModerator } from '../stream/service.ts';

const tags = ['Questions'];
const params = z.strictObject({ id });
const ofQuestion = params.extend({ questionId: id });
const oneQuestion = z.object({ question: questionView }).meta({ id: 'QuestionAnswer' });

function viewQuestion({ user_id, handle, ...row }: QuestionRow): QuestionView {
  return { ...row, user: { id: user_id, handle } };
}

/** Questions to a stream: asked and upvoted by whoever watches, answered or put aside by its creator. */
export function questionRoutes(app: App, deps: Deps, pace: Pace): void {
  askRoute(app, deps, pace);
  listRoute(app, deps);
  upvoteRoute(app, deps, pace);
  for (const each of MOVES) moveRoute(app, deps, each);
}

function askRoute(app: App, deps: Deps, pace: Pace): void {
  const { pool, bus } = deps;

  app.post(
    '/api/streams/:id/questions',
    {
      schema: {
        ...{ operationId: 'questions.ask', tags, summary: 'Ask something in a stream', params },
        description:
          'By the rules of its chat: in slow mode a question is a message. At most five of yours wait at once. It is heard ' +
          'in the room by `question:new`.',
        headers: idempotencyHeaders,
        body: questionRequest,
        response: answers(
          { 201: success(oneQuestion) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
          ...(['RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      // So much of one person, and so much of all in one stream.
      await pace.take(account.id, 'questions');
      let asked: QuestionRow | null = null;
      const answered = await inCrowd(pace, { of: params.id, what: 'crowd_questions' }, (isAsked) =>
        answerOnce(pool, request, reply, async (transaction) => {
          const stream = await watchStream(transaction, params.id, readerOf(account));
          asked = await ask(transaction, stream, {
            ...{ userId: account.id, text: body.text, now: deps.now().toISOString() },
          });
          isAsked();
          return { status: 201, body: ok({ question: viewQuestion(asked) }) };
        }),
      );
      const said = asked as QuestionRow | null;
      if (said) {
        const { id: questionId, stream_id: streamId, user_id: userId, handle, text, at } = said;
        const data = { streamId, questionId, userId, handle, text, at };
        bus.live({ rooms: [`stream_${streamId}`], name: 'question:new', data });
      }
      return answered;
    },
  );
}

function listRoute(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/streams/:id/questions',
    {
      schema: {
        ...{
          operationId: 'questions.list',
          tags,
          summary: 'A stream’s questions, what most want answered first',
          params,
        },
        description: 'What was put aside is for the stream’s creator alone.',
        querystring: pageQuery.extend({ status: questionStatus.default('asked') }),
        response: answers({ 200: list(questionView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const stream = await watchStream(pool, params.id, readerOf(account));
      if (query.status === 'dismissed' && !mayModerate(stream, account)) {
        throw new Failure('FORBIDDEN', 'What was put aside is for the stream’s creator.');
      }
      const [upvotes, last] = decodeCursor(query.cursor, z.tuple([z.int(), z.uuid()])) ?? [];
      const after = upvotes === undefined || last === undefined ? null : { upvotes, id: last };
      const page = { readerId: account.id, status: query.status, limit: query.limit + 1, after };
      const rows = await listQuestions(pool, params.id, page);
      return pageOf(rows, query.limit, (row) => [row.upvotes, row.id], viewQuestion);
    },
  );
}

function upvoteRoute(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/streams/:id/questions/:questionId/upvote',
    {
      schema: {
        ...{ operationId: 'questions.upvote', tags, summary: 'Want a question answered', params: ofQuestion },
        description:
          'Once a person: again changes nothing. Everybody in the stream hears how many do, by `question:upvote`.',
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: success(z.object({ upvote: upvoteView }).meta({ id: 'QuestionUpvoteAnswer' })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, params }) => {
      const { id: streamId, questionId } = params;
      await pace.take(account.id, 'upvotes');
      const stream = await watchStream(deps.pool, streamId, readerOf(account));
      const given = { questionId, userId: account.id, now: deps.now().toISOString() };
      return ok({ upvote: { question_id: questionId, upvotes: await upvote(deps.pool, stream, given) } });
    },
  );
}

type Move = { path: string; to: 'answered' | 'dismissed'; operationId: string; summary: string; description: string };

const MOVES: readonly Move[] = [
  {
    ...{ path: 'answer', to: 'answered', operationId: 'questions.answer', summary: 'Say that a question was answered' },
    description: 'By the stream’s creator or an administrator. It is heard in the room by `question:answered`.',
  },
  {
    ...{ path: 'dismiss', to: 'dismissed', operationId: 'questions.dismiss', summary: 'Put a question aside' },
    description:
      'By the stream’s creator or an administrator. It goes from every page at once, by `question:dismissed`.',
  },
];

function moveRoute(app: App, deps: Deps, { path, to, ...said }: Move): void {
  app.post(
    `/api/streams/:id/questions/:questionId/${path}`,
    {
      schema: {
        ...{ ...said, tags, params: ofQuestion },
        body: z.strictObject({}).nullish(),
        response: answers({ 200: success(oneQuestion) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID'),
      },
    },
    async ({ account, params }) => {
      const { id: streamId, questionId } = params;
      await requireModerator(deps.pool, streamId, account);
      const now = deps.now().toISOString();
      const { moved } = await move(deps.pool, streamId, { questionId, to, by: account.id, now });
      if (moved) {
        const data = { streamId, questionId, ...(to === 'answered' && { at: now }) };
        deps.bus.live({ rooms: [`stream_${streamId}`], name: `question:${to}`, data });
      }
      return ok({ question: viewQuestion(await getQuestion(deps.pool, streamId, questionId, account.id)) });
    },
  );
}
