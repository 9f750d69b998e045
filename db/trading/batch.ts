import type { Engine } from '#workflows/trading/engine.ts';
import type { Move, Worked } from '#workflows/trading/journal.ts';
import type { Order } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { updateOf, viewFill, viewOrder } from '#workflows/trading/view.ts';
import { type Columns, columnsOf } from '../money/columns.ts';
import { type Account, accounts } from '../money/ledger.ts';
import { bodyText, type Outcome } from './commands.ts';
import { changedJson, orderJson } from './orders.ts';

/** A command with what came of it, and how its orders stood then. `id` is null for the pair's own clock. */
export type Numbered = { id: bigint | null; worked: Worked; stood: ReadonlyMap<string, Order> };

/** What came of a command, by its id. */
export type Answered = readonly [id: bigint, outcome: Outcome];

/** Who hears of a batch: how many events, and their texts, with whose balances of which assets follow them. */
type Told = { userId: string; many: number; events: string; assets: string };

/** A batch as `write_trading_batch` takes it, part by part as JSON; null for a part that most have not. */
type Batch = {
  parts: Record<'book' | 'commands', string> &
    Record<'pair' | 'placed' | 'changed' | 'trades' | 'timed', string | null>;
  told: Told[];
  money: Columns;
  answers: Answered[];
};

export function batchOf(engine: Engine, all: readonly Numbered[], seq: number): Batch {
  const { pair, position } = engine;
  const touched = new Map<string, Order>();
  for (const { worked } of all) for (const order of worked.touched) touched.set(order.id, order);
  const placed = new Set(all.flatMap(({ worked }) => placedBy(worked)));
  const isSet = all.some(({ worked }) => worked.command.kind === 'set');
  const { n, trades, last: last_ticks, clock } = position;
  const given = all.filter(({ id }) => id !== null).map((each) => commandJson(each, pair));
  const timed = all.filter(({ id }) => id === null).map((each) => timedJson(each, pair));
  const parts = {
    book: JSON.stringify({ n, seq, trades, last_ticks, clock }),
    pair: isSet ? JSON.stringify({ state: pair.state, band_bps: pair.bandBps }) : null,
    placed: some([...touched.values()].filter(({ id }) => placed.has(id)).map(orderJson)),
    changed: some([...touched.values()].filter(({ id }) => !placed.has(id)).map(changedJson)),
    trades: some(all.flatMap(({ worked }) => worked.trades.map((trade) => tradeJson(trade, worked)))),
    commands: JSON.stringify(given),
    timed: some(timed),
  };
  const moving = all.filter(({ worked }) => worked.moves.length > 0);
  const money = columnsOf(
    moving.map(({ worked }) => transferOf(worked, pair)),
    pair.id,
  );
  const answers = given.map(({ id, outcome }) => [BigInt(id), outcome] as const);
  return { parts, told: tellingsOf(all, pair), money, answers };
}

/** The order that is there since this command. */
function placedBy({ command, refusal }: Worked): string[] {
  return command.kind === 'place' && refusal === null ? [command.body.id] : [];
}

const some = (rows: readonly unknown[]): string | null => (rows.length === 0 ? null : JSON.stringify(rows));

function tradeJson(trade: Worked['trades'][number], { n, at }: Worked) {
  const { makerOrderId, takerOrderId, makerId, takerId, takerSide, ticks, lots, cost, makerFee, takerFee } = trade;
  return {
    ...{ n: trade.n, command_n: n, maker_order_id: makerOrderId, taker_order_id: takerOrderId },
    ...{ maker_id: makerId, taker_id: takerId, taker_side: takerSide, ticks, lots, at },
    ...{ cost: cost.toString(), maker_fee: makerFee.toString(), taker_fee: takerFee.toString() },
  };
}

function commandJson(each: Numbered, pair: Pair) {
  const { n, at } = each.worked;
  return { id: String(each.id), n, at, outcome: outcomeOf(each, pair) };
}

/** A command of the pair's own clock is written with what came of it. */
function timedJson(each: Numbered, pair: Pair) {
  const { command, n, at } = each.worked;
  const { orderId: order_id, kind } = command;
  return { order_id, kind, body: JSON.parse(bodyText(command)), n, at, outcome: outcomeOf(each, pair) };
}

/** What its giver is told. */
export function outcomeOf({ worked, stood }: Pick<Numbered, 'worked' | 'stood'>, pair: Pair): Outcome {
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
  const legs = moves.map((move) => ({ account: accountOf(move, command.orderId), amount: move.amount }));
  return { key: `trading_${pair.id}_${n}`, reason, occurredAt: at, legs };
}

function accountOf({ account, userId, asset }: Move, orderId: string | null): Account {
  if (account === 'fee') return accounts.fee(orderId ?? '00', asset);
  return accounts[account](userId as string, asset);
}

/** What each person hears: of every command that touched an order of theirs, and then what they have. */
function tellingsOf(all: readonly Numbered[], pair: Pair): Told[] {
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
  return [...told].map(([userId, { events, assets }]) => ({
    ...{ userId, many: events.length, events: events.join(','), assets: [...assets].join(',') },
  }));
}
