/**
 * A pair at work: takes the commands of its journal one after the other and says what comes of each. It has the book, the
 * open orders and the pair in memory, and knows of the world what it is handed: the time, and what wallets have. The same
 * commands give the same trades.
 */
import { shareRoundedDown } from '../money.ts';
import { Book, type Plan, type Resting } from './book.ts';
import type { Bodies, BookChange, Command, Refusal, Trade, Worked } from './journal.ts';
import { type EndReason, holdOf, leftOf, type NewOrder, type Order } from './order.ts';
import { bandOf, formatLots, formatTicks, notionalOf, type Pair, sizeProblem, unitOf } from './pair.ts';
import { Till, type Wallets } from './till.ts';

/** Open orders of one account in a pair. */
const OPEN_AT_MOST = 500;

/** Where a pair's journal stands. */
export type Position = { n: number; trades: number; last: number | null; clock: string };

export class Engine {
  readonly pair: Pair;
  readonly position: Position;
  readonly #book = new Book();
  readonly #orders = new Map<string, Order>();
  readonly #many = new Map<string, number>();
  /** Open orders whose time will be up. */
  readonly #timed = new Map<string, string>();
  /** Undefined where the first of them has gone, until somebody asks. */
  #nextTimed: string | null | undefined = null;

  /** `open` are all open orders, in the order of their ranks. */
  constructor(pair: Pair, position: Position, open: readonly Order[]) {
    this.pair = { ...pair };
    this.position = { ...position };
    for (const order of open) this.#lay({ ...order });
    this.#book.changes();
  }

  /** Takes the next command of the journal. `now` may not go back: where it does, the pair's clock stands. */
  work(command: Command, wallets: Wallets, now: string): Worked {
    if (now > this.position.clock) this.position.clock = now;
    this.position.n++;
    const turn = new Turn(this.position, new Till(this.pair, wallets));
    const refusal = this.#carryOut(command, turn);
    const { orderId } = command;
    return {
      n: this.position.n,
      at: this.position.clock,
      command,
      refusal,
      order: turn.order ?? (orderId === null ? null : (this.#orders.get(orderId) ?? null)),
      trades: turn.trades,
      touched: [...turn.touched],
      moves: turn.till.moves(),
    };
  }

  /** A command of the journal that was refused: it has its number and changed nothing. */
  pass(now: string): void {
    if (now > this.position.clock) this.position.clock = now;
    this.position.n++;
  }

  /** Orders whose time is up, as commands of the pair's own clock. */
  due(now: string): Command[] {
    const { nextDue } = this;
    if (nextDue === null || nextDue > now) return [];
    const due = [...this.#timed]
      .filter(([, at]) => at <= now)
      .sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1));
    return due.map(([orderId]) => ({ kind: 'expire', userId: null, orderId, body: {} }));
  }

  /** When the next order's time is up. */
  get nextDue(): string | null {
    if (this.#nextTimed === undefined) {
      let first: string | null = null;
      for (const at of this.#timed.values()) if (first === null || at < first) first = at;
      this.#nextTimed = first;
    }
    return this.#nextTimed;
  }

  /** What changed in the book since this was last asked. */
  changes(): BookChange {
    const { buy, sell } = this.#book.changes();
    return { bids: buy, asks: sell };
  }

  levels(): BookChange {
    return { bids: this.#book.levels('buy'), asks: this.#book.levels('sell') };
  }

  orders(): readonly Order[] {
    return [...this.#orders.values()];
  }

  #carryOut(command: Command, turn: Turn): Refusal | null {
    switch (command.kind) {
      case 'place':
        return this.#place(command.body, turn);
      case 'amend':
        return this.#withOrder(command, (order) => this.#amend(order, command.body, turn));
      case 'cancel':
        if (this.pair.state === 'halted') return closed(this.pair);
        return this.#withOrder(command, (order) => this.#end(order, 'cancelled', 'asked', turn));
      case 'expire':
        return this.#withOrder(command, (order) => this.#end(order, 'expired', 'time', turn));
      case 'cancel_all':
        return this.#cancelAll(command.body, turn);
      case 'set':
        if (command.body.state !== null) this.pair.state = command.body.state;
        this.pair.bandBps = command.body.bandBps;
        return null;
      default:
        // Of a newer release, or of nobody: it is not to be taken for done.
        throw new RangeError(`${(command as Command).kind} is no command of a pair`);
    }
  }

  /** Somebody else's order is not there for one. */
  #withOrder({ orderId, userId }: Command, act: (order: Order) => Refusal | null): Refusal | null {
    const order = orderId === null ? undefined : this.#orders.get(orderId);
    if (!order || (userId !== null && order.userId !== userId)) {
      return refuse('FLOW_STATE_INVALID', 'This order is over.', { order_id: orderId, required_state: 'open' });
    }
    return act(order);
  }

  #place(asked: NewOrder, turn: Turn): Refusal | null {
    if (this.pair.state !== 'trading') return closed(this.pair);
    if (asked.expiresAt !== null && asked.expiresAt <= turn.at) {
      return refuse('CONFLICT', 'This order’s time is up already.', { expires_at: asked.expiresAt });
    }
    if ((this.#many.get(asked.userId) ?? 0) >= OPEN_AT_MOST) {
      const details = { limit: 'open_orders', allowed: OPEN_AT_MOST };
      return refuse('LIMIT_REACHED', `At most ${OPEN_AT_MOST} orders of one account are open in a pair.`, details);
    }
    const order: Order = {
      ...asked,
      ...{ filled: 0, cost: 0n, fee: 0n, held: 0n, state: 'open', reason: null },
      ...{ rank: turn.n, madeAt: turn.at, updatedAt: turn.at },
    };
    const plan = this.#plan(order, leftOf(order));
    const refusal = this.#refusalOf(order, plan, leftOf(order), turn);
    if (refusal) return refusal;
    this.#enter(order, plan, turn);
    return null;
  }

  /** Less of it keeps its place; another price, or more, is as if it came anew. */
  #amend(order: Order, { ticks, lots }: Bodies['amend'], turn: Turn): Refusal | null {
    if (this.pair.state !== 'trading') return closed(this.pair);
    const changed = { ...order, ticks: ticks ?? order.ticks, lots: lots ?? order.lots };
    if (changed.lots <= order.filled) {
      const filled = formatLots(order.filled, this.pair);
      return refuse('CONFLICT', `Of this order ${filled} is traded: its amount has to be more.`, { filled });
    }
    const problem = sizeProblem(this.pair, changed.ticks as number, changed.lots);
    if (problem) return refuse('CONFLICT', `The order ${problem}.`, {});
    if (changed.ticks === order.ticks && changed.lots <= order.lots) {
      if (changed.lots < order.lots) {
        this.#book.reduce(order.id, order.lots - changed.lots);
        order.lots = changed.lots;
        this.#hold(order, turn);
      }
      turn.about(order);
      return null;
    }
    const plan = this.#plan(changed, leftOf(changed));
    const refusal = this.#refusalOf(changed, plan, leftOf(changed), turn, order.held);
    if (refusal) return refusal;
    this.#remove(order);
    order.ticks = changed.ticks;
    order.lots = changed.lots;
    order.rank = turn.n;
    turn.till.hold(order, 0n);
    this.#enter(order, plan, turn);
    return null;
  }

  #cancelAll({ side, userId, operator }: Bodies['cancel_all'], turn: Turn): Refusal | null {
    if (this.pair.state === 'halted' && !operator) return closed(this.pair);
    for (const order of [...this.#orders.values()]) {
      const meant = (side === null || order.side === side) && (userId === null || order.userId === userId);
      if (meant) this.#end(order, 'cancelled', operator ? 'operator' : 'asked', turn);
    }
    turn.order = null;
    return null;
  }

  #plan(order: Order, lots: number): Plan {
    const band = bandOf(this.pair, this.position.last);
    const edge = band && (order.side === 'buy' ? band.high : band.low);
    return this.#book.plan({
      owner: order.userId,
      side: order.side,
      ticks: order.ticks ?? edge,
      lots,
      whole: order.timeInForce === 'FOK',
      selfTrade: order.selfTrade,
      budget: this.#budgetOf(order),
    });
  }

  /** What an order may come to with its fee taken off, as ticks times lots. */
  #budgetOf({ maxSpend, takerBps }: Order): number | null {
    if (maxSpend === null) return null;
    return Number((maxSpend * 10_000n) / (10_000n + BigInt(takerBps)) / unitOf(this.pair));
  }

  /** What stands against an order; `held` is what is set aside for it already. */
  #refusalOf(order: Order, plan: Plan, lots: number, turn: Turn, held = 0n): Refusal | null {
    const { pair } = this;
    const { side, ticks } = order;
    const band = bandOf(pair, this.position.last);
    if (band && ticks !== null && (ticks < band.low || ticks > band.high)) {
      const [low, high] = [formatTicks(band.low, pair), formatTicks(band.high, pair)];
      return refuse('LIMIT_REACHED', `Now a price is from ${low} to ${high}.`, { limit: 'price_band', low, high });
    }
    if (order.postOnly && ticks !== null && this.#book.crosses(side, ticks)) {
      return refuse('CONFLICT', 'This order would take from the book, and is to add to it alone.', { post_only: true });
    }
    const need = this.#needOf(order, plan, lots);
    const available = turn.till.available(order) + held;
    if (need > available) {
      const asset = side === 'buy' ? pair.quote : pair.base;
      return refuse('INSUFFICIENT_FUNDS', `The order may need more ${asset} than the wallet has.`, { asset });
    }
    return null;
  }

  /** What an order may need: at its price, and of a market order what it would take now. */
  #needOf({ side, type, ticks, takerBps, makerBps }: Order, { meetings }: Plan, lots: number): bigint {
    if (type === 'limit') return holdOf(this.pair, side, ticks as number, lots, Math.max(takerBps, makerBps));
    const traded = meetings.filter(({ kind }) => kind === 'trade');
    if (side === 'sell') return BigInt(traded.reduce((sum, meeting) => sum + meeting.lots, 0)) * this.pair.lot;
    return traded.reduce((sum, { maker, lots: met }) => sum + holdOf(this.pair, 'buy', maker.ticks, met, takerBps), 0n);
  }

  /** Carries out what was planned for an order, and lays what is left of it into the book, or ends it. */
  #enter(order: Order, { meetings, left, halt }: Plan, turn: Turn): void {
    const made = meetings.map((meeting) => ({ ...meeting, ticks: meeting.maker.ticks }));
    this.#book.take(meetings);
    for (const { maker, kind, lots, ticks } of made) {
      const other = this.#orders.get(maker.id) as Order;
      if (kind === 'trade') this.#trade(order, other, ticks, lots, turn);
      else if (kind === 'expire') this.#close(other, 'cancelled', 'self_trade', turn);
      else this.#decrement(order, other, lots, turn);
    }
    turn.about(order);
    const rests = left > 0 && halt === null && order.type === 'limit' && isLasting(order);
    if (leftOf(order) === 0) this.#close(order, ...endOf(order, 'self_trade'), turn);
    else if (!rests) this.#close(order, 'cancelled', halt ?? 'no_liquidity', turn);
    else {
      order.state = order.filled > 0 ? 'partially_filled' : 'open';
      this.#lay(order);
      this.#hold(order, turn);
    }
  }

  #trade(taker: Order, maker: Order, ticks: number, lots: number, turn: Turn): void {
    const cost = notionalOf(this.pair, ticks, lots);
    const makerFee = shareRoundedDown(cost, maker.makerBps);
    const takerFee = shareRoundedDown(cost, taker.takerBps);
    for (const [order, fee] of [
      [taker, takerFee],
      [maker, makerFee],
    ] as const) {
      order.filled += lots;
      order.cost += cost;
      order.fee += fee;
      turn.till.pay(order, cost, fee, BigInt(lots) * this.pair.lot);
    }
    turn.traded({ maker, taker, ticks, lots, cost, makerFee, takerFee });
    if (leftOf(maker) === 0) this.#close(maker, 'filled', null, turn);
    else {
      maker.state = 'partially_filled';
      this.#hold(maker, turn);
    }
  }

  /** Takes as much from both as they would have traded with each other. */
  #decrement(order: Order, other: Order, lots: number, turn: Turn): void {
    order.lots -= lots;
    other.lots -= lots;
    if (leftOf(other) === 0) this.#close(other, ...endOf(other, 'self_trade'), turn);
    else this.#hold(other, turn);
  }

  #end(order: Order, state: 'cancelled' | 'expired', reason: EndReason, turn: Turn): null {
    this.#book.reduce(order.id);
    this.#close(order, state, reason, turn);
    turn.about(order);
    return null;
  }

  /** An order that is out of the book is over: what is still set aside for it goes back. */
  #close(order: Order, state: Order['state'], reason: EndReason | null, turn: Turn): void {
    order.state = state;
    order.reason = reason;
    turn.till.hold(order, 0n);
    turn.touch(order);
    this.#forget(order);
  }

  /** Sets aside what an order in the book has to have now. */
  #hold(order: Order, turn: Turn): void {
    turn.till.hold(order, holdOf(this.pair, order.side, order.ticks as number, leftOf(order), order.makerBps));
    turn.touch(order);
  }

  #lay(order: Order): void {
    const { id, userId: owner, side } = order;
    const resting: Resting = { id, owner, side, ticks: order.ticks as number, lots: leftOf(order) };
    this.#book.rest(resting);
    this.#orders.set(id, order);
    this.#many.set(owner, (this.#many.get(owner) ?? 0) + 1);
    if (order.expiresAt === null) return;
    this.#timed.set(id, order.expiresAt);
    if (this.#nextTimed === undefined) return;
    if (this.#nextTimed === null || order.expiresAt < this.#nextTimed) this.#nextTimed = order.expiresAt;
  }

  #remove(order: Order): void {
    this.#book.reduce(order.id);
    this.#forget(order);
  }

  #forget({ id, userId, expiresAt }: Order): void {
    // An order that ends as it comes was never in the book.
    if (this.#orders.delete(id)) this.#many.set(userId, (this.#many.get(userId) as number) - 1);
    if (this.#timed.delete(id) && expiresAt === this.#nextTimed) this.#nextTimed = undefined;
  }
}

/** What one command does, gathered. */
class Turn {
  readonly trades: Trade[] = [];
  readonly touched = new Set<Order>();
  readonly till: Till;
  readonly n: number;
  readonly at: string;
  order: Order | null = null;
  readonly #position: Position;

  constructor(position: Position, till: Till) {
    this.#position = position;
    this.n = position.n;
    this.at = position.clock;
    this.till = till;
  }

  about(order: Order): void {
    this.order = order;
    this.touch(order);
  }

  touch(order: Order): void {
    order.updatedAt = this.at;
    this.touched.add(order);
  }

  traded(
    trade: Omit<Trade, 'n' | 'makerOrderId' | 'takerOrderId' | 'makerId' | 'takerId' | 'takerSide'> & {
      maker: Order;
      taker: Order;
    },
  ): void {
    const { maker, taker, ...rest } = trade;
    this.#position.trades++;
    this.#position.last = rest.ticks;
    this.trades.push({
      n: this.#position.trades,
      ...{ makerOrderId: maker.id, takerOrderId: taker.id, makerId: maker.userId, takerId: taker.userId },
      takerSide: taker.side,
      ...rest,
    });
  }
}

const isLasting = ({ timeInForce }: Order): boolean => timeInForce === 'GTC' || timeInForce === 'GTD';

/** How an order ends of which nothing is left: all of it was traded, or some was taken away. */
function endOf({ filled, lots }: Order, reason: EndReason): [Order['state'], EndReason | null] {
  return filled === lots && lots > 0 ? ['filled', null] : ['cancelled', reason];
}

function refuse(code: Refusal['code'], message: string, details: Record<string, unknown>): Refusal {
  return { code, message, details };
}

function closed({ id, state }: Pair): Refusal {
  const details = { current_state: state, required_state: 'trading' };
  const message = state === 'halted' ? `${id} is halted.` : `In ${id} orders can only be cancelled now.`;
  return refuse('FLOW_STATE_INVALID', message, details);
}
