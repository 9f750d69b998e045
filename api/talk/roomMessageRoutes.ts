import { z } from 'zod';
import { listMembers } from '#db/talk/rooms.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { roomMessage, roomMessageRequest, roomUser, typingRequest } from '#workflows/talk/contract.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, numberedPageQuery, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { getReadable, readPage, theMessage } from './reading.ts';
import { noRoom } from './roomRoutes.ts';
import { seeMessages, sendMessage } from './service.ts';
import { roomTags as tags } from './shapes.ts';
import type { Speech } from './speech.ts';
import { roomMessageView } from './views.ts';

type After = { speech: Speech; pace: Pace };

const params = z.strictObject({ roomId: id });

/** What is said in rooms, by whom, and who is about to. A room's id may be any conversation's. */
export function roomMessageRoutes(app: App, deps: Deps, after: After): void {
  messageRoutes(app, deps, after);
  readerRoutes(app, deps, after);
}

function messageRoutes(app: App, deps: Deps, { speech, pace }: After): void {
  const { pool } = deps;

  app.get(
    '/api/chat/rooms/:roomId/messages',
    {
      schema: {
        operationId: 'rooms.listMessages',
        tags,
        summary: 'What was said, newest first',
        params,
        querystring: numberedPageQuery,
        response: answers({ 200: list(roomMessage) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const visible = await getReadable(pool, params.roomId, account, noRoom);
      return readPage(pool, visible, query, roomMessageView);
    },
  );

  app.post(
    '/api/chat/rooms/:roomId/messages',
    {
      schema: {
        operationId: 'rooms.send',
        tags,
        summary: 'Say something in a room',
        description:
          'Answered when it is written. All others have `message_preview`, all `new_message`; who has the room open has ' +
          `\`message_received\` at once. In rooms of more than ${TALK_LIMITS.toldAtOnce} the durable events follow in ` +
          'chunks, each member’s in order.',
        params,
        headers: idempotencyHeaders,
        body: roomMessageRequest,
        response: answers(
          { 201: success(z.object({ message: roomMessage })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'RATE_LIMITED'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body, params } = request;
      await pace.take(account.id, 'messages');
      let spoken: Awaited<ReturnType<typeof sendMessage>> | null = null;
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        await getReadable(transaction, params.roomId, account, noRoom);
        spoken = await sendMessage(
          transaction,
          account,
          {
            ...{ conversationId: params.roomId, receiverId: null, message: body.message },
            ...{ mediaUrl: body.media_url ?? null, content: body.content_type },
          },
          deps.now().toISOString(),
        );
        const { row } = await theMessage(transaction, params.roomId, account.id, spoken.said.position);
        return { status: 201, body: { success: true as const, data: { message: roomMessageView(row, []) } } };
      });
      if (spoken) speech.said(spoken);
      return answer;
    },
  );
}

function readerRoutes(app: App, deps: Deps, { speech, pace }: After): void {
  const { pool } = deps;

  app.post(
    '/api/chat/rooms/:roomId/seen',
    {
      schema: {
        operationId: 'rooms.markSeen',
        tags,
        summary: 'Mark what was said as seen, up to a message or all of it',
        description: `Who wrote it hears of it by \`message_read\`, in rooms of up to ${TALK_LIMITS.receipts} members.`,
        params,
        body: z.strictObject({ message_id: id.optional() }).nullish(),
        response: answers({ 200: success(z.object({ seen: z.int() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => {
      const { seen, told } = await pool.transaction(async (transaction) => {
        await getReadable(transaction, params.roomId, account, noRoom);
        return seeMessages(transaction, account, params.roomId, body?.message_id ?? null, deps.now().toISOString());
      });
      deps.ringUsers(told);
      return { success: true as const, data: { seen } };
    },
  );

  app.get(
    '/api/chat/rooms/:roomId/users',
    {
      schema: {
        operationId: 'rooms.listUsers',
        tags,
        summary: 'Who is in a room',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(roomUser) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      await getReadable(pool, params.roomId, account, noRoom);
      const keys = decodeCursor(query.cursor, z.tuple([id]));
      const rows = await listMembers(pool, params.roomId, { limit: query.limit + 1, after: keys?.[0] ?? null });
      return pageOf(
        rows,
        query.limit,
        (row) => [row.id],
        (row) => row,
      );
    },
  );

  app.put(
    '/api/chat/rooms/:roomId/users/:userId/typing',
    {
      schema: {
        operationId: 'rooms.type',
        tags,
        summary: 'Tell who has a room open that you are typing, or no longer',
        description: 'For pages without a socket. It ends by itself after 3 s: say it again while you do.',
        params: z.strictObject({ roomId: id, userId: id }),
        body: typingRequest,
        response: answers(
          { 200: success(z.object({ is_typing: z.boolean() })) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, params, body }) => {
      const { membership } = await getReadable(pool, params.roomId, account, noRoom);
      if (params.userId !== account.id) throw new Failure('FORBIDDEN', 'Everybody types for themselves.');
      if (!membership) throw new Failure('FORBIDDEN', 'Only members write in a room.');
      await pace.take(account.id, 'typing');
      speech.typing(params.roomId, account, body.is_typing);
      return { success: true as const, data: { is_typing: body.is_typing } };
    },
  );
}
