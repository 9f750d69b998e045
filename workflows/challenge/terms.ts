/** What there is to know of a challenge beside its process's columns. */
import type { Process } from '../process/machine.ts';

/** What is counted: tokens that are given, reactions, how many watch at once, votes in polls. */
export const TYPES = ['gifts', 'likes', 'viewers', 'votes'] as const;
export type ChallengeType = (typeof TYPES)[number];

export const STATES = ['open', 'won', 'lost', 'stopped'] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['creator'] as const;

export type ChallengeOpening = {
  stream_id: string;
  type: ChallengeType;
  target: number;
  /** In ms. */
  lasts: number;
};

export type Terms = ChallengeOpening & {
  /** What it came to; null while it is open. */
  progress: number | null;
};

/** A challenge's process, with the words that its table has for its state. */
export type Challenge = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asChallenge(process: Process<Terms> | Process): Challenge {
  return process as Challenge;
}
