/** What travels of creators: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { dryRun } from '../money/contract.ts';
import { words } from '../talk/contract.ts';
import { METRICS } from './milestones.ts';

const decimal = z.string().describe('Decimal text in the asset');

export const PERIODS = ['7d', '30d', '90d', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** Where points and money come from. */
export const EARNINGS = ['rewards', 'tips', 'gifts', 'deals', 'milestones', 'subscriptions', 'tickets'] as const;

const metric = z
  .object({ value: z.int(), change: z.int().nullable().describe('Against the period before; null of `all`') })
  .meta({ id: 'CreatorMetric', examples: [{ value: 1_200, change: 200 }] });

export const creatorStats = z
  .object({
    creator_id: id,
    period: z.enum(PERIODS),
    followers: z
      .object({ total: z.int(), gained: z.int(), lost: z.int() })
      .meta({ id: 'CreatorFollowers', description: 'All there are; how many came and went in the period' }),
    views: metric,
    watch_seconds: metric,
    likes: metric,
    comments: metric,
    shares: metric,
    videos: z.int(),
    earnings: z
      .array(z.object({ kind: z.enum(EARNINGS), asset: z.string(), amount: decimal }).meta({ id: 'CreatorEarning' }))
      .describe('From the ledger'),
    deals_done: z.int(),
    rating: z.number().nullable(),
    reviews: z.int(),
  })
  .meta({ id: 'CreatorStats' });

export const topContent = z
  .object({
    video_id: id,
    title: z.string(),
    thumbnail_url: z.string().nullable(),
    views: z.int(),
    likes: z.int(),
    earnings: z.string().describe('LYK'),
    created_at: instant,
  })
  .meta({ id: 'TopContent' });

export const tipRequest = z
  .strictObject({
    asset: z.enum(['TOKEN', 'LYK', 'INR', 'USD', 'USDT']),
    amount: z.union([z.string().max(40), z.number()]).describe('Above zero'),
    message: words(200).optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'TipRequest', examples: [{ asset: 'TOKEN', amount: 25, message: 'Lovely' }] });

export const tip = z
  .object({
    id,
    sender: z.object({ id, handle: z.string() }),
    asset: z.string(),
    amount: decimal,
    message: z.string().nullable(),
    created_at: instant,
  })
  .meta({ id: 'Tip' });
export type TipView = z.infer<typeof tip>;

const milestoneFields = {
  id: z.string(),
  title: z.string(),
  metric: z.enum(METRICS),
  target: z.int(),
  progress: z.int(),
  reached_at: instant.nullable(),
  reward: z.object({ asset: z.string(), amount: decimal }).describe('Paid when it is reached'),
};
export const creatorMilestone = z.object(milestoneFields).meta({ id: 'CreatorMilestone' });

/** Durable events of creators, by name, with the data each carries. */
export const CREATOR_EVENTS = {
  tip_received: z.object({ creatorId: id, tip }).describe('Somebody has tipped you'),
  milestone_reached: z
    .object({
      creatorId: id,
      milestone: z.object({ ...milestoneFields, reached_at: instant }),
    })
    .describe('You have reached a milestone'),
} as const;
