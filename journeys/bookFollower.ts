import type { Json, Person } from './person.ts';
import { ok } from './play.ts';

/** Follows a pair's book as the documents say: joins, reads, applies what is next, and reads again where one is missing. */
export class BookFollower {
  seq = -1;
  /** How often it had to read again. */
  gaps = 0;
  readonly #by: Person;
  readonly #path: string;
  readonly #levels = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  #hearing: Promise<void> = Promise.resolve();

  constructor(by: Person, pairId: string) {
    this.#by = by;
    this.#path = `/api/crypto/orderbook/${pairId}?depth=1000`;
  }

  async read(): Promise<void> {
    const { seq, bids, asks } = await ok(this.#by.get(this.#path));
    this.seq = seq;
    this.#levels.bids = new Map(bids);
    this.#levels.asks = new Map(asks);
  }

  /** One after the other, in the order in which they come. */
  hear(update: Json): Promise<void> {
    this.#hearing = this.#hearing.then(() => this.#apply(update));
    return this.#hearing;
  }

  async #apply(update: Json): Promise<void> {
    if (this.seq >= 0 && update.seq > this.seq + 1) {
      this.gaps++;
      await this.read();
    }
    if (update.seq !== this.seq + 1) return;
    this.seq = update.seq;
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, amount] of update[side]) {
        if (Number(amount) === 0) this.#levels[side].delete(price);
        else this.#levels[side].set(price, amount);
      }
    }
  }

  /** Its book as the API would answer it. */
  get book(): Json {
    const sorted = (of: Map<string, string>, up: number) => [...of].sort(([a], [b]) => up * (Number(a) - Number(b)));
    return { seq: this.seq, bids: sorted(this.#levels.bids, -1), asks: sorted(this.#levels.asks, 1) };
  }
}
