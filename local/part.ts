import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { endsWithParent, identify, type ProcessIdentity, signalGroup } from './process.mjs';

export type PartName = 'postgres' | 'redis' | 'rabbitmq' | 'temporal' | 'api' | 'worker';

/** A signal, and how long to wait after it before the next one, in milliseconds. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly wait: number;
}

export interface PartSpec {
  readonly name: PartName;
  readonly command: readonly string[];
  /** A command that sets something up and then becomes the program, such as `unshare`. */
  readonly wrapper?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Both of its outputs are appended to this file. */
  readonly log: string;
  /** What the kernel sends it when we die without a word (Linux). */
  readonly orphanSignal: NodeJS.Signals;
  /** How it is asked to end, from polite to final; SIGKILL follows the last one. */
  readonly stop: readonly StopStep[];
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Hears what it says over a line of its own, which it has where this is given. */
  readonly heard?: ((message: unknown, part: Part) => void) | undefined;
  /** Told as soon as the process is there; it is not ready then. */
  readonly spawned?: ((part: Part) => void) | undefined;
}

/** One program of the stack, running as our child. */
export interface Part {
  readonly name: PartName;
  /** The program itself: wrappers replace themselves by it. */
  readonly pid: number;
  readonly identity: ProcessIdentity | null;
  readonly log: string;
  /** Resolves when it has ended, with how ("exit code 1", "signal SIGKILL"). */
  readonly ended: Promise<string>;
  /** Null while it runs. */
  readonly ending: string | null;
  kill(signal: NodeJS.Signals): void;
  /** Says something over its line, where it has one and it is still there. */
  tell(message: object): void;
  /** Asks, waits, insists; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Says in one sentence why a part could not be started; the log's last lines are in `details`. */
export class PartFailure extends Error {
  override readonly name = 'PartFailure';
  readonly details: string;
  constructor(sentence: string, details = '') {
    super(sentence);
    this.details = details;
  }
}

/** Starts a program in a session of its own, so that a terminal's Ctrl-C reaches only us and we choose the order. */
export async function startPart(spec: PartSpec): Promise<Part> {
  mkdirSync(dirname(spec.log), { recursive: true, mode: 0o700 });
  const log = openSync(spec.log, 'a', 0o600);
  const [command, ...args] = [...(spec.wrapper ?? []), ...endsWithParent(spec.command, spec.orphanSignal)];
  const child = spawn(command as string, args, {
    detached: true,
    stdio: ['ignore', log, log, ...(spec.heard ? (['ipc'] as const) : [])],
    env: spec.env ?? process.env,
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...spec.user,
  });
  closeSync(log);
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<string>();
  let ending: string | null = null;
  child.once('exit', (code, signal) => {
    ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
    setEnded(ending);
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new PartFailure(`${spec.name} could not be started: ${error.message}`)));
  });
  const pid = child.pid as number;
  const part: Part = {
    name: spec.name,
    pid,
    identity: identify(pid),
    log: spec.log,
    ended,
    get ending() {
      return ending;
    },
    kill(signal) {
      if (ending === null) child.kill(signal);
    },
    tell(message) {
      // One that has just ended has nobody to hear it.
      if (child.connected) child.send(message, () => {});
    },
    async stop() {
      for (const { signal, wait } of spec.stop) {
        if (ending !== null) return;
        child.kill(signal);
        await settledWithin(ended, wait);
      }
      if (ending === null) signalGroup(pid, 'SIGKILL');
      await ended;
    },
  };
  child.on('message', (message) => spec.heard?.(message, part));
  spec.spawned?.(part);
  return part;
}

/** Asks `probe` until it is true. Throws when the part ends first or `within` milliseconds have passed. */
export async function untilReady(part: Part, probe: () => Promise<boolean>, within: number): Promise<void> {
  const deadline = Date.now() + within;
  while (part.ending === null) {
    // What answered may not have been this part: it could have ended meanwhile.
    if ((await probe()) && part.ending === null) return;
    if (Date.now() > deadline) {
      part.kill('SIGKILL');
      throw new PartFailure(`${part.name} was not ready after ${within / 1000} s`, tail(part.log));
    }
    await settledWithin(part.ended, 40);
  }
  throw new PartFailure(`${part.name} ended while starting (${part.ending})`, tail(part.log));
}

/** The last lines of a log file, at most 4 KiB. */
export function tail(file: string, lines = 12): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, 4096));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(descriptor);
  }
}

/** Resolves when `promise` has settled, or after so many milliseconds; leaves no timer behind. */
export async function settledWithin(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  const { promise: elapsed, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([
    promise.then(
      () => resolve(),
      () => resolve(),
    ),
    elapsed,
  ]);
  clearTimeout(timer);
}
