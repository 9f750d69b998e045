/** Between two questions of what a client has; a push waits longer. */
const ASK_EVERY_MS = 1_000;

/**
 * Finds out which notifications a client has, and of what else is about to be pushed, so that nothing of it goes to a
 * device as well: behind the last one that was sent goes something that every client answers by itself, after all that
 * came before. One question at a time, and the next no sooner than in a second.
 */
export class Receipts {
  /** False where it cannot be asked now. */
  readonly #ask: (seq: number) => boolean;
  readonly #took: (seq: number) => void;
  /** The last that was sent and is not known to have come; 0 for none. */
  #sent = 0;
  #asked = 0;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(ask: (seq: number) => boolean, took: (seq: number) => void) {
    this.#ask = ask;
    this.#took = took;
  }

  sent(seq: number): void {
    // All that is delivered in one go is asked about together.
    if (this.#sent === 0) queueMicrotask(() => this.look(performance.now()));
    this.#sent = seq;
  }

  /** Asks, where there is something to ask about and it is time. */
  look(now: number): void {
    if (this.#sent === 0 || this.#asked > 0 || now - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = now;
    if (this.#ask(this.#sent)) this.#asked = this.#sent;
  }

  /** The client has answered: it has this one, and all before it. What it was not asked says nothing. */
  answered(seq: number): void {
    if (this.#asked === 0 || seq !== this.#asked) return;
    this.#took(seq);
    if (this.#sent === seq) this.#sent = 0;
    this.#asked = 0;
  }
}
