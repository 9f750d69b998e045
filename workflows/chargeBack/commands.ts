/** All there is to say of a charge-back's commands: one entry each. */
import { asGiven, nothing, readText } from '../process/intake.ts';
import { type Accepted, type Command, refuse } from '../process/machine.ts';
import type { Role } from './parties.ts';
import { STATEMENT_MAX, STATEMENTS_AT_MOST } from './policy.ts';
import { BEFORE_WORD, type State } from './states.ts';
import { type ChargeBack, type ChargeBackStep, statementsOf, type Terms } from './terms.ts';

export type CommandEntry = {
  rows: readonly { from: readonly State[]; by: readonly Role[]; to: State | 'same' }[];
  /** What a page calls it; null for what nobody presses. */
  label: { text: string; style: 'success' | 'danger' } | null;
  /** What has to be written with it; null where nothing has. */
  field: { id: string; label: string; maxLength: number } | null;
  /** What it brings with it, checked and in one form. */
  takes: (chargeBack: ChargeBack, command: Command) => Accepted;
  /** What changes in the terms. */
  changes: (step: ChargeBackStep, terms: Terms) => Partial<Terms>;
  /** What both sides read in the history. */
  sentence: string;
};

const REASON_MAX = 2_000;
const nobody = { label: null, field: null } as const;
const unchanged = (): Partial<Terms> => ({});
const less = (from: string, amount = '0'): string => (BigInt(from) - BigInt(amount)).toString();

export const COMMANDS = {
  add_evidence: {
    rows: [{ from: ['open'], by: ['payee', 'payer', 'admin'], to: 'same' }],
    label: { text: 'Add what speaks for you', style: 'success' },
    field: { id: 'text', label: 'What speaks for you', maxLength: STATEMENT_MAX },
    takes({ terms }, { by, data }) {
      if (statementsOf(terms, by) < STATEMENTS_AT_MOST) return readText(data, 'text', STATEMENT_MAX);
      const [limit, max] = ['statements', STATEMENTS_AT_MOST];
      return refuse('LIMIT_REACHED', `There are ${max} statements of this side already.`, { limit, max });
    },
    changes: ({ by }, terms) => ({ statements: { ...terms.statements, [by]: statementsOf(terms, by) + 1 } }),
    sentence: 'Something was added to the evidence.',
  },
  submit_evidence: {
    rows: [{ from: ['open'], by: ['admin'], to: 'submitted' }],
    label: { text: 'Hand in the evidence', style: 'success' },
    field: null,
    takes: nothing,
    changes: unchanged,
    sentence: 'The evidence goes to the bank.',
  },
  concede: {
    rows: [{ from: ['open'], by: ['admin'], to: 'submitted' }],
    label: { text: 'Concede', style: 'danger' },
    field: { id: 'reason', label: 'Why', maxLength: REASON_MAX },
    takes: (_, { data }) => readText(data, 'reason', REASON_MAX),
    changes: () => ({ contested: false }),
    sentence: 'An administrator does not contest it.',
  },
  expire: {
    ...nobody,
    rows: [
      { from: ['open'], by: ['system'], to: 'submitted' },
      { from: ['submitted'], by: ['system'], to: 'undecided' },
      { from: ['lost'], by: ['system'], to: 'settled' },
    ],
    takes: nothing,
    changes: ({ from }) => (from === 'lost' ? { owed: '0', pending: '0' } : {}),
    sentence: 'The time was up, or nothing was left to do.',
  },
  evidence_sent: {
    ...nobody,
    rows: [{ from: ['submitted'], by: ['system'], to: 'same' }],
    takes: nothing,
    changes: unchanged,
    sentence: 'The bank has the evidence.',
  },
  dispute_won: {
    ...nobody,
    rows: [{ from: [...BEFORE_WORD, 'lost', 'settled'], by: ['provider'], to: 'won' }],
    takes: asGiven,
    changes: () => ({ lost: null, owed: '0', pending: '0' }),
    sentence: 'The bank decided for the payee: what was set aside is free.',
  },
  dispute_lost: {
    ...nobody,
    rows: [{ from: BEFORE_WORD, by: ['provider'], to: 'lost' }],
    takes: asGiven,
    changes: ({ data }) => ({ lost: data.lost ?? '0', owed: data.owed ?? '0', pending: data.pending ?? '0' }),
    sentence: 'The bank decided for the payer.',
  },
  collected: {
    ...nobody,
    rows: [{ from: ['lost'], by: ['system'], to: 'same' }],
    takes: asGiven,
    changes: ({ data }, { owed }) => ({ owed: less(owed, data.amount) }),
    sentence: 'Something of what is owed was taken from what came in.',
  },
  resolved: {
    ...nobody,
    rows: [{ from: ['lost'], by: ['system'], to: 'same' }],
    takes: asGiven,
    changes: ({ data }, { pending }) => ({ pending: less(pending, data.amount) }),
    sentence: 'What it was paid for has come to its end.',
  },
  written_off: {
    ...nobody,
    rows: [{ from: ['lost'], by: ['system'], to: 'same' }],
    takes: nothing,
    changes: () => ({ owed: '0' }),
    sentence: 'What was still owed is owed no more.',
  },
  money_returned: {
    ...nobody,
    rows: [{ from: ['won', 'undecided', 'lost', 'settled'], by: ['system'], to: 'same' }],
    takes: asGiven,
    changes: unchanged,
    sentence: 'What had been set aside is back in the wallet.',
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

export function entryOf(on: string): CommandEntry | null {
  return Object.hasOwn(COMMANDS, on) ? COMMANDS[on as CommandName] : null;
}
