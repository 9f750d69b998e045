/** At most `limit` events in any span of `spanMs`, exactly: remembers when each of the last `limit` was let through. */
export class SlidingWindow {
  readonly #spanMs: number;
  readonly #times: Float64Array;
  #next = 0;

  constructor(limit: number, spanMs: number) {
    this.#spanMs = spanMs;
    this.#times = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  }

  /** 0 when one more is let through at `now` (in ms, never going back); else the ms until one would be. */
  take(now: number): number {
    const wait = (this.#times[this.#next] as number) + this.#spanMs - now;
    if (wait > 0) return wait;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
    return 0;
  }
}
