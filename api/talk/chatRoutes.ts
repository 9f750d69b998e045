import { z } from 'zod';
import type { Transaction } from '#db/pool.ts';
import {
  addReaction,
  countReactions,
  deleteMessage,
  editMessage,
  lockMessage,
  removeReaction,
  type WrittenRow,
} from '#db/talk/editing.ts';
import { findPosition, listMessages, listMessagesAfter } from '#db/talk/messages.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import { chatMessage, editRequest, messageRequest, reactionRequest } from '#workflows/talk/contract.ts';
import { type NotEditable, whyNotEditable } from '#workflows/talk/editing.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, encodeCursor } from '../page.ts';
import type { Account } from '../people/account.ts';
import type { Pace } from '../people/pace.ts';
import { theMessage, viewAll } from './reading.ts';
import { getVisible, sendMessage, type Visible } from './service.ts';
import { tags } from './shapes.ts';
import type { Speech } from './speech.ts';
import { chatMessageView } from './views.ts';

const params = z.strictObject({ id });
const messageParams = z.strictObject({ id, messageId: id });
const oneMessage = success(z.object({ message: chatMessage }));

type After = { speech: Speech; pace: Pace };
type At = { base: string; suffix: string };

const MINUTES = TALK_LIMITS.editMs / 60_000;

/**
 * Messages as LykLuk's frontend has them, of any conversation one is in. It asks without `/api`, others with it, and
 * both are the same.
 */
export function chatRoutes(app: App, deps: Deps, after: After): void {
  for (const [base, suffix] of [
    ['/api', ''],
    ['', 'AtRoot'],
  ] as const) {
    chatRoutesAt(app, deps, after, { base: `${base}/conversations/:id/messages`, suffix });
  }
}

function chatRoutesAt(app: App, deps: Deps, after: After, at: At): void {
  sendRoute(app, deps, after, at);
  listRoute(app, deps, at);
  editRoutes(app, deps, after, at);
  reactionRoutes(app, deps, after, at);
}

function sendRoute(app: App, deps: Deps, { speech, pace }: After, { base, suffix }: At): void {
  const { pool } = deps;

  app.post(
    base,
    {
      schema: {
        operationId: `chat.send${suffix}`,
        tags,
        summary: 'Say something in a conversation',
        description: 'All others have `message_preview`; who has it open has `message_received`.',
        params,
        headers: idempotencyHeaders,
        body: messageRequest,
        response: answers(
          { 201: oneMessage },
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
        spoken = await sendMessage(
          transaction,
          account,
          {
            ...{ conversationId: params.id, receiverId: null, message: body.content },
            ...{ mediaUrl: body.mediaUrl ?? null, content: body.messageType },
          },
          deps.now().toISOString(),
        );
        const { row } = await theMessage(transaction, params.id, account.id, spoken.said.position);
        return { status: 201, body: { success: true as const, data: { message: chatMessageView(row, []) } } };
      });
      if (spoken) speech.said(spoken);
      return answer;
    },
  );
}

function listRoute(app: App, { pool }: Deps, { base, suffix }: At): void {
  app.get(
    base,
    {
      schema: {
        operationId: `chat.list${suffix}`,
        tags,
        summary: 'What was said before or after a message',
        description:
          'Without either the latest; newest first, but `after` oldest first. `next_cursor` goes on in the same ' +
          'direction.',
        params,
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(100).default(50).describe('Entries at most, 1 to 100'),
          before: id.optional().describe('Id of a message'),
          after: id.optional().describe('Id of a message'),
          cursor: z.string().max(512).optional().describe('`page.next_cursor` of the page before'),
        }),
        response: answers({ 200: list(chatMessage) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const visible = await getVisible(pool, params.id, account);
      const { limit, before, after } = query;
      if (before !== undefined && after !== undefined) throw invalidField('after', 'cannot be sent with before');
      const keys = decodeCursor(query.cursor, z.tuple([z.enum(['before', 'after']), z.int().min(0)]));
      const [way, from] = keys ?? (await startOf(pool, params.id, before, after));
      const page = { limit: limit + 1, offset: 0 };
      const rows =
        way === 'after'
          ? await listMessagesAfter(pool, params.id, visible.reader, { limit: limit + 1, after: from as number })
          : await listMessages(pool, params.id, visible.reader, { ...page, before: from });
      const shown = rows.slice(0, limit);
      const view = await viewAll(pool, visible, shown, chatMessageView);
      const last = shown.at(-1);
      const next_cursor = rows.length > limit && last ? encodeCursor([way, last.position]) : null;
      return { success: true as const, data: shown.map(view), page: { limit, next_cursor } };
    },
  );
}

function editRoutes(app: App, deps: Deps, { speech, pace }: After, { base, suffix }: At): void {
  const { pool } = deps;

  app.put(
    `${base}/:messageId`,
    {
      schema: {
        operationId: `chat.edit${suffix}`,
        tags,
        summary: 'Change what you said',
        description: `Within ${MINUTES} minutes. It is shown as changed, and who has it open hears of it.`,
        params: messageParams,
        body: editRequest,
        response: answers({ 200: oneMessage }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED'),
      },
    },
    async ({ account, params, body }) => {
      await pace.take(account.id, 'messages');
      const now = deps.now().toISOString();
      return change({ pool, speech, account }, params, async (transaction, written) => {
        refuseLate(written, account.id, now);
        await editMessage(transaction, params.id, written.position, { text: body.content, now });
        return true;
      });
    },
  );

  app.delete(
    `${base}/:messageId`,
    {
      schema: {
        operationId: `chat.delete${suffix}`,
        tags,
        summary: 'Take back what you said',
        description: `Within ${MINUTES} minutes. Its words are gone; that there was something is shown.`,
        params: messageParams,
        response: answers({ 200: oneMessage }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'),
      },
    },
    async ({ account, params }) => {
      const now = deps.now().toISOString();
      return change({ pool, speech, account }, params, async (transaction, written) => {
        // Asked again, it is as it was asked.
        if (written.sender_id === account.id && written.deleted_at !== null) return false;
        refuseLate(written, account.id, now);
        await deleteMessage(transaction, params.id, written.position, now);
        return true;
      });
    },
  );
}

function reactionRoutes(app: App, deps: Deps, { speech, pace }: After, { base, suffix }: At): void {
  const { pool } = deps;

  app.post(
    `${base}/:messageId/reactions`,
    {
      schema: {
        operationId: `chat.react${suffix}`,
        tags,
        summary: 'Put an emoji to a message',
        description: `At most ${TALK_LIMITS.reactionsEach} of one person and ${TALK_LIMITS.reactionsKinds} kinds in all.`,
        params: messageParams,
        body: reactionRequest,
        response: answers(
          { 200: oneMessage },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'LIMIT_REACHED', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, params, body }) => {
      await pace.take(account.id, 'reactions');
      const reaction = { conversationId: params.id, userId: account.id, emoji: body.emoji };
      return change({ pool, speech, account }, params, async (transaction, { position, content, deleted_at }) => {
        if (content === null) throw new Failure('FORBIDDEN', 'This line is of a deal, and stays as it is.');
        if (deleted_at !== null) throw new Failure('CONFLICT', 'This message was deleted.');
        const added = await addReaction(transaction, { ...reaction, position, now: deps.now().toISOString() });
        const { mine, kinds } = await countReactions(transaction, params.id, position, account.id);
        if (added && (mine > TALK_LIMITS.reactionsEach || kinds > TALK_LIMITS.reactionsKinds)) {
          throw new Failure('LIMIT_REACHED', 'There are too many reactions to this message.', {
            details: { limit: 'reactions', allowed: TALK_LIMITS.reactionsEach, kinds: TALK_LIMITS.reactionsKinds },
          });
        }
        return added;
      });
    },
  );

  app.delete(
    `${base}/:messageId/reactions`,
    {
      schema: {
        operationId: `chat.unreact${suffix}`,
        tags,
        summary: 'Take an emoji back',
        params: messageParams,
        body: reactionRequest,
        response: answers({ 200: oneMessage }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) =>
      change({ pool, speech, account }, params, (transaction, { position }) =>
        removeReaction(transaction, { conversationId: params.id, position, userId: account.id, emoji: body.emoji }),
      ),
  );
}

async function startOf(
  pool: Deps['pool'],
  conversationId: string,
  before: string | undefined,
  after: string | undefined,
): Promise<readonly ['before' | 'after', number | null]> {
  const messageId = before ?? after;
  if (messageId === undefined) return ['before', null];
  const position = await findPosition(pool, conversationId, messageId);
  if (position === null) throw invalidField(before ? 'before' : 'after', 'is no message of this conversation');
  return [before ? 'before' : 'after', position];
}

/** Changes a message under its lock, answers with what it is then, and tells who looks at it where it is another. */
async function change(
  { pool, speech, account }: { pool: Deps['pool']; speech: Speech; account: Account },
  { id: conversationId, messageId }: { id: string; messageId: string },
  work: (transaction: Transaction, written: WrittenRow) => Promise<boolean>,
) {
  const { found, changed } = await pool.transaction(async (transaction) => {
    const visible = await getVisible(transaction, conversationId, account);
    if (!visible.membership) throw new Failure('FORBIDDEN', 'Only who is in a conversation changes anything there.');
    const position = await positionOf(transaction, visible, messageId);
    const written = await lockMessage(transaction, conversationId, position);
    const changed = await work(transaction, written);
    return { found: await theMessage(transaction, conversationId, account.id, position), changed };
  });
  if (changed) speech.updated(found.row, found.counted);
  return { success: true as const, data: { message: chatMessageView(found.row, found.counted) } };
}

async function positionOf(transaction: Transaction, visible: Visible, messageId: string): Promise<number> {
  const position = await findPosition(transaction, visible.conversation.id, messageId);
  // What was said before one came is not there.
  if (position === null || position <= (visible.reader.since ?? 0)) {
    throw new Failure('NOT_FOUND', 'There is no such message.');
  }
  return position;
}

const REFUSED: Record<NotEditable, [FailureCode, string]> = {
  not_yours: ['FORBIDDEN', 'Only who wrote a message changes it.'],
  script: ['FORBIDDEN', 'This line is of a deal, and stays as it is.'],
  deleted: ['CONFLICT', 'This message was deleted.'],
  too_late: ['CONFLICT', `A message can be changed for ${MINUTES} minutes.`],
};

function refuseLate(written: WrittenRow, userId: string, now: string): void {
  const why = whyNotEditable(written, userId, now);
  if (why === null) return;
  const [code, sentence] = REFUSED[why];
  throw new Failure(code, sentence, {
    ...(why === 'too_late' && { details: { limit: 'edit_minutes', allowed: MINUTES } }),
  });
}
