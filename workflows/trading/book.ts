/**
 * The book of a pair: who offers what at which price. Whole ticks and lots, price first and then time, and nothing else:
 * no clock, no money. What an order would meet is planned first and done after, so that it can be refused in between.
 */

export type Side = 'buy' | 'sell';

/** What becomes of an order that would meet another of the same account. */
export const SELF_TRADE = ['expire_taker', 'expire_maker', 'expire_both', 'decrement'] as const;
export type SelfTrade = (typeof SELF_TRADE)[number];

/** An order that lies in the book, with what is left of it. */
export type Resting = { readonly id: string; readonly owner: string; readonly side: Side; ticks: number; lots: number };

export type Incoming = {
  owner: string;
  side: Side;
  /** The worst price that it takes; null for any. */
  ticks: number | null;
  lots: number;
  /** All of it at once, or nothing. */
  whole: boolean;
  selfTrade: SelfTrade;
  /** What it may come to at most, as ticks times lots; null for no bound. */
  budget: number | null;
};

/** What happens to a resting order: so many lots are traded, or taken away from both, or all of it is expired. */
export type Meeting = { maker: Resting; kind: 'trade' | 'expire' | 'decrement'; lots: number };

/** Why no more was taken although there was more at its price: it may not rest then. */
export type Halt = 'self_trade' | 'budget' | 'fill_or_kill';

export type Plan = {
  meetings: readonly Meeting[];
  /** Lots that neither trade nor are taken away. */
  left: number;
  halt: Halt | null;
};

export type Level = readonly [ticks: number, lots: number];

type Queue = { readonly ticks: number; lots: number; readonly orders: Map<string, Resting> };

const isBetter = {
  buy: (one: number, other: number) => one > other,
  sell: (one: number, other: number) => one < other,
};

/** One side of a book. Prices lie in an array with the best one last, where it is cheap to come and go. */
class Ladder {
  readonly #better: (one: number, other: number) => boolean;
  readonly #queues: Queue[] = [];

  constructor(side: Side) {
    this.#better = isBetter[side];
  }

  /** Where a price is, or would be. */
  #find(ticks: number): number {
    let low = 0;
    let high = this.#queues.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#better(ticks, (this.#queues[middle] as Queue).ticks)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(ticks: number): Queue | undefined {
    const queue = this.#queues[this.#find(ticks)];
    return queue?.ticks === ticks ? queue : undefined;
  }

  add(order: Resting): void {
    const place = this.#find(order.ticks);
    let queue = this.#queues[place];
    if (queue?.ticks !== order.ticks) {
      queue = { ticks: order.ticks, lots: 0, orders: new Map() };
      this.#queues.splice(place, 0, queue);
    }
    queue.orders.set(order.id, order);
    queue.lots += order.lots;
  }

  /** Takes so many lots of an order, and the order with them where none are left. */
  take(order: Resting, lots: number): void {
    const place = this.#find(order.ticks);
    const queue = this.#queues[place] as Queue;
    order.lots -= lots;
    queue.lots -= lots;
    if (order.lots > 0) return;
    queue.orders.delete(order.id);
    if (queue.orders.size === 0) this.#queues.splice(place, 1);
  }

  /** The best price first; of one price the oldest first. */
  *queues(): Generator<Queue> {
    for (let place = this.#queues.length - 1; place >= 0; place--) yield this.#queues[place] as Queue;
  }
}

export class Book {
  readonly #ladders = { buy: new Ladder('buy'), sell: new Ladder('sell') };
  readonly #orders = new Map<string, Resting>();
  readonly #changed = { buy: new Set<number>(), sell: new Set<number>() };

  /** What an order would meet, and what would be left of it. Changes nothing. */
  plan({ owner, side, ticks: worst, lots, whole, selfTrade, budget }: Incoming): Plan {
    const meetings: Meeting[] = [];
    let left = lots;
    let spent = 0;
    let halt: Halt | null = null;
    for (const maker of this.#against(side, worst)) {
      if (left === 0 || halt) break;
      if (maker.owner === owner) {
        if (selfTrade === 'decrement') {
          const both = Math.min(left, maker.lots);
          meetings.push({ maker, kind: 'decrement', lots: both });
          left -= both;
          continue;
        }
        if (selfTrade !== 'expire_taker') meetings.push({ maker, kind: 'expire', lots: maker.lots });
        if (selfTrade !== 'expire_maker') halt = 'self_trade';
        continue;
      }
      const wanted = Math.min(left, maker.lots);
      const affordable = budget === null ? wanted : Math.floor((budget - spent) / maker.ticks);
      const taken = Math.min(wanted, affordable);
      if (taken > 0) meetings.push({ maker, kind: 'trade', lots: taken });
      left -= taken;
      spent += taken * maker.ticks;
      if (taken < wanted) halt = 'budget';
    }
    if (!whole || (left === 0 && meetings.every(({ kind }) => kind !== 'decrement'))) return { meetings, left, halt };
    return { meetings: [], left: lots, halt: halt ?? 'fill_or_kill' };
  }

  /** The orders of the other side whose price is within what one takes, in the order in which they are met. */
  *#against(side: Side, worst: number | null): Generator<Resting> {
    const other = side === 'buy' ? 'sell' : 'buy';
    for (const { ticks, orders } of this.#ladders[other].queues()) {
      if (worst !== null && isBetter[side](ticks, worst)) return;
      yield* orders.values();
    }
  }

  /** Does to resting orders what was planned, before anything else was done. */
  take(meetings: readonly Meeting[]): void {
    for (const { maker, lots } of meetings) this.reduce(maker.id, lots);
  }

  /** Lays an order behind all others of its price. */
  rest(order: Resting): void {
    this.#ladders[order.side].add(order);
    this.#orders.set(order.id, order);
    this.#changed[order.side].add(order.ticks);
  }

  /** Takes lots away from an order, which keeps its place. Without a number all of them. */
  reduce(id: string, lots?: number): void {
    const order = this.#orders.get(id);
    if (!order) throw new RangeError(`${id} is not in the book`);
    this.#ladders[order.side].take(order, lots ?? order.lots);
    if (order.lots === 0) this.#orders.delete(id);
    this.#changed[order.side].add(order.ticks);
  }

  /** Whether an order at this price would meet another. */
  crosses(side: Side, ticks: number): boolean {
    const best = this.best(side === 'buy' ? 'sell' : 'buy');
    return best !== null && !isBetter[side](best, ticks);
  }

  best(side: Side): number | null {
    for (const { ticks } of this.#ladders[side].queues()) return ticks;
    return null;
  }

  /** The best `depth` prices of a side with what is offered at each. */
  levels(side: Side, depth = Number.POSITIVE_INFINITY): Level[] {
    const levels: Level[] = [];
    for (const { ticks, lots } of this.#ladders[side].queues()) {
      if (levels.length >= depth) break;
      levels.push([ticks, lots]);
    }
    return levels;
  }

  /** What is offered now at each price where that changed since this was last asked; zero where nothing is. */
  changes(): Record<Side, Level[]> {
    const of = (side: Side) => {
      const changed = [...this.#changed[side]].map((ticks): Level => [ticks, this.#ladders[side].at(ticks)?.lots ?? 0]);
      this.#changed[side].clear();
      return changed;
    };
    return { buy: of('buy'), sell: of('sell') };
  }
}
