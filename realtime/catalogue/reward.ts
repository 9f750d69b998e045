import { REWARD_EVENTS } from '#workflows/reward/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

/** What is earned by taking part. */
export const reward = {
  name: 'reward',
  events: {
    reward_earned: event({
      ...{ class: 'durable', from: ['Softchat'], rooms: ['user'], built: true },
      hears: 'who earned it',
      summary: REWARD_EVENTS.reward_earned.description ?? '',
      schema: REWARD_EVENTS.reward_earned,
      args: ['userId', 'reward'],
      example: {
        userId: PERSONS.asha,
        reward: {
          ...{ id: '41', action: 'watch_milestone', points: 0.5, reason: 'Watched that much of a video' },
          ...{ targetId: `${PERSONS.thing}/25`, newBalance: 150.5, timestamp: PERSONS.at },
        },
      },
    }),
  },
} satisfies Domain;
