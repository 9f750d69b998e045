import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type About, openDeal } from '#db/deal/opening.ts';
import { conversationFor } from '#db/talk/conversations.ts';
import { conversation } from '#workflows/deal/contract.ts';
import type { Policy } from '#workflows/deal/policy.ts';
import type { Party } from '#workflows/deal/table.ts';
import { Failure } from '#workflows/failures.ts';
import { takeRupees } from '../amounts.ts';
import { success } from '../answer.ts';
import type { Deps } from '../deps.ts';
import { answerOnce } from '../idempotency.ts';

/** What an application or a connection is answered with. */
export const opened = success(
  z
    .object({
      conversation,
      existing: z
        .boolean()
        .describe('Whether it was open already: then nothing of this request was used but its two people'),
      not_used: z.array(z.enum(['message', 'proposed_amount'])).describe('What was sent and has no effect'),
    })
    .meta({ id: 'Opening' }),
);

export type Beginning = {
  about: About;
  parties: Record<Party, string>;
  /** Who begins. */
  as: Party;
  policy: Policy;
  words: string | null;
  /** Rupees as the client wrote them. */
  proposed: string | number;
};

/** Begins a deal, once: 201 with the new one, 200 with the one that is open between these two about this. */
export async function begin(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  { as, proposed, ...beginning }: Beginning,
) {
  const { parties } = beginning;
  if (parties.brand_owner === parties.influencer) {
    throw new Failure('FORBIDDEN', 'One account cannot deal with itself.');
  }
  const amount = takeRupees('proposed_amount', proposed);
  const sent = [...(beginning.words === null ? [] : ['message' as const]), 'proposed_amount' as const];
  let openedId: string | null = null;
  const answer = await answerOnce(deps.pool, request, reply, async (transaction) => {
    const now = deps.now().toISOString();
    const systemUserId = deps.config.SYSTEM_USER_ID;
    const deal = await openDeal(transaction, { ...beginning, proposed: amount, now, systemUserId });
    if (deal.opened) openedId = deal.conversation.id;
    const data = {
      conversation: conversationFor(as, deal.conversation),
      existing: !deal.opened,
      not_used: deal.opened ? [] : sent,
    };
    return { status: deal.opened ? 201 : 200, body: { success: true as const, data } };
  });
  if (openedId) deps.ring(openedId);
  return answer;
}
