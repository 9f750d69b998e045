/** Events and views of credits and boosts as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { STATES, TARGETS, type Target } from './terms.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const credits = z.int().nonnegative();
/** As a wallet's amounts are written: decimal text, and credits have no smaller part. */
export const wholeCredits = z
  .string()
  .regex(/^\d+$/)
  .meta({ examples: ['100'] });

const target = z.enum(TARGETS).meta({ id: 'BoostTarget' });

/** As consuming services read it: the same on a socket, in a queue and in a webhook. */
function boostEvent<Type extends string>(type: Type) {
  return z.object({
    type: z.literal(type),
    userId: id.describe('Who boosts'),
    targetId: id,
    amount: credits,
    duration: z.number().positive().describe('Hours'),
    eventId: z.string(),
    timestamp: instant,
  });
}

function boostEnd<Type extends string>(type: Type) {
  return boostEvent(type).extend({
    boostEventId: z.string().describe('Of the event that began it'),
    refunded: credits.describe('Given back to who boosted'),
  });
}

export const BOOST_EVENTS = {
  profile_boost: boostEvent('profile_boost').describe('A profile is boosted'),
  gig_boost: boostEvent('gig_boost').describe('A gig is boosted'),
  clan_boost: boostEvent('clan_boost').describe('A clan is boosted'),
  profile_boost_expired: boostEnd('profile_boost_expired').describe('A boost of a profile has run its time'),
  gig_boost_expired: boostEnd('gig_boost_expired').describe('A boost of a gig has run its time'),
  clan_boost_expired: boostEnd('clan_boost_expired').describe('A boost of a clan has run its time'),
  profile_boost_cancelled: boostEnd('profile_boost_cancelled').describe('A boost of a profile was cancelled'),
  gig_boost_cancelled: boostEnd('gig_boost_cancelled').describe('A boost of a gig was cancelled'),
  clan_boost_cancelled: boostEnd('clan_boost_cancelled').describe('A boost of a clan was cancelled'),
} as const;

const creditEvent = <Type extends string>(type: Type) =>
  z.object({ type: z.literal(type), userId: id, amount: credits, eventId: z.string(), timestamp: instant });

const SPENT_ON = ['gig', 'clan'] as const satisfies readonly Target[];

export const CREDIT_EVENTS = {
  credit_purchase: creditEvent('credit_purchase')
    .extend({ paymentId: z.string().describe('What it was paid with') })
    .describe('Credits were bought')
    .meta({ id: 'CreditPurchaseData' }),
  credit_spent: creditEvent('credit_spent')
    .extend({
      targetType: z.enum(SPENT_ON).optional(),
      targetId: id.optional(),
      description: z.string().optional(),
    })
    .describe('Credits were spent')
    .meta({ id: 'CreditSpentData' }),
  credit_earned: creditEvent('credit_earned')
    .extend({ reason: z.string() })
    .describe('Credits were earned')
    .meta({ id: 'CreditEarnedData' }),
  gig_payment: creditEvent('gig_payment')
    .extend({ targetId: id.describe('The gig'), workerId: id.describe('Who did the work') })
    .describe('A gig was paid for')
    .meta({ id: 'GigPaymentData' }),
  clan_contribution: creditEvent('clan_contribution')
    .extend({ targetId: id.describe('The clan') })
    .describe('A member contributed to a clan')
    .meta({ id: 'ClanContributionData' }),
} as const;

/** Every event that goes to other services. Their versions stand in the schemas' names. */
export const CREDIT_AND_BOOST_EVENTS = { ...BOOST_EVENTS, ...CREDIT_EVENTS } as const;
type Schemas = typeof CREDIT_AND_BOOST_EVENTS;
export type CreditOrBoostEventName = keyof Schemas;
export type CreditOrBoostEvent = { [Name in CreditOrBoostEventName]: z.infer<Schemas[Name]> }[CreditOrBoostEventName];
export const EVENT_NAMES = Object.keys(CREDIT_AND_BOOST_EVENTS) as [
  CreditOrBoostEventName,
  ...CreditOrBoostEventName[],
];

/** A boost as who pays for it sees it. */
export const boostView = z
  .object({
    id,
    target,
    target_id: id,
    status: z.enum(STATES),
    asset: z.literal('CREDIT'),
    amount: wholeCredits,
    duration: z.number().describe('Hours'),
    points: z.int().describe('By how much it lifts its target: credits a day'),
    held: wholeCredits.describe('What is still held for it'),
    refunded: wholeCredits.describe('Given back, where it was cancelled; were it cancelled now, where it is active'),
    starts_at: instant,
    expires_at: instant,
    ended_at: instant.nullable(),
    event_id: z.string(),
  })
  .meta({ id: 'Boost' });
export type BoostView = z.infer<typeof boostView>;
