/** How long a charge-back waits for what, and how much somebody may come to owe by one. */
import type { Asset } from '../money.ts';
import { boundsOf } from '../payout/policy.ts';

/** Where a provider says no date until when it takes evidence. */
export const RESPOND_WITHIN = 'P7D';
/** For the bank's word; then what is frozen is free again, and the word is still heard. */
export const DECIDED_WITHIN = 'P180D';
/** A debt is taken from what comes in for so long; then it is written off. */
export const OWED_FOR = 'P365D';
/** Statements of each side. */
export const STATEMENTS_AT_MOST = 20;
export const STATEMENT_MAX = 5_000;

/** What somebody owes at most, all debts together: as much as a day's payouts. What is beyond is ours to bear. */
export function debtLimit(asset: Asset): bigint {
  return boundsOf(asset, 100).daily;
}
