import type { Engine } from '#workflows/trading/engine.ts';
import type { Move, Worked } from '#workflows/trading/journal.ts';
import type { Order } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { updateOf, viewFill, viewOrder } from '#workflows/trading/view.ts';
import { type Account, accounts, written } from '../money/ledger.ts';
import { bodyText, type Outcome } from './commands.ts';
import { orderJson } from './orders.ts';

/** A command with what came of it, and how its orders stood then. `id` is null for the pair's own clock. */
export type Numbered = { id: bigint | null; worked: Worked; stood: ReadonlyMap<string, Order> };

/** A batch as `write_trading_batch` takes it, and who hears of it. */
export function batchOf(engine: Engine, all: readonly Numbered[], seq: number): { text: string; users: string[] } {
  const { pair, position } = engine;
  const touched = new Map<string, Order>();
  for (const { worked } of all) for (const order of worked.touched) touched.set(order.id, order);
  const tell = tellingsOf(all, pair);
  const text = JSON.stringify({
    book: { n: position.n, seq, trades: position.trades, last_ticks: position.last, clock: position.clock },
    pair: all.some(({ worked }) => worked.command.kind === 'set') ? { state: pair.state, band_bps: pair.bandBps } : {},
    orders: [...touched.values()].map(orderJson),
    trades: all.flatMap(({ worked }) => worked.trades.map((trade) => tradeJson(trade, worked))),
    commands: all.filter(({ id }) => id !== null).map((each) => commandJson(each, pair)),
    timed: all.filter(({ id }) => id === null).map((each) => commandJson(each, pair)),
    transfers: all.filter(({ worked }) => worked.moves.length > 0).map(({ worked }) => transferOf(worked, pair)),
    tell,
  });
  return { text, users: tell.map(({ user_id }) => user_id) };
}

function tradeJson(trade: Worked['trades'][number], { n, at }: Worked) {
  const { makerOrderId, takerOrderId, makerId, takerId, takerSide, ticks, lots, cost, makerFee, takerFee } = trade;
  return {
    ...{ n: trade.n, command_n: n, maker_order_id: makerOrderId, taker_order_id: takerOrderId },
    ...{ maker_id: makerId, taker_id: takerId, taker_side: takerSide, ticks, lots, at },
    ...{ cost: cost.toString(), maker_fee: makerFee.toString(), taker_fee: takerFee.toString() },
  };
}

function commandJson(each: Numbered, pair: Pair) {
  const { id, worked } = each;
  const { command, n, at } = worked;
  const timed = id === null && { order_id: command.orderId, kind: command.kind, body: JSON.parse(bodyText(command)) };
  return { id: id?.toString(), n, at, outcome: outcomeOf(each, pair), ...timed };
}

function outcomeOf({ worked, stood }: Numbered, pair: Pair): Outcome {
  const { refusal, order, trades, touched, command, at } = worked;
  if (refusal) return { refusal };
  if (command.kind === 'cancel_all') return { cancelled: touched.length };
  if (order === null) return { done: true };
  const own = trades.map((trade) => viewFill(trade, at, 'taker', pair));
  return { order: viewOrder(stood.get(order.id) ?? order, pair), fills: own };
}

/** All money that a command moves is one transfer: an order that takes has its trades, fees and what it holds in it. */
function transferOf({ n, at, command, trades, moves }: Worked, pair: Pair) {
  const reason = trades.length > 0 ? 'trade' : command.kind === 'place' ? 'order_placed' : 'order_released';
  return written({
    key: `trading_${pair.id}_${n}`,
    reason,
    conversationId: null,
    occurredAt: at,
    legs: moves.map((move) => ({ account: accountOf(move, command.orderId), amount: move.amount })),
    more: { memo: pair.id },
  });
}

function accountOf({ account, userId, asset }: Move, orderId: string | null): Account {
  if (account === 'fee') return accounts.fee(orderId ?? '00', asset);
  return accounts[account](userId as string, asset);
}

/** What each person hears: of every command that touched an order of theirs, and then what they have. */
function tellingsOf(all: readonly Numbered[], pair: Pair) {
  const told = new Map<string, { events: string[]; assets: Set<string> }>();
  const of = (userId: string) => {
    const theirs = told.get(userId) ?? { events: [], assets: new Set<string>() };
    told.set(userId, theirs);
    return theirs;
  };
  for (const { worked, stood } of all) {
    for (const { id, userId } of worked.touched) {
      const data = updateOf(stood.get(id) as Order, worked, pair);
      of(userId).events.push(JSON.stringify({ name: 'order_update', data }));
    }
    for (const { userId, asset } of worked.moves) if (userId !== null) of(userId).assets.add(asset);
  }
  return [...told].map(([user_id, { events, assets }]) => ({
    ...{ user_id, many: events.length, events: events.join(','), assets: [...assets] },
  }));
}
