import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { ConversationView } from '#workflows/deal/contract.ts';
import type { DealKind, State } from '#workflows/deal/table.ts';
import { asDeal, type Deal } from '#workflows/deal/terms.ts';
import { directView, termsView, type Viewer } from '#workflows/deal/view.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { processOf } from '../process/processes.ts';
import { listMessagesAt, type MessageRow } from './messages.ts';
import { unreadWith } from './unread.ts';

const conversationRow = z.object({
  id: z.string(),
  kind: z.enum(['direct', 'campaign', 'bid', 'group', 'public']),
  campaign_id: z.string().nullable(),
  bid_id: z.string().nullable(),
  brand_owner_id: z.string(),
  /** Null in a room. */
  influencer_id: z.string().nullable(),
  request_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  deadline: z.string().nullable(),
  /** The deal that it is about; null for a direct one. */
  process: z.custom<Parameters<typeof processOf>[0]>().nullable(),
});
export type ConversationRow = z.infer<typeof conversationRow>;

const membership = z.object({ role: z.enum(['owner', 'member']), since: z.int() });
export type Membership = z.infer<typeof membership>;

/** What somebody is in a conversation, and since which message; null where they are not in it. */
export function findMembership(executor: Executor, conversationId: string, userId: string): Promise<Membership | null> {
  return executor.maybeOne(sql.type(membership)`
    SELECT role, since FROM members WHERE conversation_id = ${conversationId} AND user_id = ${userId}
  `);
}

const SELECT = sql.fragment`
  SELECT conversations.id, conversations.kind, campaign_id, bid_id, brand_owner_id, influencer_id, request_id,
    conversations.created_at, conversations.updated_at, processes.deadline,
    CASE WHEN processes.id IS NOT NULL THEN json_build_object('id', processes.id, 'kind', processes.kind,
      'variant', variant, 'state', state, 'version', version, 'entry', entry, 'entered_at', entered_at,
      'stepped_at', stepped_at, 'terms', terms, 'held', held::text, 'asset', asset) END AS process`;
const FROM = sql.fragment`FROM conversations LEFT JOIN processes ON processes.id = conversations.id`;

/** A direct conversation between two, the one they have or a new one; in `real_time` from the start. */
export async function openDirect(
  transaction: Transaction,
  openerId: string,
  otherId: string,
  now: string,
): Promise<{ conversation: ConversationRow; opened: boolean }> {
  const inserted = await transaction.maybeOne(sql.typeAlias('id')`
    INSERT INTO conversations (id, kind, brand_owner_id, influencer_id, chat, created_at, updated_at)
    VALUES (${uuid()}, 'direct', ${openerId}, ${otherId}, 'real_time', ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT DO NOTHING RETURNING id
  `);
  if (inserted) {
    await insertMembers(transaction, inserted.id, [openerId, otherId]);
    return { conversation: await getConversation(transaction, inserted.id), opened: true };
  }
  const conversation = await transaction.one(sql.type(conversationRow)`
    ${SELECT} ${FROM}
    WHERE conversations.kind = 'direct' AND least(brand_owner_id, influencer_id) = least(${openerId}::uuid, ${otherId}::uuid)
      AND greatest(brand_owner_id, influencer_id) = greatest(${openerId}::uuid, ${otherId}::uuid)
  `);
  return { conversation, opened: false };
}

/** Who may read in a conversation, each from its first message on. */
export async function insertMembers(
  transaction: Transaction,
  conversationId: string,
  userIds: readonly string[],
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO members (conversation_id, user_id)
    SELECT ${conversationId}::uuid, user_id FROM unnest(${sql.array([...userIds], 'uuid')}) AS user_id
  `);
}

export async function getConversation(executor: Executor, id: string): Promise<ConversationRow> {
  return executor.one(sql.type(conversationRow)`${SELECT} ${FROM} WHERE conversations.id = ${id}`);
}

/** Null where there is none; who may see it is the caller's to check, with `viewerOf`. */
export async function findConversation(executor: Executor, id: string): Promise<ConversationRow | null> {
  return executor.maybeOne(sql.type(conversationRow)`${SELECT} ${FROM} WHERE conversations.id = ${id}`);
}

/** Which side an account is of a conversation between two; null for those who may not know of it. */
export function viewerOf(
  conversation: Pick<ConversationRow, 'brand_owner_id' | 'influencer_id'>,
  account: { id: string; roles: readonly string[] },
): Viewer | null {
  if (account.id === conversation.brand_owner_id) return 'brand_owner';
  if (account.id === conversation.influencer_id) return 'influencer';
  return account.roles.includes('admin') ? 'admin' : null;
}

/** The row as a viewer sees it: terms in rupees, action data only for whom it asks. */
export function conversationFor(viewer: Viewer, row: ConversationRow): ConversationView {
  const deal = dealOfConversation(row);
  const { process: _, ...plain } = row;
  // A ruling is by a role of the deal's table, which the stored terms call a text.
  return { ...plain, flow_state: stateOf(row), ...(deal ? termsView(viewer, deal) : directView) } as ConversationView;
}

/** Where the conversation's deal stands. A direct one is in real time for ever. */
export function stateOf(row: Pick<ConversationRow, 'process'>): State {
  return (row.process?.state as State | undefined) ?? 'real_time';
}

/** The row's deal; null for a direct conversation. */
export function dealOfConversation({ process }: Pick<ConversationRow, 'process'>): Deal | null {
  if (!process) return null;
  // Of JSON: instants and amounts have the form that Postgres gives them there.
  const { entered_at, stepped_at, held } = process;
  const iso = (instant: string) => new Date(instant).toISOString();
  return asDeal(
    processOf({ ...process, entered_at: iso(entered_at), stepped_at: iso(stepped_at), held: BigInt(held) }),
  );
}

const summaryRow = conversationRow.extend({
  unread_count: z.bigint().transform(Number),
  last_position: z.int().nullable(),
  /** Of a room; of a conversation between two, how the other is called. */
  name: z.string().nullable(),
  many: z.int(),
  role: z.enum(['owner', 'member']).nullable(),
});
export type ConversationSummary = z.infer<typeof summaryRow> & { last_message: MessageRow | null };

type ConversationFilter = {
  kind: DealKind | 'direct' | 'group' | 'public' | null;
  limit: number;
  offset: number;
  start: { at: string; id: string } | null;
};

/** A user's conversations, last changed first, with what is unread and the last message that they may read. */
export async function listConversations(
  executor: Executor,
  userId: string,
  filter: ConversationFilter,
): Promise<ConversationSummary[]> {
  const rows = await executor.any(sql.type(summaryRow)`
    ${SELECT},
      ${unreadWith(userId)} AS unread_count,
      CASE WHEN rooms.id IS NULL THEN (SELECT position FROM messages
        WHERE messages.conversation_id = conversations.id AND (message_type <> 'audit' OR receiver_id = ${userId})
        ORDER BY position DESC LIMIT 1)
      WHEN said > CASE WHEN conversations.kind = 'group' THEN since ELSE 0 END THEN said END AS last_position,
      CASE WHEN rooms.id IS NULL THEN (SELECT coalesce(display_name, handle) FROM users
        WHERE users.id = CASE WHEN brand_owner_id = ${userId} THEN influencer_id ELSE brand_owner_id END)
      ELSE rooms.name END AS name,
      coalesce(rooms.many, 2) AS many, members.role
    ${FROM} JOIN members ON members.conversation_id = conversations.id
    LEFT JOIN rooms ON rooms.id = conversations.id
    WHERE members.user_id = ${userId}
      AND (${filter.kind}::text IS NULL OR conversations.kind = ${filter.kind})
      AND (${filter.start?.id ?? null}::uuid IS NULL
        OR (updated_at, conversations.id) < (${filter.start?.at ?? null}::timestamptz, ${filter.start?.id ?? null}::uuid))
    ORDER BY updated_at DESC, conversations.id DESC LIMIT ${filter.limit} OFFSET ${filter.offset}
  `);
  return withLast(executor, userId, rows);
}

/** Rooms that everybody may join, the newest first, with what the reader has in them. */
export async function listPublicRooms(
  executor: Executor,
  userId: string,
  page: { limit: number; before: string | null },
): Promise<ConversationSummary[]> {
  const rows = await executor.any(sql.type(summaryRow)`
    ${SELECT}, coalesce(said - read_position - wrote, 0)::bigint AS unread_count, nullif(said, 0) AS last_position,
      rooms.name, rooms.many, members.role
    ${FROM} JOIN rooms ON rooms.id = conversations.id
    LEFT JOIN members ON members.conversation_id = conversations.id AND members.user_id = ${userId}
    WHERE conversations.kind = 'public' AND (${page.before}::uuid IS NULL OR conversations.id < ${page.before})
    ORDER BY conversations.id DESC LIMIT ${page.limit}
  `);
  return withLast(executor, userId, rows);
}

/** One conversation as its lists have it; null for who is not in it, but of a public room. */
export async function findSummary(
  executor: Executor,
  userId: string,
  conversationId: string,
): Promise<ConversationSummary | null> {
  const rows = await executor.any(sql.type(summaryRow)`
    ${SELECT},
      CASE WHEN members.user_id IS NULL THEN 0 ELSE ${unreadWith(userId)} END AS unread_count,
      CASE WHEN rooms.id IS NULL THEN (SELECT max(position) FROM messages
        WHERE messages.conversation_id = conversations.id AND (message_type <> 'audit' OR receiver_id = ${userId}))
      WHEN said > CASE WHEN conversations.kind = 'group' THEN coalesce(since, 0) ELSE 0 END THEN said END AS last_position,
      CASE WHEN rooms.id IS NULL THEN (SELECT coalesce(display_name, handle) FROM users
        WHERE users.id = CASE WHEN brand_owner_id = ${userId} THEN influencer_id ELSE brand_owner_id END)
      ELSE rooms.name END AS name,
      coalesce(rooms.many, 2) AS many, members.role
    ${FROM} LEFT JOIN members ON members.conversation_id = conversations.id AND members.user_id = ${userId}
    LEFT JOIN rooms ON rooms.id = conversations.id
    WHERE conversations.id = ${conversationId}
  `);
  const [found] = await withLast(executor, userId, rows);
  return found ?? null;
}

async function withLast(
  executor: Executor,
  userId: string,
  rows: readonly z.infer<typeof summaryRow>[],
): Promise<ConversationSummary[]> {
  const last = await listMessagesAt(
    executor,
    userId,
    rows.flatMap(({ id, last_position }) =>
      last_position === null ? [] : { conversationId: id, position: last_position },
    ),
  );
  const ofConversation = new Map(last.map((message) => [message.conversation_id, message]));
  return rows.map((row) => ({ ...row, last_message: ofConversation.get(row.id) ?? null }));
}
