/** The states of a charge-back: a payment that its bank was asked to take back. */
export const STATES = ['open', 'submitted', 'undecided', 'won', 'lost', 'settled'] as const;
export type State = (typeof STATES)[number];

/** Nobody has decided yet. */
export const BEFORE_WORD = ['open', 'submitted', 'undecided'] as const satisfies readonly State[];
