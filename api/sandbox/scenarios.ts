import {
  challenged,
  type Fought,
  fought,
  invited,
  live,
  onSale,
  polled,
  type Streamed,
  type Subscribed,
  subscribed,
} from './liveScenarios.ts';

/**
 * Processes brought to where one wants to see them, by what a client would do: accounts, requests and the checkout's
 * buttons, one after the other. Tests and the sandbox play the same ones; each says how a request is made.
 */

/** One request; the `data` of its answer. Throws for what is refused. */
export type Call = (method: 'GET' | 'POST' | 'PUT', path: string, by: Player | null, body?: object) => Promise<Data>;
// biome-ignore lint/suspicious/noExplicitAny: what is answered is read by name, as a client without types reads it.
type Data = any;

export type Player = { id: string; handle: string; access: string };

export type World = {
  call: Call;
  /** Whoever plays a role: somebody who was handed in, or a new account. */
  player(role: string, roles: readonly string[]): Promise<Player>;
  /** Presses a button of the sandbox's checkout, and comes back when what it told is booked. */
  pay(orderId: string, button: 'pay' | 'fail' | 'pay_twice', processId: string): Promise<void>;
  /** Has a payer ask their bank for the money of a process's order back; answers the process that comes of it. */
  chargeBack(orderId: string, by: Player, processId: string): Promise<string>;
};

export type Played = { processId: string; players: Record<string, Player> };
type Scenario = { summary: string; play(world: World): Promise<Played> };

type Deal = { id: string; brand: Player; influencer: Player };

async function applied({ call, player }: World): Promise<Deal> {
  const brand = await player('brand_owner', ['brand_owner']);
  const influencer = await player('influencer', ['influencer']);
  const campaign = { title: 'Monsoon collection', description: 'Three reels about our raincoats.', budget: '20000' };
  const { id } = await call('POST', '/api/campaigns', brand, campaign);
  const words = { message: 'I live where it rains.', proposed_amount: '6000' };
  const { conversation } = await call('POST', `/api/campaigns/${id}/apply`, influencer, words);
  return { id: conversation.id, brand, influencer };
}

const act = ({ call }: World, { id }: { id: string }, by: Player, name: string, body: object = {}) =>
  call('POST', `/api/processes/${id}/actions/${name}`, by, body);

async function offered(world: World): Promise<Deal> {
  const deal = await applied(world);
  await act(world, deal, deal.brand, 'accept_application');
  await act(world, deal, deal.brand, 'send_price_offer', { price: '5000' });
  return deal;
}

async function agreed(world: World): Promise<Deal> {
  const deal = await offered(world);
  await act(world, deal, deal.influencer, 'accept_price');
  return deal;
}

async function paid(world: World): Promise<Deal> {
  const deal = await agreed(world);
  const { payment_order: order } = await act(world, deal, deal.brand, 'proceed_to_payment');
  await world.pay(order.order_id, 'pay', deal.id);
  return deal;
}

async function started(world: World): Promise<Deal> {
  const deal = await paid(world);
  await act(world, deal, deal.influencer, 'start_work');
  return deal;
}

async function submitted(world: World): Promise<Deal> {
  const deal = await started(world);
  await act(world, deal, deal.influencer, 'submit_work', { deliverables: 'https://drive.example/reels' });
  return deal;
}

async function disputed(world: World): Promise<Deal> {
  const deal = await submitted(world);
  await act(world, deal, deal.brand, 'open_dispute', { reason: 'It was filmed indoors.' });
  await act(world, deal, deal.influencer, 'dispute_statement', { statement: 'It rained.' });
  return deal;
}

async function approved(world: World): Promise<Deal> {
  const deal = await submitted(world);
  await act(world, deal, deal.brand, 'approve_work');
  return deal;
}

async function connected({ call, player }: World): Promise<Deal> {
  const brand = await player('brand_owner', ['brand_owner']);
  const influencer = await player('influencer', ['influencer']);
  const bid = {
    title: 'Travel reels from the hills',
    description: 'One reel and two stories.',
    starting_price: '5000',
  };
  const { id } = await call('POST', '/api/bids', influencer, bid);
  const words = { message: 'We have a story for you.', proposed_amount: '5000' };
  const { conversation } = await call('POST', `/api/bids/${id}/connect`, brand, words);
  return { id: conversation.id, brand, influencer };
}

type Trade = { id: string; buyer: Player; seller: Player };

async function opened({ call, player }: World): Promise<Trade> {
  const buyer = await player('buyer', ['viewer']);
  const seller = await player('seller', ['viewer']);
  await call('POST', '/api/sandbox/faucet', seller, { asset: 'USDT', amount: '25' });
  const { transaction } = await call('POST', '/api/crypto/p2p/escrow', seller, {
    buyer_id: buyer.id,
    asset: 'USDT',
    amount: '25',
    price: '2150',
    currency: 'INR',
    payment_method: 'UPI',
    payment_details: 'seller@bank',
  });
  return { id: transaction.id, buyer, seller };
}

async function confirmed(world: World): Promise<Trade> {
  const trade = await opened(world);
  await act(world, trade, trade.buyer, 'confirm');
  return trade;
}

async function contested(world: World): Promise<Trade> {
  const trade = await confirmed(world);
  await act(world, trade, trade.seller, 'dispute', { reason: 'Nothing has arrived.' });
  await act(world, trade, trade.buyer, 'statement', { text: 'My bank says that it has.' });
  return trade;
}

async function released(world: World): Promise<Trade> {
  const trade = await confirmed(world);
  await act(world, trade, trade.seller, 'release');
  return trade;
}

type Alone = { id: string; player: Player };

async function payout(world: World, amount: string): Promise<Alone> {
  const { call } = world;
  const player = await world.player('payee', ['influencer']);
  const wallet = `/api/wallet/${player.id}`;
  await call('POST', '/api/sandbox/faucet', player, { asset: 'INR', amount });
  await call('POST', `${wallet}/kyc`, player, { kind: 'sandbox', name: 'Asha Rao' });
  const { destination } = await call('POST', `${wallet}/destinations`, player, { kind: 'sandbox', account: 'ok' });
  const asked = { amount, asset: 'INR', destination_id: destination.id };
  const { payout } = await call('POST', `${wallet}/payouts`, player, asked);
  return { id: payout.id, player };
}

async function toppedUp(world: World, pays: boolean): Promise<Alone> {
  const player = await world.player('buyer', ['viewer']);
  const asked = { amount: '500', asset: 'TOKEN' };
  const { top_up, payment_order } = await world.call('POST', '/api/wallet/topup', player, asked);
  if (pays) await world.pay(payment_order.order_id, 'pay', top_up.id);
  return { id: top_up.id, player };
}

async function chargedBack(world: World): Promise<Alone> {
  const player = await world.player('payee', ['viewer']);
  const asked = { amount: '500', asset: 'INR' };
  const { top_up, payment_order } = await world.call('POST', '/api/wallet/topup', player, asked);
  await world.pay(payment_order.order_id, 'pay', top_up.id);
  return { id: await world.chargeBack(payment_order.order_id, player, top_up.id), player };
}

async function boosted(world: World): Promise<Alone> {
  const { call } = world;
  const player = await world.player('booster', ['creator']);
  await call('POST', '/api/sandbox/faucet', player, { asset: 'CREDIT', amount: '100' });
  const asked = { targetUserId: player.id, amount: 100, duration: 24 };
  const { boost } = await call('POST', '/api/credits/boost/profile', player, asked);
  return { id: boost.id, player };
}

const deal = (summary: string, play: (world: World) => Promise<Deal>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, brand, influencer } = await play(world);
    return { processId: id, players: { brand_owner: brand, influencer } };
  },
});

const trade = (summary: string, play: (world: World) => Promise<Trade>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, buyer, seller } = await play(world);
    return { processId: id, players: { buyer, seller } };
  },
});

const alone = (role: string, summary: string, play: (world: World) => Promise<Alone>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, player } = await play(world);
    return { processId: id, players: { [role]: player } };
  },
});

/** What is a creator's alone, whoever watches it, votes in it or has a seat. */
const streamed = (summary: string, play: (world: World) => Promise<Streamed>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, creator } = await play(world);
    return { processId: id, players: { creator } };
  },
});

const battle = (summary: string, play: (world: World) => Promise<Fought>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, challenger, opponent } = await play(world);
    return { processId: id, players: { challenger, opponent } };
  },
});

const subscription = (summary: string, play: (world: World) => Promise<Subscribed>): Scenario => ({
  summary,
  play: async (world) => {
    const { id, subscriber, creator } = await play(world);
    return { processId: id, players: { subscriber, creator } };
  },
});

export const SCENARIOS = {
  'deal:applied': deal('An influencer applied to a campaign', applied),
  'deal:connected': deal('A brand answered a bid', connected),
  'deal:offered': deal('A price is offered', offered),
  'deal:agreed': deal('A price is agreed on and waits to be paid', agreed),
  'deal:paid': deal('The price is in escrow', paid),
  'deal:started': deal('The work is under way', started),
  'deal:submitted': deal('The work waits to be approved', submitted),
  'deal:disputed': deal('Both sides wait for a ruling', disputed),
  'deal:approved': deal('The work is approved and the money on its way', approved),
  'trade:opened': trade('The seller’s asset is held, the buyer is to pay', opened),
  'trade:confirmed': trade('The buyer says that the payment is made', confirmed),
  'trade:disputed': trade('Both sides wait for a ruling', contested),
  'trade:released': trade('The buyer has what was held', released),
  'payout:asked': alone('payee', 'Money is to leave a wallet for a bank', (world) => payout(world, '500')),
  'payout:large': alone('payee', 'It is so much that staff looks at it first', (world) => payout(world, '150000')),
  'topUp:opened': alone('buyer', 'Tokens wait to be paid', (world) => toppedUp(world, false)),
  'topUp:paid': alone('buyer', 'Tokens are paid for', (world) => toppedUp(world, true)),
  'chargeBack:open': alone('payee', 'A bank was asked to take a payment back', chargedBack),
  'boost:active': alone('booster', 'A profile is shown before others', boosted),
  'stream:live': streamed('A stream is on air, with a chat and a gift', live),
  'poll:open': streamed('Those who watch vote', polled),
  'challenge:open': streamed('A crowd is on its way to what was asked of it', challenged),
  'battle:invited': battle('A battle waits to be accepted, for a minute', invited),
  'battle:running': battle('Two creators are in a battle for stakes', fought),
  'subscription:active': subscription('A month with a creator is paid for', subscribed),
  'ticketEvent:on_sale': streamed('Seats of an evening are sold', onSale),
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];
