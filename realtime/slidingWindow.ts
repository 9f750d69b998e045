/** At most `limit` events in any span of `spanMs`, exactly: remembers when each of the last `limit` was let through. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #spanMs: number;
  /** No more than were let through yet: most sockets say little. */
  #times: number[] | null = null;
  #next = 0;

  constructor(limit: number, spanMs: number) {
    this.#limit = limit;
    this.#spanMs = spanMs;
  }

  /** 0 when one more is let through at `now` (in ms, never going back); else the ms until one would be. */
  take(now: number): number {
    this.#times ??= [];
    const wait = (this.#times[this.#next] ?? Number.NEGATIVE_INFINITY) + this.#spanMs - now;
    if (wait > 0) return wait;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#limit;
    return 0;
  }
}
