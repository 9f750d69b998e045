/** Deals for tests: one in any state, and what has to be sent with each command so that nothing is missing. */
import { type Command, type Deal, newDeal } from '../collaboration/flow.ts';
import { DEFAULT_POLICY, type Policy } from '../collaboration/policy.ts';
import type { CommandName, DealKind, Role, State } from '../collaboration/table.ts';
import { minor } from '../money.ts';

export const DEAL_ID = '0190f3a2-0000-7000-8000-00000000d0a1';
export const ACTORS: Record<Role, string | null> = {
  brand_owner: '0190f3a2-0000-7000-8000-00000000b0b0',
  influencer: '0190f3a2-0000-7000-8000-000000001f1f',
  admin: '0190f3a2-0000-7000-8000-00000000ad11',
  provider: null,
  system: null,
};
export const OPENED = '2026-03-01T09:00:00.000Z';

/** What makes a command complete. Prices are what the brand owner of `dealIn` offered. */
export const COMPLETE: Partial<Record<CommandName, Record<string, unknown>>> = {
  send_project_details: { details: 'Three reels' },
  send_price_offer: { price: '₹5,000' },
  send_final_offer: { price: 5500 },
  negotiation: { price: '6000 INR' },
  submit_work: { deliverables: 'https://drive.example/reels', description: 'Three reels', submission_notes: '' },
  request_revision: { feedback: 'Warmer colours' },
  open_dispute: { reason: 'Not what was agreed' },
  dispute_statement: { statement: 'It is what was agreed' },
  resolve_dispute: { release_percent: 40, reason: 'Half of it was delivered' },
  payment_captured: { amount: '500000', capture_id: 'c1' },
  payment_returned: { amount: '500000', capture_id: 'c2' },
};

export function commandOf(on: CommandName, by: Role, data: Record<string, unknown> = COMPLETE[on] ?? {}): Command {
  return { on, by, actor: ACTORS[by], data };
}

export function openedDeal(kind: DealKind, policy: Partial<Policy> = {}, proposed = 600_000n): Deal {
  return newDeal(DEAL_ID, kind, minor(proposed), { ...DEFAULT_POLICY, ...policy }, OPENED);
}

const HOLDING: readonly State[] = ['payment_completed', 'work_in_progress', 'work_submitted', 'disputed'];

/** A deal put into a state, whether this kind ever comes there or not, with everything agreed, paid and delivered. */
export function dealIn(state: State, kind: DealKind, policy: Partial<Policy> = {}): Deal {
  const opened = openedDeal(kind, policy);
  return {
    ...opened,
    state,
    version: 7,
    entry: 5,
    terms: {
      ...opened.terms,
      offer: '500000',
      counter: '600000',
      details: 'Three reels',
      agreed: '500000',
      fee_bps: 1_000,
      held: HOLDING.includes(state) ? '500000' : '0',
      dispute: state === 'disputed' ? { opened_by: 'brand_owner', reason: 'Late', statements: 0 } : null,
    },
  };
}
