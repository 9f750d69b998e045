import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace';

/** Ids by chance, but for a span whose id somebody chose before it was made: what was done under it has that already. */
export class SpanIds implements IdGenerator {
  readonly #chance = new RandomIdGenerator();
  #next: string | null = null;

  generateTraceId(): string {
    return this.#chance.generateTraceId();
  }

  generateSpanId(): string {
    const chosen = this.#next;
    this.#next = null;
    return chosen ?? this.#chance.generateSpanId();
  }

  /** The span that `make` makes first has this id. */
  choose(id: string, make: () => void): void {
    this.#next = id;
    make();
    this.#next = null;
  }
}
