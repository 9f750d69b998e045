import { bidExists, campaignExists } from '#db/talk/audience.ts';
import { type Domain, joins } from './declaration.ts';

/** Campaigns and bids that one follows. */
export const market = {
  name: 'market',
  rooms: {
    bid: {
      summary: 'A bid that one follows.',
      mayJoin: (pool, bidId) => bidExists(pool, bidId),
      missing: 'There is no such bid.',
      strangers: true,
    },
    campaign: {
      summary: 'A campaign that one follows.',
      mayJoin: (pool, campaignId) => campaignExists(pool, campaignId),
      missing: 'There is no such campaign.',
      strangers: true,
    },
  },
  commands: {
    join_bid_room: joins({
      ...{ kind: 'bid', key: 'bidId', from: ['Stoory'], may: 'everybody' },
      summary: 'Follow a bid.',
    }),
    join_campaign_room: joins({
      ...{ kind: 'campaign', key: 'campaignId', from: ['Stoory'], may: 'everybody' },
      summary: 'Follow a campaign.',
    }),
  },
} satisfies Domain;
