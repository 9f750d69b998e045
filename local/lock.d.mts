import type { ProcessIdentity } from './process.mjs';

/** A lock that is ours, or the process that has it. */
export type Lock =
  | {
      release(): void;
      /** The lock is also held by a process we have started, should we die and it go on. */
      share(identity: ProcessIdentity): void;
      holder?: never;
    }
  | { holder: ProcessIdentity; release?: never };

/**
 * Takes the lock file at `path` for this process, without waiting. A lock whose holder no longer runs
 * (killed, or the machine was switched off) is broken and taken.
 */
export function takeLock(path: string): Lock;
