/** The states of a payout, by the contract's names. */
export const STATES = ['requested', 'held', 'processing', 'paid', 'cancelled', 'failed', 'reversed'] as const;
export type State = (typeof STATES)[number];

/** It is still here: whoever asked for it may take it back. */
export const HERE = ['requested', 'held'] as const satisfies readonly State[];

/** Which way it goes: by itself, or past a second pair of eyes first. */
export type Variant = 'direct' | 'four_eyes';
