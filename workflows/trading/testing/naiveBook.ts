/** A book as one would write it down on paper: one list, searched from end to end each time. */
import type { Incoming, Level, Side } from '../book.ts';

type Line = { id: string; owner: string; side: Side; ticks: number; lots: number };
export type NaiveTrade = { maker: string; ticks: number; lots: number };

export class NaiveBook {
  lines: Line[] = [];

  /** Trades, and what is left; null where nothing of it may rest. */
  give(order: Incoming & { id: string; rests: boolean }): { trades: NaiveTrade[]; left: number; gone: string[] } {
    const before = this.lines.map((line) => ({ ...line }));
    const trades: NaiveTrade[] = [];
    const gone: string[] = [];
    let { lots } = order;
    let spent = 0;
    let stopped = false;
    while (lots > 0 && !stopped) {
      const maker = this.#bestFor(order);
      if (!maker) break;
      if (maker.owner === order.owner) {
        if (order.selfTrade === 'decrement') {
          const both = Math.min(lots, maker.lots);
          lots -= both;
          maker.lots -= both;
          if (order.whole) stopped = true;
        } else {
          if (order.selfTrade !== 'expire_taker') {
            gone.push(maker.id);
            maker.lots = 0;
          }
          stopped = order.selfTrade !== 'expire_maker';
        }
      } else {
        const wanted = Math.min(lots, maker.lots);
        const some =
          order.budget === null ? wanted : Math.min(wanted, Math.floor((order.budget - spent) / maker.ticks));
        if (some > 0) trades.push({ maker: maker.id, ticks: maker.ticks, lots: some });
        lots -= some;
        spent += some * maker.ticks;
        maker.lots -= some;
        stopped = some < wanted;
      }
      this.lines = this.lines.filter((line) => line.lots > 0);
    }
    if (order.whole && (lots > 0 || stopped)) {
      this.lines = before;
      return { trades: [], left: order.lots, gone: [] };
    }
    if (lots > 0 && !stopped && order.rests && order.ticks !== null) {
      this.lines.push({ id: order.id, owner: order.owner, side: order.side, ticks: order.ticks, lots });
    }
    return { trades, left: lots, gone };
  }

  reduce(id: string, lots?: number): void {
    for (const line of this.lines) if (line.id === id) line.lots -= lots ?? line.lots;
    this.lines = this.lines.filter((line) => line.lots > 0);
  }

  levels(side: Side): Level[] {
    const sums = new Map<number, number>();
    for (const line of this.lines) {
      if (line.side === side) sums.set(line.ticks, (sums.get(line.ticks) ?? 0) + line.lots);
    }
    return [...sums].sort(([one], [other]) => (side === 'buy' ? other - one : one - other));
  }

  /** The first of those with the best price. */
  #bestFor({ side, ticks: worst }: Incoming): Line | null {
    let best: Line | null = null;
    for (const line of this.lines) {
      if (line.side === side) continue;
      if (worst !== null && (side === 'buy' ? line.ticks > worst : line.ticks < worst)) continue;
      if (!best || (side === 'buy' ? line.ticks < best.ticks : line.ticks > best.ticks)) best = line;
    }
    return best;
  }
}
