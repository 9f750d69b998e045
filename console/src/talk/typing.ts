/** Who types says so again this often, in ms. */
const REPEAT = 3_000;
/** After this long without a key, in ms, one is no longer typing. */
const ENDS = 3_000;
/** After this long without a word of it, in ms, the other side is no longer typing: its end may have been lost. */
const FORGOTTEN = REPEAT + ENDS + 2_000;

/** Tells the other side that one types, and that one has stopped. */
export class Typist {
  readonly #say: (command: 'typing_start' | 'typing_stop') => void;
  #said: number | null = null;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (command: 'typing_start' | 'typing_stop') => void) {
    this.#say = say;
  }

  /** A key was pressed. */
  type(): void {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.stop(), ENDS);
    const now = performance.now();
    if (this.#said !== null && now - this.#said < REPEAT) return;
    this.#said = now;
    this.#say('typing_start');
  }

  stop(): void {
    clearTimeout(this.#end);
    if (this.#said === null) return;
    this.#said = null;
    this.#say('typing_stop');
  }
}

/** What is heard of the other side's typing: so, until it is said to have ended or was not said for a while. */
export class TypingHeard {
  readonly #onChange: (typing: boolean) => void;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(onChange: (typing: boolean) => void) {
    this.#onChange = onChange;
  }

  hear(typing: boolean): void {
    clearTimeout(this.#end);
    if (typing) this.#end = setTimeout(() => this.hear(false), FORGOTTEN);
    this.#onChange(typing);
  }
}
