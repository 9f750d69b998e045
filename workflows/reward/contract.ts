/** What travels of rewards: requests, views, and the events of LykLuk and Softchat. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { dryRun } from '../money/contract.ts';
import { words } from '../talk/contract.ts';
import { milestonePercent } from '../video/contract.ts';
import { ACTION_NAMES, LYKLUK_ACTIONS } from './actions.ts';
import { PER, REFUSALS } from './judge.ts';

const decimal = z.string().describe('LYK, as decimal text');
const points = z.number().describe('LYK');
const action = z.enum(ACTION_NAMES).meta({ id: 'RewardAction' });
const refusal = z.enum(REFUSALS).meta({ id: 'RewardRefusal' });

const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const AT = '2026-11-28T12:00:00.000Z';

export const milestoneRequest = z
  .strictObject({
    videoId: id,
    milestone: milestonePercent.describe('Percent of the video'),
    watchId: id.describe('As `POST /api/videos/{id}/view` gave it'),
  })
  .meta({ id: 'WatchMilestoneRequest', examples: [{ videoId: THING, milestone: 25, watchId: THING }] });

export const adViewRequest = z
  .strictObject({ videoId: id, adId: z.string().min(1).max(60), watchId: id })
  .meta({ id: 'AdViewRequest', examples: [{ videoId: THING, adId: 'monsoon', watchId: THING }] });

export const triggerRequest = z
  .strictObject({
    action: z.enum(ACTION_NAMES),
    targetId: z
      .string()
      .regex(/^[\w.:-]{1,64}$/, 'has 1 to 64 letters, digits, dots, colons, lines and hyphens')
      .optional()
      .describe('What it was done with, where once is once for each'),
    metadata: z.record(z.string().max(60), z.unknown()).optional().describe('Not kept'),
  })
  .meta({ id: 'TriggerRequest', examples: [{ action: 'daily_login' }] });

const reward = z
  .object({
    id: z.string(),
    action,
    rule_version: z.int(),
    target_id: z.string(),
    status: z.enum(['granted', 'refused', 'waiting']).describe('`waiting`: posted within seconds'),
    reason: refusal.nullable(),
    points: decimal,
    transaction_id: z.string().nullable().describe('As in the wallet’s list; one of several awards may be in it'),
    acted_at: instant,
  })
  .meta({
    id: 'Reward',
    examples: [
      {
        ...{ id: '41', action: 'video_liked', rule_version: 1, target_id: THING, status: 'granted', reason: null },
        ...{ points: '1.00', transaction_id: `reward_${ASHA}_41`, acted_at: AT },
      },
    ],
  });
export type RewardView = z.infer<typeof reward>;

export const rewardGiven = z
  .object({
    reward,
    balance: decimal.describe('What the wallet has of LYK now'),
    streak: z.int().optional().describe('Of `daily_login`: days in a row'),
  })
  .meta({ id: 'RewardGiven' });

const capsLeft = z
  .object({
    action,
    earned_today: decimal,
    left_today: decimal.nullable().describe('Null without a cap'),
    pair_cap: decimal.nullable(),
  })
  .meta({ id: 'RewardCaps' });

export const userRewards = z
  .object({
    user_id: id,
    balance: decimal,
    earned_today: decimal,
    earned_in_all: decimal,
    debt: decimal.describe('Taken back and not there to take: paid by what is earned next'),
    waiting: z.int().describe('Acts that are posted within seconds; 100 stands for more'),
    by_action: z.array(
      z.object({ action, earned: decimal, granted: z.int(), refused: z.int() }).meta({ id: 'RewardsByAction' }),
    ),
    caps: z.array(capsLeft),
    streak: z
      .object({ days: z.int(), longest: z.int(), last_day: z.iso.date().nullable(), time_zone: z.string() })
      .meta({ id: 'RewardStreak' }),
    history: z.array(reward).describe('Latest first'),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'UserRewards' });

export const why = z
  .object({
    rewards: z.array(reward).describe('What became of each of your acts that was asked about, latest first'),
    rule: z
      .object({ action, version: z.int(), points: decimal, needs: z.looseObject({}), enabled: z.boolean() })
      .nullable(),
    caps: z.array(capsLeft).describe('What is left of them today'),
  })
  .meta({ id: 'RewardWhy' });

export const rulePatch = z
  .strictObject({
    points: z
      .union([z.string().max(40), z.number()])
      .optional()
      .describe('LYK, in whole tenths'),
    needs: z
      .strictObject({ following: z.int().min(0).nullish(), followers: z.int().min(0).nullish() })
      .optional()
      .describe('What is left out stays; null takes a condition away'),
    per: z.enum(PER).optional(),
    daily_cap: z
      .union([z.string().max(40), z.number()])
      .nullish()
      .describe('LYK; null for none'),
    pair_cap: z
      .union([z.string().max(40), z.number()])
      .nullish()
      .describe('LYK; null for none'),
    enabled: z.boolean().optional(),
    reason: words(500).describe('Why: kept with the version'),
  })
  .meta({ id: 'RewardRulePatch', examples: [{ points: 2, reason: 'Monsoon week' }] });

export const ruleView = z
  .object({
    action,
    version: z.int(),
    points: decimal,
    needs: z.object({ following: z.int().nullable(), followers: z.int().nullable() }).meta({ id: 'RewardNeeds' }),
    per: z.enum(PER),
    daily_cap: decimal.nullable(),
    pair_cap: decimal.nullable(),
    client: z.boolean(),
    enabled: z.boolean(),
    effective_from: instant,
    changed_by: id.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'RewardRule' });
export type RuleView = z.infer<typeof ruleView>;

export const correctionRequest = z
  .strictObject({
    user_id: id,
    reward_ids: z
      .array(z.string().regex(/^\d{1,18}$/, 'is no reward’s id'))
      .min(1)
      .max(500),
    reason: words(500),
    dry_run: dryRun,
  })
  .meta({ id: 'RewardCorrectionRequest', examples: [{ user_id: ASHA, reward_ids: ['41'], reason: 'Bought likes' }] });

export const correctionView = z
  .object({
    user_id: id,
    corrected: z.int().describe('So many rewards; those that were corrected before are left out'),
    points: decimal,
    taken: decimal,
    debt: decimal.describe('What was not there: all that the user owes now'),
  })
  .meta({ id: 'RewardCorrection' });

const outcome = z
  .object({
    day: z.iso.date(),
    action,
    outcome: z.enum(['granted', ...REFUSALS]),
    many: z.int(),
    points: decimal,
  })
  .meta({ id: 'RewardOutcome' });

export const rewardAnalytics = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    minted: decimal,
    outcomes: z.array(outcome).describe('By day and action: what was granted, and what was refused by reason'),
    refusals: z.array(z.object({ reason: refusal, many: z.int() }).meta({ id: 'RewardRefusals' })),
    top_earners: z.array(z.object({ user_id: id, handle: z.string(), points: decimal }).meta({ id: 'TopEarner' })),
    budget: z
      .object({ day: z.iso.date(), daily: decimal, left: decimal })
      .meta({ id: 'RewardBudget', description: 'Of today' }),
  })
  .meta({ id: 'RewardAnalytics' });

/** Durable events of rewards, by name, with the data each carries. */
export const REWARD_EVENTS = {
  points_earned: z
    .object({
      type: z.literal('points_earned'),
      eventType: z.literal('wallet:points:earned'),
      recipientIds: z.array(id),
      data: z.object({
        userId: id,
        action: z.enum(LYKLUK_ACTIONS),
        points,
        newBalance: z.number(),
        previousBalance: z.number(),
        reason: z.string(),
        timestamp: instant,
        metadata: z
          .object({
            userType: z.enum(['viewer', 'creator']),
            ...{ videoId: id, videoTitle: z.string(), rewardId: z.string() },
            ...{ totalLikes: z.int().optional(), totalViews: z.int().optional(), totalShares: z.int().optional() },
          })
          .loose(),
      }),
    })
    .describe('LykCoins were earned'),
  reward_earned: z
    .object({
      userId: id,
      reward: z
        .object({
          id: z.string(),
          action: z.enum(ACTION_NAMES),
          points,
          reason: z.string(),
          targetId: z.string(),
          newBalance: z.number(),
          timestamp: instant,
        })
        .loose(),
    })
    .describe('A reward was earned'),
} as const;
