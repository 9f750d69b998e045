/** Deals for tests: one in any state, and what has to be sent with each command so that nothing is missing. */
import fc from 'fast-check';
import { minor } from '../../money.ts';
import type { Command, Process } from '../../process/machine.ts';
import { explore, type Playable, type Taken } from '../../process/testing/world.ts';
import { asDeal, dealMachine, newDeal } from '../machine.ts';
import { DEAL_KINDS, type DealKind, type Role } from '../parties.ts';
import { DEFAULT_POLICY, type Policy } from '../policy.ts';
import type { State } from '../states.ts';
import type { CommandName } from '../table.ts';
import type { Deal, DealStep, Terms } from '../terms.ts';

const DEAL_ID = '0190f3a2-0000-7000-8000-00000000d0a1';
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
  return newDeal(
    DEAL_ID,
    kind,
    { proposed: minor(proposed).toString(), policy: { ...DEFAULT_POLICY, ...policy } },
    OPENED,
  );
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
    held: HOLDING.includes(state) ? '500000' : '0',
    terms: {
      ...opened.terms,
      offer: '500000',
      counter: '600000',
      details: 'Three reels',
      agreed: '500000',
      fee_bps: 1_000,
      dispute: state === 'disputed' ? { opened_by: 'brand_owner', reason: 'Late', statements: 0 } : null,
    },
  };
}

const policy: fc.Arbitrary<Partial<Policy>> = fc.record(
  {
    max_rounds: fc.integer({ min: 0, max: 3 }),
    max_revisions: fc.integer({ min: 0, max: 3 }),
    default_release_percent: fc.integer({ min: 0, max: 100 }),
    approve_within: fc.constantFrom('PT1S', 'P14D', 'P3W'),
    grace: fc.constantFrom('PT1S', 'P3D'),
  },
  { requiredKeys: [] },
);

const PRICED: readonly string[] = ['send_price_offer', 'negotiation', 'send_final_offer'];

/** How deals are played, at random and through every shape there is. */
export const DEALS: Playable<Terms> = {
  machine: dealMachine,
  variants: DEAL_KINDS,
  opens: (variant) => policy.map((terms) => openedDeal(variant as DealKind, terms)),
  smallest: (variant) =>
    openedDeal(variant as DealKind, { max_rounds: 2, max_revisions: 2, default_release_percent: 50 }),
  complete: (process, on, chance) => {
    if (on === 'payment_captured') return { amount: process.terms.agreed ?? '500000', capture_id: 'c1' };
    if (PRICED.includes(on)) return { price: chance === 0 ? 5000 : Math.max(chance, 100) / 100 };
    return COMPLETE[on as CommandName] ?? {};
  },
  actors: ACTORS,
  tells: [
    { on: 'money_released', by: 'system', promise: 'release', from: 0, to: 1 },
    { on: 'refund_started', by: 'system', promise: 'refund', from: 0, to: 1 },
    { on: 'refund_settled', by: 'provider', promise: 'refund', from: 1, to: 2 },
    { on: 'refund_failed', by: 'provider', promise: 'refund', from: 1, to: 1 },
  ],
  shapeOf: ({ terms }: Process<Terms>) => {
    const { rounds, revisions, offer, counter, agreed, dispute, ordered, work } = terms;
    const has = [offer, counter, agreed, work, ordered].map((part) => (part ? 1 : 0)).join('');
    return [rounds, revisions, has, Math.min(dispute?.statements ?? 0, 1)].join(' ');
  },
};

export type TakenOfDeal = { before: Deal; step: DealStep; deal: Deal };

/** Every step there is, once for each kind, actor, state and number of rounds and revisions: what a script may depend on. */
export function everyStep(): TakenOfDeal[] {
  const found = new Map<string, TakenOfDeal>();
  for (const taken of DEAL_KINDS.flatMap((kind) => explore(DEALS, kind).taken)) {
    const { variant, terms } = taken.before;
    const { on, by, from } = taken.step;
    found.set([variant, on, by, from, terms.rounds, terms.revisions].join(' '), dealTaken(taken));
  }
  return [...found.values()];
}

function dealTaken({ before, step, process }: Taken<Terms>): TakenOfDeal {
  return { before: asDeal(before), step: step as DealStep, deal: asDeal(process) };
}
