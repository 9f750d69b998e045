/** All there is to say of a payout's commands: one entry each. */
import { asGiven, nothing, readOptionalText, readText } from '../process/intake.ts';
import type { Accepted, Command } from '../process/machine.ts';
import type { Role } from './parties.ts';
import { HERE, type State, type Variant } from './states.ts';
import type { Payout, PayoutStep, Terms } from './terms.ts';

export type CommandEntry = {
  rows: readonly {
    from: readonly State[];
    by: readonly Role[];
    to: State | 'same' | 'again';
    variant?: Variant;
  }[];
  /** What a page calls it; null for what nobody presses. */
  label: { text: string; style: 'success' | 'danger' } | null;
  /** What has to be written with it; null where nothing has. */
  field: { id: string; placeholder: string; required: boolean; maxLength: number } | null;
  /** What it brings with it, checked and in one form. */
  takes: (payout: Payout, command: Command) => Accepted;
  /** What changes in the terms. */
  changes: (step: PayoutStep) => Partial<Terms>;
  /** What becomes of what is held; null where all stays. */
  moves: 'send' | 'give_back' | null;
  /** What its payee reads in the history. */
  sentence: string;
};

const REASON_MAX = 500;
const unchangedTerms = (): Partial<Terms> => ({});
const why = ({ data }: PayoutStep): Partial<Terms> => ({ reason: data.reason ?? null });
const nobody = { label: null, field: null } as const;
const told = { ...nobody, takes: asGiven, moves: null } as const;

export const COMMANDS = {
  approve: {
    rows: [{ from: ['requested'], by: ['admin'], to: 'held', variant: 'four_eyes' }],
    label: { text: 'Approve', style: 'success' },
    field: null,
    takes: nothing,
    changes: unchangedTerms,
    moves: null,
    sentence: 'An administrator approved the payout.',
  },
  reject: {
    rows: [{ from: ['requested'], by: ['admin'], to: 'cancelled', variant: 'four_eyes' }],
    label: { text: 'Reject', style: 'danger' },
    field: { id: 'reason', placeholder: 'Why', required: true, maxLength: REASON_MAX },
    takes: (_, { data }) => readText(data, 'reason', REASON_MAX),
    changes: why,
    moves: 'give_back',
    sentence: 'An administrator rejected the payout.',
  },
  cancel: {
    rows: [{ from: HERE, by: ['payee', 'admin'], to: 'cancelled' }],
    label: { text: 'Cancel', style: 'danger' },
    field: { id: 'reason', placeholder: 'Why', required: false, maxLength: REASON_MAX },
    takes: (_, { data }) => readOptionalText(data, 'reason', REASON_MAX),
    changes: why,
    moves: 'give_back',
    sentence: 'The payout was cancelled.',
  },
  expire: {
    ...nobody,
    rows: [
      { from: ['requested'], by: ['system'], to: 'held', variant: 'direct' },
      { from: ['requested'], by: ['system'], to: 'cancelled', variant: 'four_eyes' },
      { from: ['held'], by: ['system'], to: 'processing' },
    ],
    takes: nothing,
    changes: unchangedTerms,
    moves: null,
    sentence: 'The time was up.',
  },
  clear: {
    ...nobody,
    rows: [{ from: ['held'], by: ['system'], to: 'again' }],
    takes: nothing,
    changes: () => ({ cleared: true }),
    moves: null,
    sentence: 'What the payout waited for is there.',
  },
  give_up: {
    ...nobody,
    rows: [{ from: ['held'], by: ['system'], to: 'cancelled' }],
    takes: asGiven,
    changes: why,
    moves: 'give_back',
    sentence: 'What the payout waited for did not come.',
  },
  money_sent: {
    ...told,
    rows: [{ from: ['processing'], by: ['system'], to: 'same' }],
    changes: unchangedTerms,
    sentence: 'The money is on its way to the provider.',
  },
  money_returned: {
    ...told,
    rows: [{ from: ['cancelled'], by: ['system'], to: 'same' }],
    changes: unchangedTerms,
    sentence: 'The money is back in the wallet.',
  },
  payout_paid: {
    ...told,
    rows: [{ from: ['processing'], by: ['provider'], to: 'paid' }],
    changes: unchangedTerms,
    sentence: 'The provider paid it.',
  },
  payout_failed: {
    ...told,
    rows: [{ from: ['processing'], by: ['provider'], to: 'failed' }],
    changes: why,
    sentence: 'It could not be paid: the money is back in the wallet.',
  },
  payout_reversed: {
    ...told,
    rows: [{ from: ['paid'], by: ['provider'], to: 'reversed' }],
    changes: why,
    sentence: 'It was paid and came back: the money is back in the wallet.',
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

export function entryOf(on: string): CommandEntry | null {
  return Object.hasOwn(COMMANDS, on) ? COMMANDS[on as CommandName] : null;
}
