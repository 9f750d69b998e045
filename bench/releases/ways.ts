import type { ScenarioName } from '#api/sandbox/scenarios.ts';
import type { Player } from '#api/sandbox/world.ts';
import type { Kind } from '#workflows/kinds.ts';

/** How processes of every kind that people have are opened, and how each of them is brought to its end. */
export type Way = {
  kind: Kind;
  scenario: ScenarioName;
  /** Given one after the other; by somebody who plays in it, or by an administrator. */
  acts: readonly { as: string; on: string }[];
  /** Of the checkout of its order, instead: its provider says what happens. */
  button?: 'pay' | 'charge_back_won';
  /** Where it may be then: where it was brought, and where it comes to by itself where that took long. */
  states: readonly string[];
};

/**
 * What a stream has in it ends before it, so its poll and challenge have streams of their own. The errand is missing: it
 * is nobody's but the tests', and `journeys/rollout.int.test.ts` has it.
 */
export const WAYS: readonly Way[] = [
  {
    ...{ kind: 'deal', scenario: 'deal:submitted', states: ['real_time'] },
    acts: [{ as: 'brand_owner', on: 'approve_work' }],
  },
  {
    ...{ kind: 'deal', scenario: 'deal:started', states: ['chat_closed'] },
    acts: [{ as: 'influencer', on: 'decline_work' }],
  },
  {
    ...{ kind: 'trade', scenario: 'trade:opened', states: ['released'] },
    acts: [
      { as: 'buyer', on: 'confirm' },
      { as: 'seller', on: 'release' },
    ],
  },
  { kind: 'payout', scenario: 'payout:large', states: ['paid'], acts: [{ as: 'admin', on: 'approve' }] },
  { kind: 'topUp', scenario: 'topUp:opened', states: ['paid'], acts: [], button: 'pay' },
  { kind: 'chargeBack', scenario: 'chargeBack:open', states: ['won'], acts: [], button: 'charge_back_won' },
  { kind: 'boost', scenario: 'boost:active', states: ['cancelled'], acts: [{ as: 'booster', on: 'cancel' }] },
  {
    ...{ kind: 'stream', scenario: 'stream:live', states: ['archived'] },
    acts: [
      { as: 'creator', on: 'end' },
      { as: 'creator', on: 'archive' },
    ],
  },
  { kind: 'poll', scenario: 'poll:open', states: ['closed'], acts: [{ as: 'creator', on: 'close' }] },
  { kind: 'challenge', scenario: 'challenge:open', states: ['stopped', 'lost'], acts: [{ as: 'creator', on: 'stop' }] },
  {
    ...{ kind: 'subscription', scenario: 'subscription:active', states: ['ending'] },
    acts: [{ as: 'subscriber', on: 'cancel' }],
  },
  {
    ...{ kind: 'ticketEvent', scenario: 'ticketEvent:on_sale', states: ['cancelled'] },
    acts: [{ as: 'creator', on: 'cancel' }],
  },
  // Last, as it is over after five minutes by itself.
  { kind: 'battle', scenario: 'battle:running', states: ['cancelled', 'ended'], acts: [{ as: 'admin', on: 'cancel' }] },
];

export type Open = { id: string; way: Way; players: Readonly<Record<string, Player>> };
