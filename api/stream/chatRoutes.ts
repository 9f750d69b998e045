import { z } from 'zod';
import { getPerson } from '#db/people/accounts.ts';
import { listChat, readmitPerson, removeChat, removePerson } from '#db/stream/chat.ts';
import { watchStream } from '#db/stream/streams.ts';
import { id } from '#workflows/deal/contract.ts';
import { type ChatHeard, chatHeard, chatRequest, removalRequest, removalView } from '#workflows/stream/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import type { Media } from './media.ts';
import { heardOf, readerOf } from './requests.ts';
import { paceChat, requireModerator, sayInStream, writeInStream } from './service.ts';

const tags = ['Streams'];
const params = z.strictObject({ id });

/** A stream's chat over REST: what the sockets' `chat:message` does, and what its creator takes away. */
export function streamChatRoutes(app: App, deps: Deps, { pace, media }: { pace: Pace; media: Media | null }): void {
  chatRoutes(app, deps, pace);
  messageRoute(app, deps);
  removalRoutes(app, deps, media);
}

function chatRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.get(
    '/api/streams/:id/chat',
    {
      schema: {
        ...{ operationId: 'streams.chat', tags, summary: 'What was written in a stream’s chat, latest first', params },
        querystring: pageQuery,
        response: answers({ 200: list(chatHeard) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      await watchStream(pool, params.id, readerOf(account));
      const before = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const rows = await listChat(pool, params.id, { limit: query.limit + 1, before });
      return pageOf(
        rows,
        query.limit,
        (row) => [row.id],
        (row) => heardOf(params.id, row),
      );
    },
  );

  app.post(
    '/api/streams/:id/chat',
    {
      schema: {
        ...{ operationId: 'streams.write', tags, summary: 'Write in a stream’s chat', params },
        description: 'By its rules: slow mode, followers only, subscribers only. It is heard in the room at once.',
        headers: idempotencyHeaders,
        body: chatRequest,
        response: answers(
          { 201: success(z.object({ message: chatHeard }).meta({ id: 'StreamChatWritten' })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'RATE_LIMITED'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      let heard: ChatHeard | null = null;
      const answered = await paceChat(pace, { userId: account.id, streamId: params.id }, (written) =>
        answerOnce(pool, request, reply, async (transaction) => {
          const now = deps.now().toISOString();
          heard = await writeInStream(transaction, readerOf(account), { streamId: params.id, text: body.text }, now);
          written();
          return { status: 201, body: ok({ message: heard }) };
        }),
      );
      if (heard) sayInStream(deps, heard);
      return answered;
    },
  );
}

function messageRoute(app: App, deps: Deps): void {
  app.delete(
    '/api/streams/:id/chat/:messageId',
    {
      schema: {
        ...{ operationId: 'streams.removeMessage', tags, summary: 'Take a message out of a stream’s chat' },
        description: 'It goes from every page at once, by `chat:removed`.',
        params: params.extend({ messageId: id }),
        response: answers({ 200: success(z.object({ removed: z.boolean() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const { id: streamId, messageId } = params;
      await requireModerator(deps.pool, streamId, account);
      const given = { by: account.id, now: deps.now().toISOString() };
      const removed = await removeChat(deps.pool, streamId, messageId, given);
      if (removed) {
        deps.bus.live({ rooms: [`stream_${streamId}`], name: 'chat:removed', data: { streamId, messageId } });
      }
      return ok({ removed });
    },
  );
}

function removalRoutes(app: App, deps: Deps, media: Media | null): void {
  const { pool, bus } = deps;
  const removal = success(z.object({ removal: removalView }).meta({ id: 'StreamRemovalAnswer' }));

  app.post(
    '/api/streams/:id/removals',
    {
      schema: {
        ...{ operationId: 'streams.removePerson', tags, summary: 'Remove somebody from a stream', params },
        description:
          'With `seconds` they may watch and not write for so long; without, they leave the stream on every socket. What ' +
          'they wrote goes from every page.',
        body: removalRequest,
        response: answers({ 201: removal }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }, reply) => {
      const { id: streamId } = params;
      await requireModerator(deps.pool, streamId, account);
      const now = deps.now();
      const { user_id: userId, seconds = null } = body;
      const until = seconds === null ? null : new Date(now.getTime() + seconds * 1_000).toISOString();
      const row = await watchStream(pool, streamId, { id: account.id, isAdmin: true });
      if (row.creator_id === userId) throw invalidField('user_id', 'is the stream’s creator');
      await getPerson(pool, userId);
      await pool.transaction((transaction) =>
        removePerson(transaction, { streamId, userId, until, by: account.id, now: now.toISOString() }),
      );
      const room = `stream_${streamId}`;
      bus.live({ rooms: [room], name: 'chat:cleared', data: { streamId, userId, until } });
      if (until === null) {
        bus.expel({ room, userId });
        void media?.remove(streamId, userId);
      }
      reply.status(201);
      return ok({ removal: { user_id: userId, until } });
    },
  );

  app.delete(
    '/api/streams/:id/removals/:userId',
    {
      schema: {
        ...{ operationId: 'streams.readmit', tags, summary: 'Let somebody be in a stream and write again' },
        params: params.extend({ userId: id }),
        response: answers({ 200: success(z.object({ readmitted: z.boolean() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await requireModerator(deps.pool, params.id, account);
      return ok({ readmitted: await readmitPerson(pool, params.id, params.userId) });
    },
  );
}
