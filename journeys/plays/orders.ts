import type { Json } from '../person.ts';
import { type Play, purse, stands } from './playing.ts';

/** Two orders that meet in the book, with each other or with those of others, and one that is taken back. */

const ORDERS = '/api/trading/orders';
const order = (side: string, price: string) => ({
  ...{ pairId: 'USDT-USD', kind: 'spot', type: 'limit', amount: '10' },
  ...{ side, price },
});

export const playOrders: Play = async (stage) => {
  const { ask } = stage;
  const [seller, buyer] = await Promise.all([stage.newcomer('viewer'), stage.newcomer('viewer')]);
  await ask((key) => seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '10' }, key));
  await ask((key) => buyer.post('/api/sandbox/faucet', { asset: 'USD', amount: '100' }, key));
  const far: Json = (await ask((key) => buyer.post(ORDERS, order('buy', '0.5'), key))).order;
  const sale: Json = (await ask((key) => seller.post(ORDERS, order('sell', '1'), key))).order;
  const purchase: Json = (await ask((key) => buyer.post(ORDERS, order('buy', '1'), key))).order;
  await ask((key) => buyer.ask('DELETE', `${ORDERS}/${far.id}`, undefined, key));
  const is = (status: string) => (seen: Json) => seen.order.status === status;
  return [
    stands(`order ${sale.id} is filled`, seller, `${ORDERS}/${sale.id}`, is('filled')),
    stands(`order ${purchase.id} is filled`, buyer, `${ORDERS}/${purchase.id}`, is('filled')),
    stands(`order ${far.id} is cancelled`, buyer, `${ORDERS}/${far.id}`, is('cancelled')),
    purse(seller, 'USDT', 0n),
    purse(buyer, 'USDT', 10_000_000n),
  ];
};
