/** One process and no other: a pid is given out again, a pid with the instant of its birth is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start tick on Linux; start time and command line elsewhere. */
  readonly birth: string;
}

/** Who runs under this pid now; null when nobody does (a zombie is nobody). */
export function identify(pid: number): ProcessIdentity | null;

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean;

/** The pid of a process' parent; null when the process is gone. */
export function parentOf(pid: number): number | null;

/** The command line of a process, words separated by spaces; empty when it is not ours to see or gone. */
export function commandOf(pid: number): string;

/**
 * Wraps a command, which we start ourselves, so that the kernel sends it `signal` when we die, whatever we died of.
 * `setpriv` sets this and then becomes the command, so the pid is the command's own; where we have died before it was
 * set, the command does not start. Without `setpriv` (macOS) orphans are found and ended by the next start.
 */
export function endsWithParent(command: readonly string[], signal: NodeJS.Signals): string[];

/** Signals a process that leads a group of its own, and whatever it started; nothing where they are gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void;
