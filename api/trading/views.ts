import type { Executor } from '#db/pool.ts';
import type { PairedOrder } from '#db/trading/orders.ts';
import { listTradesOfOrders, type TradeRow } from '#db/trading/reads.ts';
import type { FillView, OrderView } from '#workflows/trading/contract.ts';
import type { Trade } from '#workflows/trading/journal.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { viewFill, viewOrder } from '#workflows/trading/view.ts';

export function tradeOf(row: TradeRow): Trade {
  const { n, ticks, lots, cost, maker_fee: makerFee, taker_fee: takerFee, taker_side: takerSide } = row;
  const [makerOrderId, takerOrderId] = [row.maker_order_id, row.taker_order_id];
  const sides = { makerOrderId, takerOrderId, makerId: row.maker_id, takerId: row.taker_id };
  return { n, ticks, lots, cost, makerFee, takerFee, takerSide, ...sides };
}

/** An order with what was traded of it. */
export async function viewWithFills(
  executor: Executor,
  { order }: PairedOrder,
  pair: Pair,
): Promise<{ order: OrderView; fills: FillView[] }> {
  const rows = order.filled === 0 ? [] : await listTradesOfOrders(executor, [order.id]);
  const fills = rows.map((row) => {
    const role = row.maker_order_id === order.id ? ('maker' as const) : ('taker' as const);
    return viewFill(tradeOf(row), row.at, role, pair);
  });
  return { order: viewOrder(order, pair), fills };
}
