/** How long a workflow bears with what does not go on, before it calls an operator. A deployment's settings. */
export type Patience = {
  /** So often the server tries one of our own transactions, after the first few tries, some 2 minutes at 7. */
  ownTries: number;
  /** So often a provider is tried in a row, some 10 minutes at 9. Tried again all the same, an hour at most later. */
  callTries: number;
  /** So long a deadline that has passed waits for a provider's word on the open order. */
  orderMs: number;
  /** So many Signals a run takes before it is begun anew; the server ends none, and takes no more than 10,000. */
  signals: number;
};

export const DEFAULT_PATIENCE: Patience = { ownTries: 7, callTries: 9, orderMs: 600_000, signals: 5_000 };
