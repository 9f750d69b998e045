import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { messageTold } from '#workflows/collaboration/announcements.ts';
import type { ConversationView } from '#workflows/collaboration/contract.ts';
import { type Deal, deadlineOf, newDeal, type Terms } from '#workflows/collaboration/flow.ts';
import type { Policy } from '#workflows/collaboration/policy.ts';
import { OTHER, openingLines } from '#workflows/collaboration/script.ts';
import type { DealKind, Party, State } from '#workflows/collaboration/table.ts';
import { directView, standingOf, termsView, type Viewer } from '#workflows/collaboration/view.ts';
import type { Minor } from '#workflows/money.ts';
import { announce } from './announce.ts';
import { dealOf } from './deals.ts';
import { listMessagesAt, type MessageRow, messageOf, writeMessages } from './messages.ts';
import { type Executor, sql, type Transaction } from './pool.ts';

const conversationRow = z.object({
  id: z.string(),
  kind: z.enum(['direct', 'campaign', 'bid']),
  campaign_id: z.string().nullable(),
  bid_id: z.string().nullable(),
  brand_owner_id: z.string(),
  influencer_id: z.string(),
  request_id: z.string().nullable(),
  flow_state: z.custom<State>(),
  flow_data: z.custom<Terms>(),
  version: z.int(),
  entry: z.int(),
  entered_at: z.string(),
  stepped_at: z.string(),
  deadline: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ConversationRow = z.infer<typeof conversationRow>;

const COLUMNS = sql.fragment`
  conversations.id, conversations.kind, campaign_id, bid_id, brand_owner_id, influencer_id, request_id, flow_state,
  flow_data, version, entry, entered_at, stepped_at, deadline, conversations.created_at, updated_at`;

export type About = { kind: 'campaign'; campaignId: string } | { kind: 'bid'; bidId: string };

export type Opening = {
  about: About;
  parties: Record<Party, string>;
  proposed: Minor;
  policy: Policy;
  /** What the opener wrote; null for nothing. */
  words: string | null;
  now: string;
  systemUserId: string;
};

/** Opens a deal, or answers with the open one that this pair has about the same thing. */
export async function openDeal(
  transaction: Transaction,
  opening: Opening,
): Promise<{ conversation: ConversationRow; opened: boolean }> {
  const { about, parties, now, systemUserId } = opening;
  const deal = newDeal(uuid(), about.kind, opening.proposed, opening.policy, now);
  const deadline = deadlineOf(deal);
  const campaignId = about.kind === 'campaign' ? about.campaignId : null;
  const bidId = about.kind === 'bid' ? about.bidId : null;
  const opener: Party = about.kind === 'campaign' ? 'influencer' : 'brand_owner';
  const messages = openingLines(deal, opening.words).map((line) =>
    messageOf(line, { conversationId: deal.id, parties, actorId: parties[opener], systemUserId, at: now }),
  );
  const inserted = await transaction.maybeOne(sql.typeAlias('id')`
    INSERT INTO conversations (id, kind, campaign_id, bid_id, brand_owner_id, influencer_id, flow_state, flow_data,
      entered_at, stepped_at, deadline, said, asked_position, created_at, updated_at)
    VALUES (${deal.id}, ${about.kind}, ${campaignId}, ${bidId}, ${parties.brand_owner}, ${parties.influencer},
      ${deal.state}, ${JSON.stringify(deal.terms)}, ${now}::timestamptz, ${now}::timestamptz, ${deadline}::timestamptz,
      ${messages.length}, ${messages.length}, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT DO NOTHING RETURNING id
  `);
  if (!inserted) {
    const open = await findOpen(transaction, about, parties);
    // Closed between the two statements: then this is the next one.
    return open ? { conversation: open, opened: false } : openDeal(transaction, opening);
  }
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO relays (conversation_id, deadline, look_at)
    VALUES (${deal.id}, ${deadline}::timestamptz, ${deadline}::timestamptz)
  `);
  await writeMessages(transaction, deal.id, 0, messages);
  const asked = OTHER[opener];
  const standing = standingOf(deal.id, deal.state, deadline);
  await announce(transaction, [
    ...(['brand_owner', 'influencer'] as const).flatMap((party) =>
      messages.map((message) => ({
        user_id: parties[party],
        name: 'new_message' as const,
        data: messageTold(party, message, standing),
      })),
    ),
    {
      user_id: parties[asked],
      name: 'notification' as const,
      data: {
        type: about.kind === 'campaign' ? 'application' : 'connection',
        data: { conversation_id: deal.id, message: messages.at(-1)?.message ?? '', sender_id: parties[opener] },
      },
    },
  ]);
  return { conversation: await getConversation(transaction, deal.id), opened: true };
}

async function findOpen(
  executor: Executor,
  about: About,
  parties: Record<Party, string>,
): Promise<ConversationRow | null> {
  const { kind } = about;
  return executor.maybeOne(sql.type(conversationRow)`
    SELECT ${COLUMNS} FROM conversations
    WHERE brand_owner_id = ${parties.brand_owner} AND influencer_id = ${parties.influencer} AND kind = ${kind}
      AND campaign_id IS NOT DISTINCT FROM ${kind === 'campaign' ? about.campaignId : null}::uuid
      AND bid_id IS NOT DISTINCT FROM ${kind === 'bid' ? about.bidId : null}::uuid
      AND is_open
  `);
}

/** A direct conversation between two, the one they have or a new one; in `real_time` from the start. */
export async function openDirect(
  transaction: Transaction,
  openerId: string,
  otherId: string,
  now: string,
): Promise<{ conversation: ConversationRow; opened: boolean }> {
  const inserted = await transaction.maybeOne(sql.typeAlias('id')`
    INSERT INTO conversations (id, kind, brand_owner_id, influencer_id, flow_state, flow_data, entered_at, stepped_at,
      created_at, updated_at)
    VALUES (${uuid()}, 'direct', ${openerId}, ${otherId}, 'real_time', '{}', ${now}::timestamptz, ${now}::timestamptz,
      ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT DO NOTHING RETURNING id
  `);
  if (inserted) return { conversation: await getConversation(transaction, inserted.id), opened: true };
  const conversation = await transaction.one(sql.type(conversationRow)`
    SELECT ${COLUMNS} FROM conversations
    WHERE kind = 'direct' AND least(brand_owner_id, influencer_id) = least(${openerId}::uuid, ${otherId}::uuid)
      AND greatest(brand_owner_id, influencer_id) = greatest(${openerId}::uuid, ${otherId}::uuid)
  `);
  return { conversation, opened: false };
}

async function getConversation(executor: Executor, id: string): Promise<ConversationRow> {
  return executor.one(sql.type(conversationRow)`SELECT ${COLUMNS} FROM conversations WHERE id = ${id}`);
}

/** Null where there is none; who may see it is the caller's to check, with `viewerOf`. */
export async function findConversation(executor: Executor, id: string): Promise<ConversationRow | null> {
  return executor.maybeOne(sql.type(conversationRow)`SELECT ${COLUMNS} FROM conversations WHERE id = ${id}`);
}

/** Whom an account is in a conversation; null for those who may not know of it. */
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
  const { flow_data: _, version: _v, entry: _n, entered_at: _e, stepped_at: _s, ...plain } = row;
  return { ...plain, ...(deal ? termsView(viewer, deal) : directView) };
}

/** The row's deal; null for a direct conversation. */
export function dealOfConversation({ kind, ...row }: ConversationRow): Deal | null {
  return kind === 'direct' ? null : dealOf({ ...row, kind });
}

const summaryRow = conversationRow.extend({
  unread_count: z.bigint().transform(Number),
  last_position: z.int().nullable(),
});
export type ConversationSummary = z.infer<typeof summaryRow> & { last_message: MessageRow | null };

/** A user's conversations, last changed first, with what is unread and the last message that they may read. */
export async function listConversations(
  executor: Executor,
  userId: string,
  filter: { kind: DealKind | 'direct' | null; limit: number; offset: number; start: { at: string; id: string } | null },
): Promise<ConversationSummary[]> {
  const rows = await executor.any(sql.type(summaryRow)`
    SELECT ${COLUMNS},
      (SELECT count(*) FROM messages
        WHERE messages.conversation_id = conversations.id AND receiver_id = ${userId} AND NOT seen) AS unread_count,
      (SELECT position FROM messages
        WHERE messages.conversation_id = conversations.id AND (message_type <> 'audit' OR receiver_id = ${userId})
        ORDER BY position DESC LIMIT 1) AS last_position
    FROM conversations
    WHERE (brand_owner_id = ${userId} OR influencer_id = ${userId})
      AND (${filter.kind}::text IS NULL OR kind = ${filter.kind})
      AND (${filter.start?.id ?? null}::uuid IS NULL
        OR (updated_at, id) < (${filter.start?.at ?? null}::timestamptz, ${filter.start?.id ?? null}::uuid))
    ORDER BY updated_at DESC, id DESC LIMIT ${filter.limit} OFFSET ${filter.offset}
  `);
  const last = await listMessagesAt(
    executor,
    rows.flatMap(({ id, last_position }) =>
      last_position === null ? [] : { conversationId: id, position: last_position },
    ),
  );
  const ofConversation = new Map(last.map((message) => [message.conversation_id, message]));
  return rows.map((row) => ({ ...row, last_message: ofConversation.get(row.id) ?? null }));
}
