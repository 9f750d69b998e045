/** The pure machine of a P2P trade: an asset that is held while its price is paid outside of Tandem. */
import { isAsset } from '../money.ts';
import type { Leg, Machine, Process, Promised } from '../process/machine.ts';
import { entryOf, hindrance } from './commands.ts';
import { deadlineOf } from './deadline.ts';
import { releasedOf } from './policy.ts';
import { TRADE_TABLE } from './table.ts';
import {
  asTrade,
  openingTerms,
  spokeEarlier,
  type Terms,
  type TradeOpening,
  type TradeStep,
  toldData,
  withoutTexts,
} from './terms.ts';

const AMOUNT = /^\d{1,16}$/;

export const tradeMachine: Machine<Terms> = {
  kind: 'trade',
  summary: 'A P2P trade between a buyer and a seller',
  table: TRADE_TABLE,
  heldAt: 'hold:seller',

  opening({ id, opened, held, asset, at }) {
    return {
      id,
      kind: 'trade',
      variant: null,
      state: 'awaiting_payment',
      version: 0,
      entry: 1,
      entered_at: at,
      stepped_at: at,
      terms: openingTerms(opened as TradeOpening, held),
      held,
      asset,
    };
  },

  accept(process, command, { now }) {
    const entry = entryOf(command.on);
    if (!entry) return { data: {} };
    return hindrance(process, command.on, command.by) ?? entry.takes(asTrade(process), command, now);
  },

  isIdle: (process, on, _now, by) => hindrance(process, on, by) !== null,

  apply(process, step) {
    const change = entryOf(step.on)?.changes(process.terms, step as TradeStep) ?? {};
    return { terms: { ...process.terms, ...change } };
  },

  isSound(process, { on, data }) {
    const { release_percent = 0, amount } = data as TradeStep['data'];
    if (!isAsset(process.asset)) return false;
    if (!Number.isInteger(release_percent) || release_percent < 0 || release_percent > 100) return false;
    return !on.startsWith('asset_') || (typeof amount === 'string' && AMOUNT.test(amount));
  },

  promisesOf(process, step) {
    const percent = entryOf(step.on)?.releases?.(step as TradeStep) ?? null;
    return percent === null || process.held === '0' ? [] : [shared(process, percent)];
  },

  deadlineOf: (process) => deadlineOf(asTrade(process)),

  boardOf({ state, terms }) {
    return {
      lines: [
        `price: ${terms.price} ${terms.currency}, paid outside of Tandem`,
        ...(terms.cancel_asked_by ? [`the ${terms.cancel_asked_by} asks to call it off`] : []),
        ...(terms.dispute ? [`papers in the dispute: ${terms.dispute.papers}`] : []),
      ],
      attention: state === 'disputed' ? 'dispute' : null,
    };
  },

  clockMoved: spokeEarlier,
  outlineOf: withoutTexts,
  toldOf: ({ data }) => toldData(data),

  updates: { rule: 'resolve' },
};

/** So many per cent to the buyer, in whole units of the asset; what remains is the seller's. One transfer. */
function shared({ held }: Process<Terms>, percent: number): Promised {
  const whole = BigInt(held);
  const released = releasedOf(whole, percent);
  const kept = whole - released;
  const legs: Leg[] = [{ place: 'hold:seller', amount: `-${held}` }];
  if (released > 0n) legs.push({ place: 'wallet:buyer', amount: released.toString() });
  if (kept > 0n) legs.push({ place: 'wallet:seller', amount: kept.toString() });
  const kind = kept === 0n ? 'release' : released === 0n ? 'give_back' : 'split';
  return { kind, amount: held, legs };
}
