import { z } from 'zod';
import {
  type ConversationSummary,
  conversationFor,
  dealOfConversation,
  listConversations,
  viewerOf,
} from '#db/conversations.ts';
import { listOpenPromises } from '#db/deals.ts';
import { listDealEntries } from '#db/ledger.ts';
import { listMessages, type MessageRow } from '#db/messages.ts';
import { findOpenOrder } from '#db/orders.ts';
import { allowedActions } from '#workflows/collaboration/actions.ts';
import { actionData, allowedAction, conversation, id, instant, message } from '#workflows/collaboration/contract.ts';
import { messageFor, type Viewer } from '#workflows/collaboration/view.ts';
import { formatDecimal, isAsset } from '#workflows/money.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { cursorKeys, decodeCursor, numberedPageQuery, pageOf } from '../page.ts';
import { paymentOrder, viewOrder } from '../payments/order.ts';
import { getVisible } from './service.ts';
import { tags } from './shapes.ts';

const params = z.strictObject({ id });

const summary = conversation.extend({ unread_count: z.int(), last_message: message.nullable() });

const onItsWay = z.object({
  kind: z.enum(['release', 'refund']),
  amount: z.string(),
  asset: z.string(),
  status: z.string().describe('promised, moving, or what the provider last said of a refund'),
});

const context = z.object({
  conversation,
  current_action_data: actionData.nullable(),
  allowed_actions: z.array(allowedAction).describe('Everything the caller may do now'),
  deadline: instant.nullable(),
  on_its_way: z.array(onItsWay).describe('Money that is promised and not there yet'),
  payment_order: paymentOrder.optional(),
});

const entry = z.object({
  id: z.string(),
  account: z.string().describe('escrow, wallet, fee, external, refund_clearing or suspense'),
  amount: z.string().describe('Decimal text; negative leaves the account'),
  asset: z.string(),
  reason: z.string(),
  occurred_at: instant,
});

/** Conversations as those in them see them: what was said, where a deal stands, where its money is. */
export function conversationRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/messages/conversations',
    {
      schema: {
        tags,
        summary: 'Your conversations, last changed first',
        querystring: numberedPageQuery,
        response: answers({ 200: list(summary) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => conversationsPage(request.account, request.query, null),
  );

  app.get(
    '/api/messages/direct-connections',
    {
      schema: {
        tags,
        summary: 'Your direct conversations, last changed first',
        querystring: numberedPageQuery,
        response: answers({ 200: list(summary) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => conversationsPage(request.account, request.query, 'direct'),
  );

  app.get(
    '/api/messages/conversations/:id/messages',
    {
      schema: {
        tags,
        summary: 'What was said, newest first',
        params,
        querystring: numberedPageQuery,
        response: answers({ 200: list(message) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { account, query } = request;
      const { viewer } = await getVisible(pool, request.params.id, account);
      const keys = decodeCursor(query.cursor, z.tuple([z.string().regex(/^\d{1,9}$/)]));
      const reader = { id: account.id, admin: viewer === 'admin' };
      const before = keys ? Number(keys[0]) : null;
      const rows = await listMessages(pool, request.params.id, reader, {
        limit: query.limit + 1,
        offset: offsetOf(query),
        before,
      });
      return pageOf(
        rows,
        query.limit,
        (row) => [String(row.position)],
        (row) => viewMessage(viewer, row),
      );
    },
  );

  app.get(
    '/api/messages/conversations/:id/context',
    {
      schema: {
        tags,
        summary: 'Where a conversation stands and what you may do',
        params,
        response: answers({ 200: success(context) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { conversation: row, viewer } = await getVisible(pool, request.params.id, request.account);
      const deal = dealOfConversation(row);
      const order =
        viewer !== 'influencer' && row.flow_state === 'payment_pending' ? await findOpenOrder(pool, row.id) : null;
      const promises = deal ? await listOpenPromises(pool, row.id) : [];
      const shown = conversationFor(viewer, row);
      return {
        success: true as const,
        data: {
          conversation: shown,
          current_action_data: shown.current_action_data,
          allowed_actions: deal ? allowedActions(deal, viewer, deps.now().toISOString()) : [],
          deadline: row.deadline,
          on_its_way: promises.map((promise) => ({
            kind: promise.kind,
            amount: formatDecimal(BigInt(promise.amount), 'INR'),
            asset: 'INR',
            status: promise.refund_status ?? (promise.moved ? 'moving' : 'promised'),
          })),
          ...(order?.provider_order_id && { payment_order: viewOrder(order) }),
        },
      };
    },
  );

  app.get(
    '/api/messages/conversations/:id/ledger',
    {
      schema: {
        tags,
        summary: 'Every entry that a deal made in the ledger, oldest first',
        params,
        response: answers({ 200: success(z.object({ entries: z.array(entry) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      await getVisible(pool, request.params.id, request.account);
      const entries = await listDealEntries(pool, request.params.id);
      return {
        success: true as const,
        data: {
          entries: entries.map(({ account, amount, asset, balance_after: _, ...rest }) => ({
            ...rest,
            // Which shard, and whose wallet, is nobody's business here.
            account: account.split('/')[0] as string,
            amount: isAsset(asset) ? formatDecimal(amount, asset) : amount.toString(),
            asset,
          })),
        },
      };
    },
  );

  type Query = { limit: number; cursor?: string | undefined; page?: number | undefined };

  async function conversationsPage(
    account: { id: string; roles: readonly string[] },
    query: Query,
    kind: 'direct' | null,
  ) {
    const { limit } = query;
    const keys = decodeCursor(query.cursor, cursorKeys);
    const start = keys && { at: keys[0], id: keys[1] };
    const rows = await listConversations(pool, account.id, { kind, limit: limit + 1, offset: offsetOf(query), start });
    return pageOf(
      rows,
      limit,
      (row) => [row.updated_at, row.id],
      (row) => viewSummary(viewerOf(row, account) ?? 'admin', row),
    );
  }
}

function offsetOf(query: { limit: number; cursor?: string | undefined; page?: number | undefined }): number {
  return query.cursor === undefined ? ((query.page ?? 1) - 1) * query.limit : 0;
}

function viewSummary(viewer: Viewer, { last_position: _, last_message, unread_count, ...row }: ConversationSummary) {
  return {
    ...conversationFor(viewer, row),
    unread_count,
    last_message: last_message && viewMessage(viewer, last_message),
  };
}

function viewMessage(viewer: Viewer, { position: _, ...row }: MessageRow) {
  return messageFor(viewer, row);
}
