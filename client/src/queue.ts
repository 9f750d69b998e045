import { pauseAfter } from './pauses.ts';
import { Refusal, refusalOf } from './refusal.ts';

/** Where a page keeps what is to outlive it; `localStorage` and `sessionStorage` are such. */
export interface Store {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

/** One call, as it is kept: by its key the API does it once, however often it is sent. */
export type Call = {
  key: string;
  /** The operation's. */
  name: string;
  path: Readonly<Record<string, unknown>>;
  body?: unknown;
  query?: unknown;
};

export type QueueOptions = {
  /** Does a call; rejects with a Refusal. */
  send: (call: Call, signal?: AbortSignal) => Promise<unknown>;
  /** What waits is kept here, so that it is sent when the page is there again. */
  store?: Store | undefined;
  /** The name it is kept under. */
  place?: string;
  /** What became of a call that an earlier page left: nobody else waits for it. */
  onLeft?: (call: Call, refusal: Refusal | null) => void;
  onLength?: (length: number) => void;
};

type Entry = {
  call: Call;
  signal: AbortSignal | undefined;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
  onAbort?: () => void;
};

/** Whether to wait with it, rather than to say that it was refused. */
function waits(refusal: Refusal): boolean {
  return ['UNREACHABLE', 'UNAVAILABLE', 'RATE_LIMITED'].includes(refusal.code);
}

/** What changes the same thing in the same way, such as messages into one room. */
function laneOf({ name, path }: Call): string {
  return JSON.stringify([name, path]);
}

/**
 * Calls that change something: those of one lane one after the other, in the order in which they were asked for. While
 * the line is away they wait, and what was sent without being answered is sent again under its key.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #entries: Entry[] = [];
  /** Lanes that are worked on. */
  readonly #working = new Set<string>();
  /** End the pauses that are under way. */
  readonly #hurries = new Set<() => void>();
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    for (const call of this.#kept()) {
      const left = (refusal: Refusal | null) => options.onLeft?.(call, refusal);
      this.#entries.push({
        ...{ call, signal: undefined },
        resolve: () => left(null),
        reject: (error) => left(refusalOf(error)),
      });
    }
    this.#changed();
    for (const { call } of this.#entries) void this.#work(laneOf(call));
  }

  get length(): number {
    return this.#entries.length;
  }

  add(call: Call, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const entry: Entry = { call, signal, resolve, reject };
      this.#entries.push(entry);
      this.#changed();
      // The first may be under way; then its request is aborted by the same signal.
      entry.onAbort = () => this.#settle(entry, () => reject(signal?.reason));
      signal?.addEventListener('abort', entry.onAbort);
      void this.#work(laneOf(call));
    });
  }

  /** The line is there again: what waits is sent at once. */
  hurry(): void {
    for (const hurry of this.#hurries) hurry();
  }

  /** Sends no more. What waits stays where it is kept, and is refused here. */
  close(): void {
    this.#closed = true;
    this.hurry();
    for (const { reject } of this.#entries.splice(0)) reject(new Refusal('The client was closed.', 'UNREACHABLE', 0));
  }

  async #work(lane: string): Promise<void> {
    if (this.#working.has(lane)) return;
    this.#working.add(lane);
    const next = () => this.#entries.find(({ call }) => laneOf(call) === lane);
    let tries = 0;
    for (let entry = next(); entry && !this.#closed; entry = next()) {
      const refusal = await this.#try(entry);
      if (refusal) await this.#pause(refusal, tries++);
      else tries = 0;
    }
    this.#working.delete(lane);
  }

  /** Why it has to be tried again; null when it is settled. */
  async #try(entry: Entry): Promise<Refusal | null> {
    const { call, signal, resolve, reject } = entry;
    try {
      const answer = await this.#options.send(call, signal);
      this.#settle(entry, () => resolve(answer));
    } catch (error) {
      if (signal?.aborted) return null;
      const refusal = refusalOf(error);
      if (waits(refusal)) return refusal;
      this.#settle(entry, () => reject(refusal));
    }
    return null;
  }

  #pause({ details }: Refusal, tries: number): Promise<void> {
    const { retry_after } = details;
    const asked = typeof retry_after === 'number' ? retry_after * 1_000 : 0;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#hurries.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(asked, pauseAfter(tries)));
      this.#hurries.add(end);
    });
  }

  /** Once: what was taken out is nobody's any more. */
  #settle(entry: Entry, tell: () => void): void {
    const at = this.#entries.indexOf(entry);
    if (at < 0) return;
    this.#entries.splice(at, 1);
    if (entry.onAbort) entry.signal?.removeEventListener('abort', entry.onAbort);
    this.#changed();
    tell();
  }

  #changed(): void {
    const { store, place = 'tandem.queue', onLength } = this.#options;
    if (this.#entries.length === 0) store?.removeItem(place);
    else store?.setItem(place, JSON.stringify(this.#entries.map(({ call }) => call)));
    onLength?.(this.#entries.length);
  }

  #kept(): Call[] {
    const { store, place = 'tandem.queue' } = this.#options;
    try {
      return JSON.parse(store?.getItem(place) ?? '[]') as Call[];
    } catch {
      return [];
    }
  }
}
