import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { type Domain, event } from './declaration.ts';

const TOLD = { class: 'durable', from: ['Tandem'], rooms: ['user'], built: false } as const;
const BOTH = { ...TOLD, hears: 'subscriber and creator' } as const;
const of = { subscriptionId: id, creatorId: id, subscriberId: id, tier: z.string() };
const until = z.iso.datetime();

/** Subscriptions to creators, from their first month to their last. */
export const subscription = {
  name: 'subscription',
  events: {
    'subscription:started': event({
      ...{ ...BOTH, summary: 'Somebody has subscribed, or was given a subscription' },
      schema: z.object({ ...of, giftedBy: id.nullable(), until }),
    }),
    'subscription:renewed': event({
      ...{ ...BOTH, summary: 'A month more was paid for' },
      schema: z.object({ ...of, until }),
    }),
    'subscription:renewal_failed': event({
      ...{ ...TOLD, hears: 'the subscriber', summary: 'A month more could not be paid for; it is tried again' },
      schema: z.object({ ...of, until, lapsesAt: z.iso.datetime() }),
    }),
    'subscription:cancelled': event({
      ...{ ...BOTH, summary: 'It will not be renewed, and lasts for as long as it is paid for' },
      schema: z.object({ ...of, until }),
    }),
    'subscription:lapsed': event({
      ...{ ...BOTH, summary: 'It has ended' },
      schema: z.object({ ...of, at: z.iso.datetime() }),
    }),
  },
} satisfies Domain;
