import { SELF_TRADE } from '#workflows/trading/book.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { lotsOf } from '#workflows/trading/testing/lots.ts';
import type { Given } from '../commands.ts';
import { cancelling, orderBy, placing } from './traders.ts';

/** Commands drawn by a seed, of some people and a few prices. */
export function drawn(pair: Pair, users: readonly string[], seed: number, many: number): Given[] {
  const lots = lotsOf(seed);
  const known: { id: string; userId: string }[] = [];
  return Array.from({ length: many }, () => {
    if (lots.below(6) === 0 && known.length > 0) {
      const { id, userId } = lots.oneOf(known);
      if (lots.below(2) === 0) return cancelling(pair, id, userId);
      const body = { ticks: lots.below(2) === 0 ? null : 90 + lots.below(20), lots: 1 + lots.below(9) };
      return { pairId: pair.id, command: { kind: 'amend', userId, orderId: id, body }, key: null } satisfies Given;
    }
    const market = lots.below(8) === 0;
    const order = orderBy(lots.oneOf(users), {
      side: lots.oneOf(['buy', 'sell']),
      type: market ? 'market' : 'limit',
      ticks: market ? null : 90 + lots.below(20),
      lots: 1 + lots.below(9),
      timeInForce: lots.oneOf(['GTC', 'GTC', 'GTC', 'IOC', 'FOK']),
      selfTrade: lots.oneOf(SELF_TRADE),
    });
    known.push(order);
    return placing(pair, order);
  });
}
