import type { Policy } from '#workflows/trade/policy.ts';
import type { State } from '#workflows/trade/states.ts';
import type { Call, Data, Player, World } from './world.ts';

/** Trades of two people, brought to where one wants to see them. */

/** Both sides of trades. */
export type Traders<P extends Player = Player> = { buyer: P; seller: P };

export type Trade<P extends Player = Player> = Traders<P> & { id: string };

const ESCROW = '/api/crypto/p2p/escrow';

export async function newTraders<P extends Player>({ player }: Pick<World<P>, 'player'>): Promise<Traders<P>> {
  const [buyer, seller] = await Promise.all([player('buyer', ['viewer']), player('seller', ['viewer'])]);
  return { buyer, seller };
}

type Terms = {
  /** Of USDT, which its seller is given; and what it costs in rupees. */
  amount: string;
  price: string;
  policy?: Partial<Policy>;
};

async function openTrade<P extends Player>(
  call: Call<P>,
  { buyer, seller }: Traders<P>,
  { amount, ...terms }: Terms,
): Promise<string> {
  await call('POST', '/api/sandbox/faucet', seller, { asset: 'USDT', amount });
  const { transaction } = await call('POST', ESCROW, seller, {
    ...{ buyer_id: buyer.id, asset: 'USDT', amount, currency: 'INR', ...terms },
    ...{ payment_method: 'UPI', payment_details: 'seller@bank' },
  });
  return transaction.id;
}

/** A side's command. */
const giveTrade = <P extends Player>(
  call: Call<P>,
  ...[id, by, command, data = {}]: [id: string, by: P, command: string, data?: object]
): Promise<Data> => call('POST', `${ESCROW}/${id}/${command}`, by, data);

export type Waiting = Extract<State, 'awaiting_payment' | 'payment_confirmed' | 'disputed'>;

/** Opens a trade and brings it into a state in which somebody is waited for; a dispute is opened by `disputes`. */
export async function bringTrade<P extends Player>(
  call: Call<P>,
  traders: Traders<P>,
  state: Waiting,
  { disputes = 'seller', ...terms }: Terms & { disputes?: keyof Traders },
): Promise<string> {
  const id = await openTrade(call, traders, terms);
  if (state !== 'awaiting_payment') await giveTrade(call, id, traders.buyer, 'confirm');
  if (state === 'disputed') {
    await giveTrade(call, id, traders[disputes], 'dispute', { reason: 'Nothing has arrived.' });
  }
  return id;
}

const SHOWN = { amount: '25', price: '2150' };

/** Of new traders, or those who were handed in, in a state. */
export const tradeIn =
  (state: Waiting) =>
  async (world: World): Promise<Trade> => {
    const traders = await newTraders(world);
    return { ...traders, id: await bringTrade(world.call, traders, state, SHOWN) };
  };

/** Both sides have said in a dispute what they had to say. */
export async function contestedTrade(world: World): Promise<Trade> {
  const trade = await tradeIn('disputed')(world);
  await giveTrade(world.call, trade.id, trade.buyer, 'statement', { text: 'My bank says that it has.' });
  return trade;
}

export async function releasedTrade(world: World): Promise<Trade> {
  const trade = await tradeIn('payment_confirmed')(world);
  await giveTrade(world.call, trade.id, trade.seller, 'release');
  return trade;
}
