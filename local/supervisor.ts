import { setTimeout } from 'node:timers/promises';
import { type Part, PartFailure, type PartName } from './part.ts';

/** Starts a part; calls `spawned` as soon as its process is there, which is before it is ready. */
export type StartPart<P extends Part> = (spawned: (part: Part) => void) => Promise<P>;

export interface SupervisorOptions {
  say(line: string): void;
  /** A process is there; it is not ready yet. */
  spawned(part: Part): void;
  /** It can be used: at first, and each time after it was started again. */
  ready(part: Part): void;
}

const ATTEMPTS_AT_FIRST = 2;
/** Milliseconds before the first, second, … try to start a part again; the last counts for all that follow. */
const BACKOFF = [100, 500, 1000, 2000, 5000];
/** A part that ran this long had been well: its next restart begins with the shortest wait again. */
const WELL_AFTER = 30_000;

/** Keeps parts running until it is told to stop. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<PartName, Part>();
  readonly #keeping = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Processes that are there, ready or not. */
  get parts(): Part[] {
    return [...this.#running.values()].filter((part) => part.ending === null);
  }

  /** Aborted when the stop begins: for waits and helpers on the way. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts a part and from then on starts it again whenever it ends. Throws when it does not come up at first. */
  async keep<P extends Part>(name: PartName, start: StartPart<P>): Promise<P> {
    for (let attempt = 1; ; attempt++) {
      try {
        const part = await this.#start(start);
        const keeping = this.#keepRunning(name, start, part);
        this.#keeping.add(keeping);
        return part;
      } catch (error) {
        if (attempt === ATTEMPTS_AT_FIRST || !(error instanceof PartFailure) || this.stopping.aborted) throw error;
        await setTimeout(BACKOFF[attempt]);
      }
    }
  }

  /** Stops group after group, each side by side. Afterwards nothing that it started runs, and nothing starts again. */
  async stop(groups: readonly (readonly PartName[])[]): Promise<void> {
    this.#stopping.abort();
    for (const group of groups) {
      await Promise.all(group.map((name) => this.#running.get(name)?.stop()));
    }
    await Promise.all(this.#keeping);
  }

  async #start<P extends Part>(start: StartPart<P>): Promise<P> {
    this.stopping.throwIfAborted();
    let process: Part | undefined;
    try {
      const part = await start((spawned) => {
        process = spawned;
        this.#running.set(spawned.name, spawned);
        this.#options.spawned(spawned);
        // A stop that began a moment ago did not see this one.
        if (this.stopping.aborted) void spawned.stop();
      });
      this.#options.ready(part);
      return part;
    } catch (error) {
      // It may run and still be of no use; the next try needs its place.
      await process?.stop();
      throw error;
    }
  }

  async #keepRunning<P extends Part>(name: PartName, start: StartPart<P>, first: P): Promise<void> {
    let part = first;
    let failures = 0;
    for (;;) {
      const since = Date.now();
      const how = await part.ended;
      if (this.stopping.aborted) return;
      if (Date.now() - since > WELL_AFTER) failures = 0;
      this.#options.say(`${name} ended (${how}): starting it again`);
      const began = Date.now();
      for (;;) {
        try {
          await setTimeout(BACKOFF[Math.min(failures++, BACKOFF.length - 1)], undefined, { signal: this.stopping });
          part = await this.#start(start);
          break;
        } catch (error) {
          if (this.stopping.aborted) return;
          const { message } = error as Error;
          this.#options.say(`${message}: trying again${failures >= BACKOFF.length ? ' every 5 s' : ''}`);
        }
      }
      this.#options.say(
        `${name} runs again as process ${part.pid}, after ${((Date.now() - began) / 1000).toFixed(1)} s`,
      );
    }
  }
}
