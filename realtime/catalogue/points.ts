import { WALLET_EVENTS } from '#workflows/money/contract.ts';
import { REWARD_EVENTS } from '#workflows/reward/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const POINTS = { class: 'durable', from: ['LykLuk'], rooms: ['user'], built: true, asNotification: true } as const;
/** LykCoins, as LykLuk tells of them. */
export const points = {
  name: 'points',
  events: {
    points_earned: event({
      ...POINTS,
      hears: 'who earned them',
      summary: REWARD_EVENTS.points_earned.description ?? '',
      schema: REWARD_EVENTS.points_earned,
      example: {
        ...{ type: 'points_earned', eventType: 'wallet:points:earned', recipientIds: [PERSONS.asha] },
        data: {
          ...{ userId: PERSONS.asha, action: 'video_liked', points: 1, newBalance: 150, previousBalance: 149 },
          ...{ reason: 'Liked a video', timestamp: PERSONS.at },
          metadata: { videoId: PERSONS.thing, videoTitle: 'Amazing Dance', userType: 'viewer', rewardId: '41' },
        },
      },
    }),
    points_deducted: event({
      ...POINTS,
      hears: 'whose they were',
      summary: WALLET_EVENTS.points_deducted.description ?? '',
      schema: WALLET_EVENTS.points_deducted,
      example: {
        ...{ type: 'points_deducted', eventType: 'wallet:points:deducted', recipientIds: [PERSONS.asha] },
        data: {
          ...{ userId: PERSONS.asha, action: 'purchase', points: 30, newBalance: 70, previousBalance: 100 },
          ...{ reason: 'Sticker pack', timestamp: PERSONS.at, metadata: { itemId: 'stickers-7' } },
        },
      },
    }),
    wallet_update: event({
      ...POINTS,
      hears: 'whose wallet it is',
      summary: WALLET_EVENTS.wallet_update.description ?? '',
      schema: WALLET_EVENTS.wallet_update,
      example: {
        ...{ type: 'wallet_update', eventType: 'wallet:balance:updated', recipientIds: [PERSONS.asha] },
        data: {
          ...{ userId: PERSONS.asha, asset: 'LYK', newBalance: 110, previousBalance: 100 },
          ...{ reason: 'A payment came twice', timestamp: PERSONS.at },
        },
      },
    }),
  },
} satisfies Domain;
