import { CREATOR_EVENTS } from '#workflows/creator/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const CREATOR = { class: 'durable', from: ['Tandem'], rooms: ['user'], built: true, hears: 'the creator' } as const;

/** What creators are given, and what they reach. */
export const creator = {
  name: 'creator',
  events: {
    tip_received: event({
      ...CREATOR,
      summary: CREATOR_EVENTS.tip_received.description ?? '',
      schema: CREATOR_EVENTS.tip_received,
      example: {
        creatorId: PERSONS.asha,
        tip: {
          ...{ id: PERSONS.thing, sender: { id: PERSONS.ben, handle: 'ben' }, asset: 'TOKEN', amount: '25' },
          ...{ message: 'Lovely', created_at: PERSONS.at },
        },
      },
    }),
    milestone_reached: event({
      ...CREATOR,
      summary: CREATOR_EVENTS.milestone_reached.description ?? '',
      schema: CREATOR_EVENTS.milestone_reached,
      example: {
        creatorId: PERSONS.asha,
        milestone: {
          ...{ id: 'followers_100', title: '100 followers', metric: 'followers', target: 100, progress: 100 },
          ...{ reached_at: PERSONS.at, reward: { asset: 'CREDIT', amount: '10' } },
        },
      },
    }),
  },
} satisfies Domain;
