import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { ask } from '../asking.ts';
import type { Player } from '../pace.ts';
import type { World } from '../world.ts';

/** One price a pair, so that about half of the orders meet one that lies there, and books stay short. */
const PAIRS = [
  { pairId: 'BTC-USD', price: '65000', amount: '0.001' },
  { pairId: 'ETH-USD', price: '3000', amount: '0.01' },
  { pairId: 'BTC-INR', price: '5000000', amount: '0.0001' },
  { pairId: 'ETH-INR', price: '250000', amount: '0.001' },
] as const;

export function orderPlayer({ url, traders }: World): Player {
  const lots = lotsOf(7);
  return async () => {
    const body = {
      ...{ kind: 'spot', type: 'limit', side: lots.oneOf(['buy', 'sell']), selfTradePrevention: 'expire_maker' },
      ...lots.oneOf(PAIRS),
    };
    await ask(url, 'POST', '/api/trading/orders', { token: lots.oneOf(traders).token, body });
  };
}
