/** All there is to say of a deal's states: one entry each. */
import { formatRupees } from '../money.ts';
import type { Party } from './parties.ts';
import type { Policy } from './policy.ts';
import type { State } from './states.ts';
import type { Deal } from './terms.ts';

export type StateEntry = {
  /** Whose turn it is; null where nobody's, or both sides'. */
  awaits: Party | null;
  /** How long it lasts where nobody does anything; null where it has no deadline. */
  within: ((policy: Policy) => string[]) | null;
  /** What the side whose turn it is is asked; null where nobody is. */
  question: ((deal: Deal) => { title: string; subtitle: string }) | null;
  /** There is nothing more to wait for. */
  ends: boolean;
};

function asking(awaits: Party, within: keyof Policy, question: NonNullable<StateEntry['question']>): StateEntry {
  return { awaits, within: (policy) => [policy[within] as string], question, ends: false };
}

export const STATE_ENTRIES: Record<State, StateEntry> = {
  initial: asking('brand_owner', 'answer_within', ({ terms }) => ({
    title: 'New application',
    subtitle: `An influencer applied and asks for ${rupees(terms.proposed)}.`,
  })),
  influencer_responding: asking('influencer', 'answer_within', ({ terms }) => ({
    title: 'New connection',
    subtitle: `A brand wants to work with you and offers ${rupees(terms.proposed)}.`,
  })),
  brand_owner_details: asking('brand_owner', 'answer_within', () => ({
    title: 'Project details',
    subtitle: 'Describe what is to be made.',
  })),
  influencer_reviewing: asking('influencer', 'answer_within', () => ({
    title: 'Review the project',
    subtitle: 'Do you want to do this project?',
  })),
  brand_owner_pricing: asking('brand_owner', 'answer_within', ({ terms }) => ({
    title: 'Set the price',
    subtitle: `The proposed price is ${rupees(terms.proposed)}.`,
  })),
  influencer_price_response: asking('influencer', 'answer_within', (deal) => ({
    title: 'Price offer',
    subtitle: `You are offered ${rupees(deal.terms.offer)}.${roundsLeft(deal)}`,
  })),
  brand_owner_negotiation: asking('brand_owner', 'answer_within', ({ terms }) => ({
    title: 'Counter-offer',
    subtitle: `The influencer asks for ${rupees(terms.counter)}.`,
  })),
  influencer_final_response: asking('influencer', 'answer_within', (deal) => ({
    title: 'Final offer',
    subtitle: `The offer is ${rupees(deal.terms.offer)}.${roundsLeft(deal)}`,
  })),
  negotiation_input: asking('influencer', 'answer_within', ({ terms }) => ({
    title: 'Your counter-offer',
    subtitle: `The offer stands at ${rupees(terms.offer)}. What would you do it for?`,
  })),
  payment_pending: asking('brand_owner', 'pay_within', ({ terms }) => ({
    title: 'Payment',
    subtitle: `Pay ${rupees(terms.agreed)} into escrow. It is released when you approve the work.`,
  })),
  payment_completed: asking('influencer', 'start_within', ({ held }) => ({
    title: 'Payment received',
    subtitle: `${rupees(held)} is held in escrow. You can start.`,
  })),
  work_in_progress: {
    awaits: 'influencer',
    // After delivery and grace the brand owner may cancel; after grace again it ends by itself.
    within: ({ deliver_within, grace }) => [deliver_within, grace, grace],
    question: ({ terms }) => ({
      title: terms.revisions > 0 ? 'Revision requested' : 'Work in progress',
      subtitle: 'Submit your work when it is done.',
    }),
    ends: false,
  },
  work_submitted: asking('brand_owner', 'approve_within', ({ terms, held }) => ({
    title: 'Review the work',
    subtitle: `Approving releases ${rupees(held)}. Revisions left: ${terms.policy.max_revisions - terms.revisions}.`,
  })),
  work_approved: { awaits: null, within: null, question: null, ends: false },
  disputed: { awaits: null, within: ({ dispute_within }) => [dispute_within], question: null, ends: false },
  real_time: { awaits: null, within: null, question: null, ends: true },
  chat_closed: { awaits: null, within: null, question: null, ends: true },
};

/** Whose turn it is; null where nobody's, or both sides'. */
export function awaitingRole(state: State): Party | null {
  return STATE_ENTRIES[state].awaits;
}

function roundsLeft({ terms }: Deal): string {
  const left = terms.policy.max_rounds - terms.rounds;
  return left > 0 ? ` Rounds of negotiation left: ${left}.` : ' No rounds of negotiation are left.';
}

function rupees(paise: string | null): string {
  return formatRupees(BigInt(paise ?? '0'));
}
