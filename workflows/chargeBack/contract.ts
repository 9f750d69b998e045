/** Requests, views and events of charge-backs as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { payoutAction } from '../payout/contract.ts';
import { COMMANDS } from './commands.ts';
import { PARTIES, ROLES } from './parties.ts';
import { STATES } from './states.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const amount = z.string().meta({ examples: ['5000.00'] });

export const chargeBackState = z
  .enum(STATES)
  .describe(
    'open: evidence is collected; submitted: the bank has it, and decides; undecided: it did not for long; won, lost; settled: lost, and nothing is left to recover',
  )
  .meta({ id: 'ChargeBackStatus' });

const frozen = z
  .object({ asset: z.string(), amount })
  .nullable()
  .describe('What of the payee’s is set aside until it is decided; shown to the payee and administrators');
const owed = z
  .object({ asset: z.string(), amount })
  .nullable()
  .describe('What the payee still owes of a loss: taken from what comes in; shown to the payee and administrators');

/** A charge-back as one of its sides, or an administrator, sees it. */
export const chargeBackView = z
  .object({
    id,
    status: chargeBackState,
    my_role: z.enum([...PARTIES, 'admin']),
    payer_id: id.nullable(),
    payee_id: id.nullable(),
    process_id: id.nullable().describe('What the payment was for'),
    provider: z.string(),
    dispute_id: z.string().describe('As the provider calls it'),
    amount: amount.describe('What is disputed; minor units where we have no such currency'),
    currency: z.string(),
    reason: z.string().nullable().describe('As the payer’s bank says'),
    respond_by: instant.describe('Until when evidence is taken'),
    contested: z.boolean(),
    lost: amount.nullable().describe('What the bank took in the end'),
    frozen,
    owed,
    deadline: instant.nullable().describe('When the status ends by itself'),
    allowed_actions: z.array(payoutAction),
    evidence: z
      .array(z.object({ by: z.enum(ROLES), at: instant, text: z.string() }))
      .describe('What you, or for administrators all, have said'),
    history: z.array(
      z.object({
        n: z.int(),
        action: z.enum(Object.keys(COMMANDS) as [string, ...string[]]),
        by: z.enum(ROLES),
        at: instant,
        from: chargeBackState,
        to: chargeBackState,
        sentence: z.string(),
      }),
    ),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'ChargeBack' });
export type ChargeBackView = z.infer<typeof chargeBackView>;

/** Durable events of charge-backs, by name, with the data each carries. */
export const CHARGE_BACK_EVENTS = {
  charge_back_update: z
    .object({
      chargeBackId: id,
      processId: id.nullable(),
      status: z.enum(STATES),
      action: z.string(),
      amount,
      currency: z.string(),
      respondBy: instant,
      frozen: frozen.unwrap().nullable(),
      owed: owed.unwrap().nullable(),
    })
    .describe('A payment of yours is charged back, or what became of that'),
} as const;
