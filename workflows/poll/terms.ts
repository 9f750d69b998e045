/** What there is to know of a poll beside its process's columns. Its question and options lie in its own row. */
import type { Process } from '../process/machine.ts';

export const STATES = ['open', 'counting', 'closed'] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['creator'] as const;

/** What ended it: its time, its creator, or the end of its stream. */
export const ENDINGS = ['time', 'creator', 'stream'] as const;
export type Ending = (typeof ENDINGS)[number];

export const OPTIONS = { least: 2, most: 8 } as const;
export const SECONDS = { least: 5, most: 3_600 } as const;

export type PollOpening = {
  stream_id: string;
  /** How many there are to choose from. */
  options: number;
  duration_seconds: number;
};

export type Terms = PollOpening & {
  ended_by: Ending | null;
  /** By option, in their order, once they are counted. */
  counts: readonly number[] | null;
};

/** A poll's process, with the words that its table has for its state. */
export type Poll = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asPoll(process: Process<Terms> | Process): Poll {
  return process as Poll;
}

/** How many voted. */
export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, votes) => sum + votes, 0);
}
