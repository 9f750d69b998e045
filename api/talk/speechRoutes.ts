import { z } from 'zod';
import { conversationFor } from '#db/talk/conversations.ts';
import { countUnread } from '#db/talk/unread.ts';
import { conversation, id, message } from '#workflows/deal/contract.ts';
import { mediaUrl } from '#workflows/talk/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, answerOnceBy, idempotencyHeaders } from '../idempotency.ts';
import type { Pace } from '../people/pace.ts';
import { getVisible, seeMessages, sendMessage } from './service.ts';
import { tags, words } from './shapes.ts';
import type { Speech } from './speech.ts';

/** What people say to each other, and that it was seen. */
export function speechRoutes(app: App, deps: Deps, { speech, pace }: { speech: Speech; pace: Pace }): void {
  const { pool } = deps;

  app.post(
    '/api/messages/send',
    {
      schema: {
        operationId: 'messages.send',
        tags,
        summary: 'Say something',
        description: 'In a conversation that is in real time, or to somebody: then a direct conversation is opened.',
        headers: idempotencyHeaders,
        body: z
          .strictObject({
            conversation_id: id.optional(),
            receiver_id: id.optional(),
            message: words,
            media_url: mediaUrl.nullish(),
          })
          .refine((body) => body.conversation_id ?? body.receiver_id, 'conversation_id or receiver_id is needed'),
        response: answers(
          { 201: success(z.object({ message })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'RATE_LIMITED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'messages');
      let spoken: Awaited<ReturnType<typeof sendMessage>> | null = null;
      const answer = await answerOnceBy(pool, request, reply, async (executor) => {
        spoken = await sendMessage(
          executor,
          account,
          {
            conversationId: body.conversation_id ?? null,
            receiverId: body.receiver_id ?? null,
            message: body.message,
            mediaUrl: body.media_url ?? null,
          },
          deps.now().toISOString(),
        );
        return { status: 201, body: { success: true as const, data: { message: spoken.message } } };
      });
      if (spoken) speech.said(spoken);
      return answer;
    },
  );

  app.post(
    '/api/messages/direct-connect',
    {
      schema: {
        operationId: 'conversations.connect',
        tags,
        summary: 'Begin a direct conversation',
        description: 'Answers with the one you have where there is one; the message is sent in either case.',
        headers: idempotencyHeaders,
        body: z.strictObject({ target_user_id: id, initial_message: words }),
        response: answers(
          { 201: success(z.object({ conversation, message })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'RATE_LIMITED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'messages');
      let spoken: Awaited<ReturnType<typeof sendMessage>> | null = null;
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const input = {
          conversationId: null,
          receiverId: body.target_user_id,
          message: body.initial_message,
          mediaUrl: null,
        };
        spoken = await sendMessage(transaction, account, input, deps.now().toISOString());
        const { conversation: row, viewer } = await getVisible(transaction, spoken.message.conversation_id, account);
        const data = { conversation: conversationFor(viewer, row), message: spoken.message };
        return { status: 201, body: { success: true as const, data } };
      });
      if (spoken) speech.said(spoken);
      return answer;
    },
  );

  seenRoutes(app, deps);
}

/** What one has seen. */
function seenRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/messages/conversations/:id/seen',
    {
      schema: {
        operationId: 'messages.markSeen',
        tags,
        summary: 'Mark what you received as seen',
        params: z.strictObject({ id }),
        body: z.strictObject({}).nullish(),
        response: answers({ 200: success(z.object({ seen: z.int() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { seen } = await pool.transaction((transaction) =>
        seeMessages(transaction, request.account, request.params.id, null, deps.now().toISOString()),
      );
      return { success: true as const, data: { seen } };
    },
  );

  app.get(
    '/api/messages/unread-count',
    {
      schema: {
        operationId: 'messages.countUnread',
        tags,
        summary: 'How many messages you have not seen',
        response: answers({ 200: success(z.object({ unread_count: z.int() })) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => ({
      success: true as const,
      data: { unread_count: await countUnread(pool, request.account.id) },
    }),
  );
}
