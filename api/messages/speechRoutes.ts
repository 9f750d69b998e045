import { z } from 'zod';
import { conversationFor } from '#db/conversations.ts';
import { countUnread } from '#db/messages.ts';
import { conversation, id, message } from '#workflows/collaboration/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { getVisible, seeMessages, sendMessage } from './service.ts';
import { tags, words } from './shapes.ts';

const mediaUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .describe('An http or https URL')
  .meta({ examples: ['https://media.example/reel.mp4'] });

/** What people say to each other, and that it was seen. */
export function speechRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/messages/send',
    {
      schema: {
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
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      let heard: string[] = [];
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const sent = await sendMessage(
          transaction,
          account,
          {
            conversationId: body.conversation_id ?? null,
            receiverId: body.receiver_id ?? null,
            message: body.message,
            mediaUrl: body.media_url ?? null,
          },
          deps.now().toISOString(),
        );
        heard = [account.id, sent.receiverId];
        return { status: 201, body: { success: true as const, data: { message: sent.message } } };
      });
      if (heard.length > 0) deps.metrics.messages.inc();
      deps.ringUsers(heard);
      return answer;
    },
  );

  app.post(
    '/api/messages/direct-connect',
    {
      schema: {
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
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      let heard: string[] = [];
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const input = {
          conversationId: null,
          receiverId: body.target_user_id,
          message: body.initial_message,
          mediaUrl: null,
        };
        const sent = await sendMessage(transaction, account, input, deps.now().toISOString());
        const { conversation: row, viewer } = await getVisible(transaction, sent.message.conversation_id, account);
        heard = [account.id, sent.receiverId];
        const data = { conversation: conversationFor(viewer, row), message: sent.message };
        return { status: 201, body: { success: true as const, data } };
      });
      deps.ringUsers(heard);
      return answer;
    },
  );

  app.post(
    '/api/messages/conversations/:id/seen',
    {
      schema: {
        tags,
        summary: 'Mark what you received as seen',
        params: z.strictObject({ id }),
        body: z.strictObject({}).nullish(),
        response: answers({ 200: success(z.object({ seen: z.int() })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { seen, otherId } = await pool.transaction((transaction) =>
        seeMessages(transaction, request.account, request.params.id, null),
      );
      if (seen > 0) deps.ringUsers([otherId]);
      return { success: true as const, data: { seen } };
    },
  );

  app.get(
    '/api/messages/unread-count',
    {
      schema: {
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
