/** What there is to know of a boost beside its process's columns. */
import type { Process } from '../process/machine.ts';

/** What can be boosted: a person's profile, a gig, a clan. */
export const TARGETS = ['profile', 'gig', 'clan'] as const;
export type Target = (typeof TARGETS)[number];

export const STATES = ['active', 'expired', 'cancelled'] as const;
export type State = (typeof STATES)[number];

/** Who pays, and whose the target is where that is somebody else. */
export const PARTIES = ['booster', 'owner'] as const;

export type BoostOpening = {
  target: Target;
  target_id: string;
  /** Hours, as they were asked for. */
  duration: number;
  /** The same in ms. */
  lasts: number;
};

export type Terms = BoostOpening & {
  /** When it began: a process forgets when it was opened once it enters another state. */
  starts_at: string;
  /** CREDIT, which has no smaller part: what remains to be read when nothing is held any more. */
  amount: string;
  /** Given back when it was cancelled; null while it is not over. */
  refunded: string | null;
};

/** A boost's process, with the words that its table has for its state. */
export type Boost = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asBoost(process: Process<Terms> | Process): Boost {
  return process as Boost;
}

/** The instant it ends by itself. */
export function expiresAt({ starts_at, lasts }: Pick<Terms, 'starts_at' | 'lasts'>): string {
  return new Date(Date.parse(starts_at) + lasts).toISOString();
}
