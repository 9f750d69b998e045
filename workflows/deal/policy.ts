/** What the two sides of a deal may count on: how long each step may take, and how often they may go round. */

/** ISO 8601 durations, weeks to seconds; months and years have no fixed length and are refused. */
export type Policy = {
  answer_within: string;
  pay_within: string;
  start_within: string;
  deliver_within: string;
  grace: string;
  approve_within: string;
  dispute_within: string;
  default_release_percent: number;
  max_revisions: number;
  max_rounds: number;
};

export const DEFAULT_POLICY: Policy = {
  answer_within: 'P7D',
  pay_within: 'PT24H',
  start_within: 'P7D',
  deliver_within: 'P14D',
  grace: 'P3D',
  approve_within: 'P14D',
  dispute_within: 'P30D',
  default_release_percent: 50,
  max_revisions: 3,
  max_rounds: 5,
};

export const DURATION_KEYS = [
  'answer_within',
  'pay_within',
  'start_within',
  'deliver_within',
  'grace',
  'approve_within',
  'dispute_within',
] as const satisfies readonly (keyof Policy)[];

/** Of revisions and of rounds: what one conversation may hold at most. */
export const MAX_REPEATS = 1_000;
