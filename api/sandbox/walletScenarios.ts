import type { Call, Data, Player, World } from './world.ts';

/** What people do with their wallets, brought to where one wants to see it. */

export type Alone<P extends Player = Player> = { id: string; player: P };

/** In a payee's papers. */
export const PAYEE = 'Asha Rao';

/** Somebody is given rupees and has `amount` of them sent to an account that is good. */
export async function requestPayout<P extends Player>(
  call: Call<P>,
  payee: P,
  { given, amount }: { given: string; amount: string },
): Promise<{ id: string; destinationId: string }> {
  const wallet = `/api/wallet/${payee.id}`;
  await call('POST', '/api/sandbox/faucet', payee, { asset: 'INR', amount: given });
  await call('POST', `${wallet}/kyc`, payee, { kind: 'sandbox', name: PAYEE });
  const { destination } = await call('POST', `${wallet}/destinations`, payee, { kind: 'sandbox', account: 'ok' });
  const asked = { amount, asset: 'INR', destination_id: destination.id };
  const { payout } = await call('POST', `${wallet}/payouts`, payee, asked);
  return { id: payout.id, destinationId: destination.id };
}

export const payoutOf =
  (amount: string) =>
  async ({ call, player }: World): Promise<Alone> => {
    const payee = await player('payee', ['influencer']);
    const { id } = await requestPayout(call, payee, { given: amount, amount });
    return { id, player: payee };
  };

/** 500 of an asset are ordered; answers the top-up and its order. */
export const orderTopUp = <P extends Player>(call: Call<P>, by: P, asset: 'INR' | 'TOKEN'): Promise<Data> =>
  call('POST', '/api/wallet/topup', by, { amount: '500', asset });

export async function topUpOrdered({ call, player }: World): Promise<Alone> {
  const buyer = await player('buyer', ['viewer']);
  return { id: (await orderTopUp(call, buyer, 'TOKEN')).top_up.id, player: buyer };
}

/** Ordered and paid. */
export async function payTopUp<P extends Player>(
  { call, pay }: Pick<World<P>, 'call' | 'pay'>,
  by: P,
  asset: 'INR' | 'TOKEN',
): Promise<{ id: string; orderId: string; checkoutUrl: string }> {
  const { top_up, payment_order: order } = await orderTopUp(call, by, asset);
  await pay(order.order_id, 'pay', top_up.id);
  return { id: top_up.id, orderId: order.order_id, checkoutUrl: order.checkout_url };
}

export async function topUpPaid(world: World): Promise<Alone> {
  const player = await world.player('buyer', ['viewer']);
  return { id: (await payTopUp(world, player, 'TOKEN')).id, player };
}

/** A payment of somebody's that their bank was asked to take back: all of it is set aside. */
export async function chargedBack<P extends Player>(world: World<P>): Promise<Alone<P> & { checkoutUrl: string }> {
  const player = await world.player('payee', ['viewer']);
  const { id, orderId, checkoutUrl } = await payTopUp(world, player, 'INR');
  return { id: await world.chargeBack(orderId, player, id), player, checkoutUrl };
}

/** Somebody's profile, by somebody who has the credits. */
export async function boostProfile<P extends Player>(
  call: Call<P>,
  booster: P,
  asked: { targetUserId: string; amount: number; duration: number },
): Promise<string> {
  return (await call('POST', '/api/credits/boost/profile', booster, asked)).boost.id;
}

export async function boosted({ call, player }: World): Promise<Alone> {
  const booster = await player('booster', ['creator']);
  await call('POST', '/api/sandbox/faucet', booster, { asset: 'CREDIT', amount: '100' });
  const id = await boostProfile(call, booster, { targetUserId: booster.id, amount: 100, duration: 24 });
  return { id, player: booster };
}
