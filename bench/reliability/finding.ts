/** One thing that was measured: what the first trials had found, what is found now, and whether that will do. */
export type Finding = {
  /** What was done, in a few words. */
  what: string;
  /** Of the trials by which the mechanism was changed; null where there was none. */
  before: string | null;
  now: string;
  holds: boolean;
};

/** How much is done: all of it, or as little as still shows it. */
export type Plan = {
  /** Of Temporal standing still, and the clicks that come meanwhile. */
  frozenSeconds: number;
  clicks: number;
  /** Approved and paid by one, two and four workers. */
  approved: number;
  /** Whose transaction fails, beside others that are well. */
  failing: number;
  healthy: number;
  /** Runs that were ended before a worker starts. */
  ended: number;
  /** Processes that nobody was told of, before fresh money comes. */
  backlog: number;
  /** Approved at a release that does not replay what runs. */
  replaced: number;
  /** Open processes, half of them behind. */
  rows: number;
  idleSeconds: number;
  /** Plays in which workers die, at each point of each activity; 0: four of each kind and end, at points by chance. */
  crashSeeds: number;
};

export const WHOLE: Plan = {
  frozenSeconds: 60,
  clicks: 3_001,
  approved: 200,
  failing: 45,
  healthy: 20,
  ended: 1_000,
  backlog: 1_500,
  replaced: 300,
  rows: 1_000_000,
  idleSeconds: 60,
  crashSeeds: 20,
};

export const SMALL: Plan = {
  frozenSeconds: 15,
  clicks: 751,
  approved: 60,
  failing: 45,
  healthy: 20,
  ended: 200,
  backlog: 400,
  replaced: 60,
  rows: 200_000,
  idleSeconds: 20,
  crashSeeds: 0,
};

export const seconds = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
