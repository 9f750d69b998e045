/** The states of a P2P trade, by the seed's names where it has them. */
export const STATES = [
  'awaiting_payment',
  'payment_confirmed',
  'disputed',
  'releasing',
  'released',
  'refunded',
  'split',
  'cancelled',
  'expired',
] as const;
export type State = (typeof STATES)[number];

/** The buyer says that he has paid, and the asset is still the seller's. */
export const CONFIRMED = ['payment_confirmed', 'disputed'] as const satisfies readonly State[];
