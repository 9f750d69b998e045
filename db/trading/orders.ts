import { z } from 'zod';
import { SELF_TRADE } from '#workflows/trading/book.ts';
import {
  END_REASONS,
  ORDER_STATES,
  ORDER_TYPES,
  type Order,
  type OrderState,
  TIMES_IN_FORCE,
} from '#workflows/trading/order.ts';
import { type Executor, sql } from '../pool.ts';

// A count of ticks or lots stays exact up to 2^53, and none is above 10^15.
const whole = z.bigint().transform(Number);

const orderRow = z.object({
  id: z.string(),
  pair_id: z.string(),
  user_id: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(ORDER_TYPES),
  ticks: whole.nullable(),
  lots: whole,
  filled: whole,
  cost: z.bigint(),
  fee: z.bigint(),
  held: z.bigint(),
  time_in_force: z.enum(TIMES_IN_FORCE),
  post_only: z.boolean(),
  self_trade: z.enum(SELF_TRADE),
  expires_at: z.string().nullable(),
  max_spend: z.bigint().nullable(),
  client_order_id: z.string().nullable(),
  maker_bps: z.int(),
  taker_bps: z.int(),
  state: z.enum(ORDER_STATES),
  reason: z.enum(END_REASONS).nullable(),
  rank: whole,
  made_at: z.string(),
  updated_at: z.string(),
});
type OrderRow = z.infer<typeof orderRow>;

const COLUMNS = sql.fragment`id, pair_id, user_id, side, type, ticks, lots, filled, cost, fee, held, time_in_force, post_only,
  self_trade, expires_at, max_spend, client_order_id, maker_bps, taker_bps, state, reason, rank, made_at, updated_at`;

export type PairedOrder = { pairId: string; order: Order };

function asOrder(row: OrderRow): PairedOrder {
  const { pair_id: pairId, side, type, ticks, lots, filled, cost, fee, held, state, reason, rank } = row;
  return {
    pairId,
    order: {
      ...{ id: row.id, userId: row.user_id, side, type, ticks, lots, filled, cost, fee, held, state, reason, rank },
      timeInForce: row.time_in_force,
      postOnly: row.post_only,
      selfTrade: row.self_trade,
      expiresAt: row.expires_at,
      maxSpend: row.max_spend,
      clientOrderId: row.client_order_id,
      makerBps: row.maker_bps,
      takerBps: row.taker_bps,
      madeAt: row.made_at,
      updatedAt: row.updated_at,
    },
  };
}

/** What of an order changes, as `write_trading_batch` takes it. */
export function changedJson(order: Order) {
  const { id, ticks, lots, filled, state, reason, rank } = order;
  return {
    ...{ id, ticks, lots, filled, state, reason, rank, updated_at: order.updatedAt },
    ...{ cost: order.cost.toString(), fee: order.fee.toString(), held: order.held.toString() },
  };
}

/** An order that is new, as `write_trading_batch` takes it. */
export function orderJson(order: Order) {
  return {
    ...changedJson(order),
    ...{ user_id: order.userId, side: order.side, type: order.type },
    time_in_force: order.timeInForce,
    post_only: order.postOnly,
    self_trade: order.selfTrade,
    expires_at: order.expiresAt,
    max_spend: order.maxSpend?.toString() ?? null,
    client_order_id: order.clientOrderId,
    maker_bps: order.makerBps,
    taker_bps: order.takerBps,
    made_at: order.madeAt,
  };
}

/** A pair's open orders, in the order in which they took their places. */
export async function listOpenOrders(executor: Executor, pairId: string): Promise<Order[]> {
  const rows = await executor.any(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM trading_orders
    WHERE pair_id = ${pairId} AND state IN ('open', 'partially_filled') ORDER BY rank
  `);
  return rows.map((row) => asOrder(row).order);
}

export async function findOrder(executor: Executor, id: string): Promise<PairedOrder | null> {
  const row = await executor.maybeOne(sql.type(orderRow)`SELECT ${COLUMNS} FROM trading_orders WHERE id = ${id}`);
  return row && asOrder(row);
}

/** Somebody's orders, the newest first. */
export async function listOrders(
  executor: Executor,
  asked: {
    userId: string;
    pairId: string | null;
    states: readonly OrderState[];
    clientOrderId: string | null;
    before: string | null;
    limit: number;
  },
): Promise<PairedOrder[]> {
  const { userId, pairId, states, clientOrderId, before, limit } = asked;
  const rows = await executor.any(sql.type(orderRow)`
    SELECT ${COLUMNS} FROM trading_orders
    WHERE user_id = ${userId} AND state = ANY(${sql.array([...states], 'text')})
      AND (${pairId}::text IS NULL OR pair_id = ${pairId})
      AND (${clientOrderId}::text IS NULL OR client_order_id = ${clientOrderId})
      AND (${before}::uuid IS NULL OR id < ${before}::uuid)
    ORDER BY id DESC LIMIT ${limit}
  `);
  return rows.map(asOrder);
}
