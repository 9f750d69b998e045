/** The pure machine of a charge-back: evidence is collected and handed in, a bank decides, and what is lost is recovered. */
import { after } from '../durations.ts';
import { formatUnits } from '../money.ts';
import { earlier } from '../process/clock.ts';
import type { Machine, Process, Promised, Step } from '../process/machine.ts';
import { entryOf } from './commands.ts';
import { DECIDED_WITHIN, OWED_FOR, STATEMENTS_AT_MOST } from './policy.ts';
import { CHARGE_BACK_TABLE } from './table.ts';
import {
  asChargeBack,
  type ChargeBackData,
  type ChargeBackOpening,
  type ChargeBackStep,
  openingTerms,
  statementsOf,
  type Terms,
} from './terms.ts';

const AMOUNT = /^\d{1,16}$/;
/** Which amounts a step has to bring, and what each may be at most. */
const BRINGS: Record<string, (process: Process<Terms>) => Partial<Record<keyof ChargeBackData, string | null>>> = {
  dispute_lost: ({ held }) => ({ lost: null, taken: held, owed: null, pending: null }),
  collected: ({ terms }) => ({ amount: terms.owed }),
  resolved: ({ terms }) => ({ amount: terms.pending }),
  money_returned: () => ({ amount: null }),
};

export const chargeBackMachine: Machine<Terms> = {
  kind: 'chargeBack',
  summary: 'A payment that its bank was asked to take back',
  table: CHARGE_BACK_TABLE,
  heldAt: 'hold:payee',

  opening: ({ id, variant, opened, held, asset, at }) => ({
    id,
    kind: 'chargeBack',
    variant,
    state: 'open',
    version: 0,
    entry: 1,
    entered_at: at,
    stepped_at: at,
    terms: openingTerms(opened as ChargeBackOpening, held),
    held,
    asset,
  }),

  accept: (process, command) => entryOf(command.on)?.takes(asChargeBack(process), command) ?? { data: {} },

  isIdle: ({ terms }, on, _now, by) => on === 'add_evidence' && statementsOf(terms, by) >= STATEMENTS_AT_MOST,

  apply(process, step) {
    const { terms, held } = process;
    const { taken = '0' } = step.data as ChargeBackData;
    return {
      terms: { ...terms, ...entryOf(step.on)?.changes(step as ChargeBackStep, terms) },
      // Whoever books the loss takes what is frozen in the same transaction; only the rest is promised back.
      ...(step.on === 'dispute_lost' && { held: (BigInt(held) - BigInt(taken)).toString() }),
    };
  },

  isSound(process, { on, data }) {
    const { text, reason } = data as ChargeBackData;
    if ([text, reason].some((words) => words !== undefined && typeof words !== 'string')) return false;
    const amounts = BRINGS[on]?.(process) ?? {};
    return Object.entries(amounts).every(([key, most]) => {
      const units = (data as Record<string, unknown>)[key];
      return typeof units === 'string' && AMOUNT.test(units) && (most === null || BigInt(units) <= BigInt(most));
    });
  },

  promisesOf({ held }, step): Promised[] {
    const back = BigInt(held) - taken(step);
    if (!isGivenBack(step) || back <= 0n) return [];
    const amount = back.toString();
    const legs = [
      { place: 'hold:payee' as const, amount: `-${amount}` },
      { place: 'wallet:payee' as const, amount },
    ];
    return [{ kind: 'give_back', amount, legs }];
  },

  deadlineOf({ state, entered_at, terms }) {
    if (state === 'open') return terms.respond_by;
    if (state === 'submitted') return after(entered_at, DECIDED_WITHIN);
    if (state !== 'lost') return null;
    return terms.owed === '0' && terms.pending === '0' ? entered_at : after(entered_at, OWED_FOR);
  },

  // Whoever has to say something is told when it is opened, with the date.
  remindersOf: () => [],

  boardOf: ({ state, asset, terms }) => ({
    lines: [
      `disputed: ${formatUnits(terms.amount, terms.currency)}, at ${terms.provider}`,
      `lost: ${terms.lost === null ? 'not decided' : formatUnits(terms.lost, terms.currency)}; owed: ${formatUnits(terms.owed, asset)}`,
    ],
    attention: state === 'open' ? 'charge_back' : null,
  }),

  outlineOf: (terms) => terms,
  toldOf({ data }) {
    const { text: _, reason: __, ...amounts } = data as ChargeBackData;
    return amounts;
  },

  clockMoved: (terms, ms) => ({ ...terms, respond_by: earlier(terms.respond_by, ms) }),
  updates: { submitEvidence: 'submit_evidence', concede: 'concede' },
};

function taken({ on, data }: Step): bigint {
  return on === 'dispute_lost' ? BigInt((data as ChargeBackData).taken ?? '0') : 0n;
}

/** Whether what is frozen, or what is left of it, is free after a step. */
function isGivenBack({ on, from }: Step): boolean {
  return on === 'dispute_won' || on === 'dispute_lost' || (on === 'expire' && from === 'submitted');
}
