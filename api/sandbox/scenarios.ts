import { contestedDeal, type Deal, dealIn } from './dealScenarios.ts';
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
import { contestedTrade, releasedTrade, type Trade, tradeIn } from './tradeScenarios.ts';
import { type Alone, boosted, chargedBack, payoutOf, topUpOrdered, topUpPaid } from './walletScenarios.ts';
import type { Player, World } from './world.ts';

/**
 * Processes brought to where one wants to see them, by what a client would do: accounts, requests and the checkout's
 * buttons, one after the other. Tests and the sandbox play the same ones; each says how a request is made.
 */

export type Played = { processId: string; players: Record<string, Player> };
type Scenario = { summary: string; play(world: World): Promise<Played> };

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
  'deal:applied': deal('An influencer applied to a campaign', dealIn('initial')),
  'deal:connected': deal('A brand answered a bid', dealIn('influencer_responding')),
  'deal:offered': deal('A price is offered', dealIn('influencer_price_response')),
  'deal:agreed': deal('A price is agreed on and waits to be paid', dealIn('payment_pending')),
  'deal:paid': deal('The price is in escrow', dealIn('payment_completed')),
  'deal:started': deal('The work is under way', dealIn('work_in_progress')),
  'deal:submitted': deal('The work waits to be approved', dealIn('work_submitted')),
  'deal:disputed': deal('Both sides wait for a ruling', contestedDeal),
  'deal:approved': deal('The work is approved and the money on its way', dealIn('work_approved')),
  'trade:opened': trade('The seller’s asset is held, the buyer is to pay', tradeIn('awaiting_payment')),
  'trade:confirmed': trade('The buyer says that the payment is made', tradeIn('payment_confirmed')),
  'trade:disputed': trade('Both sides wait for a ruling', contestedTrade),
  'trade:released': trade('The buyer has what was held', releasedTrade),
  'payout:asked': alone('payee', 'Money is to leave a wallet for a bank', payoutOf('500')),
  'payout:large': alone('payee', 'It is so much that staff looks at it first', payoutOf('150000')),
  'topUp:opened': alone('buyer', 'Tokens wait to be paid', topUpOrdered),
  'topUp:paid': alone('buyer', 'Tokens are paid for', topUpPaid),
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
