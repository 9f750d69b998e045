/** The states of a deal, by the seeds' names. */

export const STATES = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'brand_owner_negotiation',
  'influencer_final_response',
  'negotiation_input',
  'payment_pending',
  'payment_completed',
  'work_in_progress',
  'work_submitted',
  'work_approved',
  'disputed',
  'real_time',
  'chat_closed',
] as const;
export type State = (typeof STATES)[number];

/** One side's answer is all that is awaited. */
export const ANSWERING = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'brand_owner_negotiation',
  'influencer_final_response',
  'negotiation_input',
] as const satisfies readonly State[];

/** The price is in escrow, and the work is not approved. */
export const AFTER_PAYMENT = [
  'payment_completed',
  'work_in_progress',
  'work_submitted',
] as const satisfies readonly State[];

export type ChatStatus = 'automated' | 'real_time' | 'closed';

export function chatStatus(state: State): ChatStatus {
  if (state === 'real_time') return 'real_time';
  return state === 'chat_closed' ? 'closed' : 'automated';
}
