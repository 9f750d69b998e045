import { v7 as uuid } from 'uuid';
import { messageTold } from '#workflows/deal/announcements.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { newDeal } from '#workflows/deal/machine.ts';
import type { Policy } from '#workflows/deal/policy.ts';
import { openingLines } from '#workflows/deal/script.ts';
import { OTHER, PARTIES, type Party } from '#workflows/deal/table.ts';
import { standingOf } from '#workflows/deal/view.ts';
import type { Minor } from '#workflows/money.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { type ConversationRow, getConversation, insertMembers } from '../talk/conversations.ts';
import { messageOf, writeMessages } from '../talk/written.ts';

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
  const opened = { proposed: opening.proposed.toString(), policy: opening.policy };
  const deal = newDeal(uuid(), about.kind, opened, now);
  const campaignId = about.kind === 'campaign' ? about.campaignId : null;
  const bidId = about.kind === 'bid' ? about.bidId : null;
  const opener: Party = about.kind === 'campaign' ? 'influencer' : 'brand_owner';
  const messages = openingLines(deal, opening.words).map((line) =>
    messageOf(line, { conversationId: deal.id, parties, actorId: parties[opener], systemUserId, at: now }),
  );
  const inserted = await transaction.maybeOne(sql.typeAlias('id')`
    INSERT INTO conversations (id, kind, campaign_id, bid_id, brand_owner_id, influencer_id, chat, said, asked_position,
      created_at, updated_at)
    VALUES (${deal.id}, ${about.kind}, ${campaignId}, ${bidId}, ${parties.brand_owner}, ${parties.influencer},
      'automated', ${messages.length}, ${messages.length}, ${now}::timestamptz, ${now}::timestamptz)
    ON CONFLICT DO NOTHING RETURNING id
  `);
  if (!inserted) {
    const open = await findOpen(transaction, about, parties);
    // Closed between the two statements: then this is the next one.
    return open ? { conversation: open, opened: false } : openDeal(transaction, opening);
  }
  await openProcess(transaction, {
    id: deal.id,
    kind: 'deal',
    by: parties[opener],
    variant: about.kind,
    opened,
    seats: parties,
    held: '0',
    asset: 'INR',
    now,
  });
  await insertMembers(transaction, deal.id, Object.values(parties));
  await writeMessages(transaction, deal.id, 0, now, messages);
  const standing = standingOf(deal.id, deal.state, deadlineOf(deal));
  await announce(transaction, [
    ...PARTIES.flatMap((party) =>
      messages.map((message) => ({
        user_id: parties[party],
        name: 'new_message' as const,
        data: messageTold(party, message, standing),
      })),
    ),
    {
      user_id: parties[OTHER[opener]],
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
  const found = await executor.maybeOne(sql.typeAlias('id')`
    SELECT id FROM conversations
    WHERE brand_owner_id = ${parties.brand_owner} AND influencer_id = ${parties.influencer} AND kind = ${kind}
      AND campaign_id IS NOT DISTINCT FROM ${kind === 'campaign' ? about.campaignId : null}::uuid
      AND bid_id IS NOT DISTINCT FROM ${kind === 'bid' ? about.bidId : null}::uuid
      AND chat <> 'closed'
  `);
  return found && getConversation(executor, found.id);
}
