/** Requests, views and events of payouts as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { COMMANDS } from './commands.ts';
import { ROLES } from './parties.ts';
import { STATES } from './states.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const amount = z.string().meta({ examples: ['4950.00'] });

export const payoutState = z.enum(STATES).meta({ id: 'PayoutStatus' });

const destinationShown = z
  .object({ id, kind: z.string(), label: z.string(), holder: z.string().nullable() })
  .meta({ id: 'PayoutDestinationShown' });

/** What a page shows as a button. */
export const payoutAction = z
  .object({ name: z.string(), label: z.string(), style: z.enum(['success', 'danger']) })
  .meta({ id: 'PayoutAction' });

const WAITS_FOR = ['approval', 'hold', 'kyc', 'operator', 'funds', 'provider'] as const;

const move = z
  .object({
    n: z.int(),
    action: z.enum(Object.keys(COMMANDS) as [string, ...string[]]),
    by: z.enum(ROLES),
    at: instant,
    from: payoutState,
    to: payoutState,
    sentence: z.string(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'PayoutMove' });

/** A payout as whoever is paid (or an administrator) sees it. */
export const payoutView = z
  .object({
    id,
    status: payoutState,
    waits_for: z
      .enum(WAITS_FOR)
      .nullable()
      .describe(
        'approval: a second pair of eyes; hold: it may still be cancelled; kyc: your papers; operator: all payouts are paused; funds: the float is too low; provider: it was asked',
      ),
    user_id: id,
    asset: z.string(),
    amount: amount.describe('What leaves the wallet'),
    fee: amount,
    net: amount.describe('What arrives'),
    destination: destinationShown,
    provider: z.string(),
    provider_payout_id: z.string().nullable(),
    reason: z.string().nullable().describe('Why it was cancelled, failed or came back'),
    deadline: instant.nullable().describe('When the status ends by itself'),
    allowed_actions: z.array(payoutAction),
    history: z.array(move),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Payout' });
export type PayoutView = z.infer<typeof payoutView>;

/** Durable events of payouts, by name, with the data each carries. */
export const PAYOUT_EVENTS = {
  payout_update: z
    .object({
      payoutId: id,
      status: z.enum(STATES),
      action: z.string(),
      asset: z.string(),
      amount,
      fee: amount,
      net: amount,
      reason: z.string().nullable(),
      deadline: instant.nullable(),
    })
    .describe('A payout of yours moved on'),
} as const;
