import { z } from 'zod';
import { findChargeBackOf } from '#db/chargeBack/chargeBacks.ts';
import { listDealEntries } from '#db/money/ledger.ts';
import { findOpenOrder } from '#db/payment/orders.ts';
import { getUser } from '#db/people/accounts.ts';
import type { Executor, Pool } from '#db/pool.ts';
import { listOpenPromises } from '#db/process/processes.ts';
import {
  type ConversationSummary,
  conversationFor,
  dealOfConversation,
  listConversations,
  stateOf,
  viewerOf,
} from '#db/talk/conversations.ts';
import { listMessages, type MessageRow } from '#db/talk/messages.ts';
import { chargeBackState } from '#workflows/chargeBack/contract.ts';
import { textIn } from '#workflows/chargeBack/view.ts';
import { allowedActions } from '#workflows/deal/actions.ts';
import { actionData, allowedAction, conversation, id, instant, message, party } from '#workflows/deal/contract.ts';
import { instantsOf } from '#workflows/deal/deadline.ts';
import { PARTIES, type Party } from '#workflows/deal/table.ts';
import { messageFor, type Viewer } from '#workflows/deal/view.ts';
import { formatDecimal, isAsset } from '#workflows/money.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import { feeBpsOf } from '../deal/commission.ts';
import type { Deps } from '../deps.ts';
import { cursorKeys, decodeCursor, numberedPageQuery, pageOf } from '../page.ts';
import { paymentOrder, viewOrder } from '../payment/order.ts';
import { getVisible } from './service.ts';
import { tags } from './shapes.ts';

const params = z.strictObject({ id });

const summary = conversation
  .extend({
    unread_count: z.int(),
    last_message: message.nullable(),
    name: z.string().nullable().describe('Of a room; of a conversation between two, how the other is called'),
    member_count: z.int(),
  })
  .meta({ id: 'ConversationSummary' });

const onItsWay = z
  .object({
    kind: z.string().describe('release or refund'),
    amount: z.string(),
    asset: z.string(),
    status: z
      .string()
      .describe('promised, held_up while its payment is disputed, moving, or what the provider last said of a refund'),
  })
  .meta({ id: 'MoneyOnItsWay' });

const context = z
  .object({
    conversation,
    current_action_data: actionData.nullable(),
    allowed_actions: z.array(allowedAction).describe('Everything the caller may do now'),
    deadline: instant.nullable(),
    instants: z
      .array(z.object({ name: z.enum(['due', 'late_from', 'ends']), at: instant }))
      .describe('When work is due, from when it may be cancelled for being late, and when the state ends by itself'),
    fee_bps: z.int().nullable().describe('The fee on what is released, or would be if the price were agreed on now'),
    parties: z
      .array(z.object({ role: party, id, handle: z.string().nullable() }))
      .describe('Who deals with whom; their handles are told to administrators alone'),
    on_its_way: z.array(onItsWay).describe('Money that is promised and not there yet'),
    charge_back: z
      .object({ id, status: chargeBackState, amount: z.string(), currency: z.string() })
      .meta({ id: 'ChargeBackOfPayment' })
      .optional()
      .describe(
        'The payer’s bank was asked to take its payment back: until that is decided nothing is paid out or given back',
      ),
    payment_order: paymentOrder.optional(),
  })
  .meta({ id: 'ConversationDetails' });

const entry = z
  .object({
    id: z.string(),
    account: z.string().describe('escrow, wallet, fee, external, refund_clearing or suspense'),
    amount: z.string().describe('Decimal text; negative leaves the account'),
    asset: z.string(),
    reason: z.string(),
    occurred_at: instant,
  })
  .meta({ id: 'LedgerEntry' });

/** Conversations as those in them see them: what was said, where a deal stands, where its money is. */
export function conversationRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/messages/conversations',
    {
      schema: {
        operationId: 'conversations.list',
        tags,
        summary: 'Your conversations, last changed first',
        querystring: numberedPageQuery,
        response: answers({ 200: list(summary) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => conversationsPage(pool, request.account, request.query, null),
  );

  app.get(
    '/api/messages/direct-connections',
    {
      schema: {
        operationId: 'conversations.listDirect',
        tags,
        summary: 'Your direct conversations, last changed first',
        querystring: numberedPageQuery,
        response: answers({ 200: list(summary) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => conversationsPage(pool, request.account, request.query, 'direct'),
  );

  app.get(
    '/api/messages/conversations/:id/messages',
    {
      schema: {
        operationId: 'messages.list',
        tags,
        summary: 'What was said, newest first',
        params,
        querystring: numberedPageQuery,
        response: answers({ 200: list(message) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { account, query } = request;
      const { viewer, reader } = await getVisible(pool, request.params.id, account);
      const keys = decodeCursor(query.cursor, z.tuple([z.string().regex(/^\d{1,9}$/)]));
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

  standingRoutes(app, deps);
}

/** Where a conversation stands, and where its money is. */
function standingRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/messages/conversations/:id/context',
    {
      schema: {
        operationId: 'conversations.getContext',
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
        viewer !== 'influencer' && stateOf(row) === 'payment_pending' ? await findOpenOrder(pool, row.id) : null;
      const promises = deal ? await listOpenPromises(pool, row.id) : [];
      const shown = conversationFor(viewer, row);
      return {
        success: true as const,
        data: {
          conversation: shown,
          current_action_data: shown.current_action_data,
          allowed_actions: deal ? allowedActions(deal, viewer, deps.now().toISOString()) : [],
          deadline: row.deadline,
          instants: deal ? instantsOf(deal) : [],
          fee_bps: deal ? (deal.terms.fee_bps ?? (await feeNow(deps, row.id))) : null,
          parties: await partiesFor(pool, viewer, row),
          on_its_way: promises.map((promise) => ({
            kind: promise.kind,
            amount: formatDecimal(BigInt(promise.amount), 'INR'),
            asset: promise.asset,
            status: promise.call?.status ?? (promise.held_up ? 'held_up' : promise.moved ? 'moving' : 'promised'),
          })),
          ...(deal && (await chargeBackShown(pool, row.id))),
          ...(order?.provider_order_id && { payment_order: viewOrder(order) }),
        },
      };
    },
  );

  app.get(
    '/api/messages/conversations/:id/ledger',
    {
      schema: {
        operationId: 'deals.listEntries',
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
}

/** Whoever has a side in it; a room has members, and no sides. */
async function partiesFor(pool: Pool, viewer: Viewer, row: Record<`${Party}_id`, string | null>) {
  const sides = PARTIES.flatMap((role) => {
    const id = row[`${role}_id`];
    return id === null ? [] : [{ role, id }];
  });
  return Promise.all(
    sides.map(async (side) => ({
      ...side,
      handle: viewer === 'admin' ? (await getUser(pool, side.id)).handle : null,
    })),
  );
}

type Query = { limit: number; cursor?: string | undefined; page?: number | undefined };

async function conversationsPage(
  pool: Pool,
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

function offsetOf(query: { limit: number; cursor?: string | undefined; page?: number | undefined }): number {
  return query.cursor === undefined ? ((query.page ?? 1) - 1) * query.limit : 0;
}

function viewSummary(
  viewer: Viewer,
  { last_position: _, many, role: _role, last_message, unread_count, ...row }: ConversationSummary,
) {
  return {
    ...conversationFor(viewer, row),
    name: row.name,
    member_count: many,
    unread_count,
    last_message: last_message && viewMessage(viewer, last_message),
  };
}

function viewMessage(viewer: Viewer, { position: _, content, handle, display_name, avatar_url, ...row }: MessageRow) {
  return messageFor(viewer, row);
}

function feeNow({ pool, config, now }: Deps, dealId: string): Promise<number> {
  return feeBpsOf(pool, dealId, now().toISOString(), config.PLATFORM_FEE_BPS);
}

/** The charge-back of a deal's payment, the last one where there were several. */
async function chargeBackShown(executor: Executor, processId: string) {
  const found = await findChargeBackOf(executor, processId);
  if (!found) return {};
  const { id, status, terms } = found;
  const { amount, currency } = terms;
  return { charge_back: { id, status, amount: textIn(amount, currency), currency } };
}
