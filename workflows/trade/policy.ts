/** What the two sides of a trade may count on: how long each step may take, and how a dispute ends without a ruling. */
import { shareRoundedDown } from '../money.ts';

/** ISO 8601 durations, weeks to seconds. */
export type Policy = {
  /** For the buyer, to pay outside of Tandem and say so. */
  pay_within: string;
  /** For the seller, to release once the buyer says that he has paid; then it is a dispute. */
  release_within: string;
  /** For either side of a dispute, to say anything at all; then it is ruled for the other. */
  respond_within: string;
  /** For an administrator, to rule. */
  rule_within: string;
  /** Of what is held, to the buyer, where nobody ruled. */
  default_release_percent: number;
};

export const DEFAULT_POLICY: Policy = {
  pay_within: 'PT30M',
  release_within: 'PT24H',
  respond_within: 'P5D',
  rule_within: 'P30D',
  default_release_percent: 50,
};

/** Both sides of a dispute are asked for a statement; one that is silent for so long loses to one that wrote. */
export const STATEMENT_WITHIN = 'PT24H';

/** How long after the end the two may still read where to pay. */
export const DETAILS_KEPT = 'P30D';

/** What the buyer has of what is held where so many per cent of it are released: whole units; what remains is the seller's. */
export const releasedOf = (held: bigint, percent: number): bigint => shareRoundedDown(held, percent * 100);
