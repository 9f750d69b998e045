/** The machine of a deal between a brand owner and an influencer. */
import { formatRupees } from '../money.ts';
import type { Machine, Process } from '../process/machine.ts';
import { deadlineOf } from './deadline.ts';
import { promisesOf } from './promises.ts';
import { DEAL_TABLE, entryOf } from './table.ts';
import {
  asDeal,
  type Deal,
  type DealData,
  type DealOpening,
  type DealStep,
  openingTerms,
  type Terms,
  toldData,
  withoutTexts,
} from './terms.ts';

const AMOUNT = /^\d{1,15}$/;

export const dealMachine: Machine<Terms> = {
  kind: 'deal',
  summary: 'A deal between a brand owner and an influencer',
  table: DEAL_TABLE,
  heldAt: 'escrow',

  opening: ({ id, variant, opened, held, asset, at }) => ({
    id,
    kind: 'deal',
    variant,
    state: variant === 'campaign' ? 'initial' : 'influencer_responding',
    version: 0,
    entry: 1,
    entered_at: at,
    stepped_at: at,
    terms: openingTerms(opened as DealOpening),
    held,
    asset,
  }),

  accept(process, command, at) {
    const deal = asDeal(process);
    const entry = entryOf(command.on);
    // The table has a row for it: there is an entry.
    return entry?.idle?.(deal, at.now) ?? entry?.takes(deal, command, at) ?? { data: {} };
  },

  isIdle: (process, on, now) => entryOf(on)?.idle?.(asDeal(process), now) != null,

  apply(process, generic) {
    const step = generic as DealStep;
    const { terms } = process;
    const entry = entryOf(step.on);
    const closed = step.to === 'chat_closed' && step.from !== 'chat_closed' ? { closed_by: step.on } : {};
    const held = entry?.holds?.(step.data);
    return { terms: { ...terms, ...entry?.changes(terms, step), ...closed }, ...(held !== undefined && { held }) };
  },

  isSound(_, { on, data }) {
    const { fee_bps = 0, release_percent = 0 } = data as DealData;
    if (!isPart(fee_bps, 10_000) || !isPart(release_percent, 100)) return false;
    return (entryOf(on)?.carries ?? []).every((key) => typeof data[key] === 'string' && AMOUNT.test(data[key]));
  },

  promisesOf: (process, step) => promisesOf(asDeal(process), step as DealStep),
  deadlineOf: (process) => deadlineOf(asDeal(process)),

  boardOf: ({ state, terms }) => ({
    lines: [
      ...(terms.agreed ? [`agreed: ${formatRupees(BigInt(terms.agreed))}`] : []),
      ...(state === 'disputed' ? ['operator: Update `rule` {"release_percent": 0–100, "reason": "…", "by": "…"}'] : []),
    ],
    attention: state === 'disputed' ? 'dispute' : null,
  }),

  updates: { rule: 'resolve_dispute' },
  outlineOf: withoutTexts,
  toldOf: ({ data }) => toldData(data as DealData),
};

function isPart(value: unknown, whole: number): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= whole;
}

/** A deal as it opens. */
export function newDeal(id: string, kind: Deal['variant'], opened: DealOpening, now: string): Deal {
  return asDeal(
    dealMachine.opening({ id, variant: kind, opened, held: '0', asset: 'INR', at: now }) satisfies Process<Terms>,
  );
}

export { asDeal };
