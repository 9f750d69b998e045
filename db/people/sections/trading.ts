import { sql } from '../../pool.ts';

/** What somebody bought, sold and offered to. */
export function tradingSections(userId: string) {
  return {
    trades: sql.fragment`
      SELECT trades.process_id, role, CASE WHEN role = 'seller' THEN payment_details END AS payment_details
      FROM seats JOIN trades ON trades.process_id = seats.process_id WHERE user_id = ${userId} ORDER BY trades.process_id`,
    trading_offers: sql.fragment`
      SELECT id, side, asset, currency, amount::text AS amount, price, margin_bps, payment_methods, payment_details, state,
        expires_at, made_at
      FROM trading_offers WHERE user_id = ${userId} ORDER BY id`,
    trading_orders: sql.fragment`
      SELECT id, pair_id, side, type, ticks::text AS ticks, lots::text AS lots, filled::text AS filled, cost::text AS cost,
        fee::text AS fee, client_order_id, state, reason, made_at, updated_at
      FROM trading_orders WHERE user_id = ${userId} ORDER BY id`,
    trading_trades: sql.fragment`
      SELECT pair_id, n::text AS n, maker_order_id, taker_order_id, taker_side, ticks::text AS ticks, lots::text AS lots,
        cost::text AS cost, CASE WHEN maker_id = ${userId} THEN maker_fee ELSE taker_fee END::text AS fee, at
      FROM trading_trades
      WHERE maker_order_id IN (SELECT id FROM trading_orders WHERE user_id = ${userId})
        OR taker_order_id IN (SELECT id FROM trading_orders WHERE user_id = ${userId})
      ORDER BY at, pair_id, n`,
  };
}
