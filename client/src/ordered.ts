import type { DurableEvent } from './frames.ts';

/** What is kept of a user's events, a page at a time, in their order. */
export type ReadEvents = (after: number) => Promise<{ events: readonly DurableEvent[]; more: boolean }>;

export type OrderedOptions = {
  /** The number of the last event that was handed on; null: begin with what comes. */
  after: number | null;
  read: ReadEvents;
  /** Each event once, in order. */
  onEvent: (event: DurableEvent) => void;
  /** Events are missing that nobody has any more, or what was read before may be older than what follows. */
  onGap: () => void;
};

/**
 * Hands on each event once and in order, whatever a line brings: what it brings again is passed over, and what it did
 * not bring is read.
 */
export class Ordered {
  readonly #options: OrderedOptions;
  #position: number | null;
  /** What has come while something before it is being read; null while nothing is. */
  #held: DurableEvent[] | null = null;

  constructor(options: OrderedOptions) {
    this.#options = options;
    this.#position = options.after;
  }

  /** The number of the last event that was handed on. */
  get position(): number | null {
    return this.#position;
  }

  /**
   * A line begins behind `seq`, or, where it has resumed, behind our position. Resolves when all is handed on up to
   * there; throws where that could not be read, and then nothing more may be taken of this line.
   */
  async begin({ seq, resumed }: { seq: number; resumed: boolean }): Promise<void> {
    if (resumed) return;
    const from = this.#position;
    if (from === seq) return;
    if (from === null || from > seq) {
      this.#position = seq;
      this.#options.onGap();
      return;
    }
    const held: DurableEvent[] = [];
    this.#held = held;
    await this.#readOn(from, seq, held);
    // The line has gone meanwhile.
    if (this.#held !== held) return;
    this.#held = null;
    for (const event of held) this.take(event);
  }

  /** False where one is missing before it: then it was not taken, and the line is to be opened anew. */
  take(event: DurableEvent): boolean {
    if (this.#held) {
      this.#held.push(event);
      return true;
    }
    if (this.#position !== null && event.seq <= this.#position) return true;
    if (this.#position !== null && event.seq !== this.#position + 1) return false;
    this.#handOn(event);
    return true;
  }

  /** Gives up what the line brought; the next one brings it again. */
  drop(): void {
    this.#held = null;
  }

  async #readOn(from: number, until: number, held: DurableEvent[]): Promise<void> {
    for (let after = from; after < until; ) {
      const { events, more } = await this.#options.read(after);
      if (this.#held !== held) return;
      for (const event of events) {
        if (event.seq <= after) continue;
        if (event.seq !== after + 1) this.#options.onGap();
        after = event.seq;
        this.#handOn(event);
      }
      if (more) continue;
      if (after < until) {
        this.#position = until;
        this.#options.onGap();
      }
      return;
    }
  }

  #handOn(event: DurableEvent): void {
    // First, so that who throws is not told again.
    this.#position = event.seq;
    this.#options.onEvent(event);
  }
}
