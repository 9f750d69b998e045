import { SUBSCRIPTION_EVENTS } from '#workflows/subscription/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const TOLD = { class: 'durable', from: ['Tandem'], rooms: ['user'], built: true } as const;
const BOTH = { ...TOLD, hears: 'subscriber and creator' } as const;
const OWN = { ...TOLD, hears: 'the subscriber' } as const;
const OF = { subscriptionId: PERSONS.thing, creatorId: PERSONS.asha, subscriberId: PERSONS.ben, tier: 'gold' };
const until = PERSONS.at;

/** Subscriptions to creators, from their first month to their last. */
export const subscription = {
  name: 'subscription',
  events: {
    'subscription:started': event({
      ...{ ...BOTH, hears: 'subscriber, creator and giver', schema: SUBSCRIPTION_EVENTS['subscription:started'] },
      summary: 'Somebody has subscribed, or was given a subscription',
      example: { ...OF, giftedBy: null, until },
    }),
    'subscription:renews_soon': event({
      ...{ ...OWN, schema: SUBSCRIPTION_EVENTS['subscription:renews_soon'] },
      summary: 'It is renewed within a week, at this price',
      example: { ...OF, at: until, price: 120, before: 100 },
    }),
    'subscription:renewed': event({
      ...{ ...BOTH, schema: SUBSCRIPTION_EVENTS['subscription:renewed'] },
      summary: 'A month more was paid for',
      example: { ...OF, until },
    }),
    'subscription:renewal_failed': event({
      ...{ ...OWN, schema: SUBSCRIPTION_EVENTS['subscription:renewal_failed'] },
      summary: 'A month more could not be paid for; it is tried again',
      example: { ...OF, until, lapsesAt: until },
    }),
    'subscription:cancelled': event({
      ...{ ...BOTH, schema: SUBSCRIPTION_EVENTS['subscription:cancelled'] },
      summary: 'It will not be renewed, and lasts for as long as it is paid for',
      example: { ...OF, until },
    }),
    'subscription:lapsed': event({
      ...{ ...BOTH, schema: SUBSCRIPTION_EVENTS['subscription:lapsed'] },
      summary: 'It has ended',
      example: { ...OF, at: until },
    }),
  },
} satisfies Domain;
