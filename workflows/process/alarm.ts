import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One timer that is moved only when what it is set for changes: a signal that leaves the deadline where it is costs
 * the history no timer events.
 */
export class Alarm {
  #scope: CancellationScope | null = null;
  #at: string | null = null;
  readonly #onRing: () => void;

  constructor(onRing: () => void) {
    this.#onRing = onRing;
  }

  /** Rings at the instant, at once where it has passed; null silences it. `summary` is what the Web UI calls it. */
  set(at: string | null, summary: string): void {
    if (at === this.#at) return;
    this.#scope?.cancel();
    this.#scope = null;
    this.#at = at;
    if (at === null) return;
    const scope = new CancellationScope();
    this.#scope = scope;
    scope
      .run(async () => {
        await sleep(Math.max(1, Date.parse(at) - Date.now()), { summary });
        this.#scope = null;
        this.#at = null;
        this.#onRing();
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  }
}
