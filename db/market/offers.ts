import { z } from 'zod';
import type { Policy } from '#workflows/deal/policy.ts';
import { hasOwner } from '../people/accounts.ts';
import { type Executor, sql } from '../pool.ts';

const campaignRow = z.object({
  id: z.string(),
  brand_owner_id: z.string(),
  title: z.string(),
  description: z.string(),
  budget: z.bigint(),
  policy: z.custom<Policy>(),
  created_at: z.string(),
});
/** `budget` in paise. */
export type Campaign = z.infer<typeof campaignRow>;

const bidRow = z.object({
  id: z.string(),
  influencer_id: z.string(),
  title: z.string(),
  description: z.string(),
  starting_price: z.bigint(),
  policy: z.custom<Policy>(),
  created_at: z.string(),
});
/** `starting_price` in paise. */
export type Bid = z.infer<typeof bidRow>;

/** Where a page of a newest-first list begins: after the row with this instant and id. */
export type PageStart = { at: string; id: string } | null;

export async function insertCampaign(executor: Executor, campaign: Campaign): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO campaigns (id, brand_owner_id, title, description, budget, policy, created_at)
    VALUES (${campaign.id}, ${campaign.brand_owner_id}, ${campaign.title}, ${campaign.description}, ${campaign.budget},
      ${sql.jsonb(campaign.policy)}, ${campaign.created_at}::timestamptz)
  `);
}

export async function findCampaign(executor: Executor, id: string): Promise<Campaign | null> {
  return executor.maybeOne(sql.type(campaignRow)`
    SELECT id, brand_owner_id, title, description, budget, policy, created_at FROM campaigns
    WHERE id = ${id} AND ${hasOwner('brand_owner_id')}
  `);
}

export async function listCampaigns(executor: Executor, limit: number, start: PageStart): Promise<readonly Campaign[]> {
  return executor.any(sql.type(campaignRow)`
    SELECT id, brand_owner_id, title, description, budget, policy, created_at FROM campaigns
    WHERE (${start?.id ?? null}::uuid IS NULL
        OR (created_at, id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
      AND ${hasOwner('brand_owner_id')}
    ORDER BY created_at DESC, id DESC LIMIT ${limit}
  `);
}

export async function insertBid(executor: Executor, bid: Bid): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO bids (id, influencer_id, title, description, starting_price, policy, created_at)
    VALUES (${bid.id}, ${bid.influencer_id}, ${bid.title}, ${bid.description}, ${bid.starting_price},
      ${sql.jsonb(bid.policy)}, ${bid.created_at}::timestamptz)
  `);
}

export async function findBid(executor: Executor, id: string): Promise<Bid | null> {
  return executor.maybeOne(sql.type(bidRow)`
    SELECT id, influencer_id, title, description, starting_price, policy, created_at FROM bids
    WHERE id = ${id} AND ${hasOwner('influencer_id')}
  `);
}

export async function listBids(executor: Executor, limit: number, start: PageStart): Promise<readonly Bid[]> {
  return executor.any(sql.type(bidRow)`
    SELECT id, influencer_id, title, description, starting_price, policy, created_at FROM bids
    WHERE (${start?.id ?? null}::uuid IS NULL
        OR (created_at, id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
      AND ${hasOwner('influencer_id')}
    ORDER BY created_at DESC, id DESC LIMIT ${limit}
  `);
}
