/** What travels of subscriptions: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { dryRun } from '../money/contract.ts';
import { words } from '../talk/contract.ts';
import { PAID_BY, STATES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

const MOST_TIERS = 12;
const MOST_PERKS = 20;

const code = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'has 1 to 32 small letters, digits and lines');
const price = z.int().min(1).max(1_000_000).describe('TOKEN a month');
const perks = z.array(words(120)).max(MOST_PERKS);

const tier = z.strictObject({ code, name: words(60), price, perks: perks.default([]) }).meta({
  id: 'SubscriptionTierRequest',
  examples: [{ code: 'gold', name: 'Gold', price: 100, perks: ['A name in the credits'] }],
});

export const tiersRequest = z
  .strictObject({
    tiers: z
      .array(tier)
      .max(MOST_TIERS)
      .refine((all) => new Set(all.map((each) => each.code)).size === all.length, 'have one code twice'),
  })
  .meta({
    id: 'SubscriptionTiersRequest',
    examples: [{ tiers: [{ code: 'gold', name: 'Gold', price: 100, perks: ['A name in the credits'] }] }],
  });

export const tierView = z.object({ code, name: z.string(), price, perks: z.array(z.string()) }).meta({
  id: 'SubscriptionTier',
  examples: [{ code: 'gold', name: 'Gold', price: 100, perks: ['A name in the credits'] }],
});

export const subscriptionRequest = z
  .strictObject({
    creator_id: id,
    tier: code,
    gift_to: id.optional().describe('Whose it is to be; it is not renewed by itself'),
    payment: z
      .enum(PAID_BY)
      .default('tokens')
      .describe('`order`: the first month is paid at the payment provider; a gift is paid in tokens'),
    dry_run: dryRun,
  })
  .meta({ id: 'SubscriptionRequest', examples: [{ creator_id: ASHA, tier: 'gold', payment: 'tokens' }] });

const person = z.object({ id, handle: z.string() });

export const subscriptionStatus = z
  .enum(STATES)
  .describe(
    'active: paid for; due: renewed within a week, at `next_price`; past_due: the renewal could not be paid for, and is ' +
      'tried for three days; ending: not renewed; closed: never paid for; ended; lapsed: nobody paid',
  )
  .meta({ id: 'SubscriptionStatus' });

export const subscriptionView = z
  .object({
    id,
    creator: person,
    subscriber: person,
    giver: person.nullable().describe('Whose gift it is'),
    tier: z.object({ code, name: z.string(), perks: z.array(z.string()) }),
    status: subscriptionStatus,
    price,
    next_price: price.nullable().describe('What the next month costs, once that is fixed'),
    paid_until: instant.nullable(),
    renews: z.boolean().describe('Whether it is renewed at `paid_until`'),
    deadline: instant.nullable().describe('When it changes by itself'),
    created_at: instant,
  })
  .meta({
    id: 'Subscription',
    examples: [
      {
        ...{ id: THING, creator: { id: ASHA, handle: 'asha' }, subscriber: { id: BEN, handle: 'ben' }, giver: null },
        ...{ tier: { code: 'gold', name: 'Gold', perks: [] }, status: 'active', price: 100, next_price: null },
        ...{ paid_until: AT, renews: true, deadline: AT, created_at: AT },
      },
    ],
  });
export type SubscriptionView = z.infer<typeof subscriptionView>;

/** What a command to one comes to. */
export const subscriptionStanding = z
  .object({ id, status: subscriptionStatus, paid_until: instant.nullable(), deadline: instant.nullable() })
  .meta({
    id: 'SubscriptionStanding',
    examples: [{ id: THING, status: 'ending', paid_until: AT, deadline: AT }],
  });

export type SubscriptionStanding = z.infer<typeof subscriptionStanding>;

const of = { subscriptionId: id, creatorId: id, subscriberId: id, tier: z.string() };

/** Of events that tell until when one is paid for, and no more. */
const paidUntil = z.object({ ...of, until: instant }).meta({
  id: 'SubscriptionUntil',
  examples: [{ subscriptionId: THING, creatorId: ASHA, subscriberId: BEN, tier: 'gold', until: AT }],
});

/** Durable events of subscriptions, by name, with the data each carries. */
export const SUBSCRIPTION_EVENTS = {
  'subscription:started': z.object({ ...of, giftedBy: id.nullable(), until: instant }),
  'subscription:renews_soon': z.object({
    ...{ ...of, at: instant, price: z.int().describe('TOKEN'), before: z.int().describe('What the last month cost') },
  }),
  'subscription:renewed': paidUntil,
  'subscription:renewal_failed': z.object({ ...of, until: instant, lapsesAt: instant }),
  'subscription:cancelled': paidUntil,
  'subscription:lapsed': z.object({ ...of, at: instant }),
} as const;

/** What each carries. */
export type SubscriptionEvents = {
  [Name in keyof typeof SUBSCRIPTION_EVENTS]: z.infer<(typeof SUBSCRIPTION_EVENTS)[Name]>;
};
