/** Requests, views and events of trades as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { ASSETS, type Asset } from '../money.ts';
import { COMMANDS } from './commands.ts';
import { PARTIES, ROLES } from './parties.ts';
import { STATES } from './states.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const amount = z.string().regex(/^\d+(\.\d+)?$/);

export const tradeState = z.enum(STATES).meta({ id: 'TradeStatus' });
export const asset = z.enum(Object.keys(ASSETS) as [Asset, ...Asset[]]).meta({ id: 'Asset' });

export const tradePolicy = z
  .object({
    pay_within: z.string(),
    release_within: z.string(),
    respond_within: z.string(),
    rule_within: z.string(),
    default_release_percent: z.int(),
  })
  .meta({ id: 'TradePolicy', description: 'ISO 8601 durations, fixed when the trade opens' });

const tradeAction = z
  .object({
    name: z.enum(Object.keys(COMMANDS) as [string, ...string[]]),
    label: z.string(),
    style: z.enum(['success', 'danger', 'primary', 'secondary', 'warning']),
    input: z.object({ id: z.string(), placeholder: z.string(), required: z.boolean(), max_length: z.int() }).nullable(),
    consequence: z.string().nullable().describe('What it does with what is held, where it does anything with it'),
  })
  .meta({ id: 'TradeAction' });

const dispute = z
  .object({
    opened_by: z.enum([...PARTIES, 'system']),
    reason: z.string(),
    silence: z
      .object({ at: instant, release_percent: z.int(), reason: z.string() })
      .nullable()
      .describe('How it ends where nobody rules and nobody says anything more'),
  })
  .meta({ id: 'TradeDispute' });

const ruling = z
  .object({ release_percent: z.int(), reason: z.string(), by: z.enum(ROLES) })
  .meta({ id: 'TradeRuling' });

const move = z
  .object({
    n: z.int(),
    action: z.string(),
    by: z.enum(ROLES),
    at: instant,
    from: tradeState,
    to: tradeState,
    sentence: z.string().describe('What happened, for people'),
    text: z.string().nullable().describe('The reason, evidence or statement that came with it'),
    links: z.array(z.string()),
  })
  .meta({ id: 'EscrowMove' });

/** A trade as one of its two parties (or an administrator) sees it. */
export const transaction = z
  .object({
    id,
    status: tradeState,
    buyer_id: id,
    seller_id: id,
    asset,
    amount: amount.describe('What was put into escrow, as a decimal of the asset'),
    price: amount.describe('What is paid for the whole outside of Tandem'),
    currency: z.string(),
    payment_method: z.string(),
    payment_details: z
      .string()
      .nullable()
      .describe('Where to pay; for the two parties alone, until 30 days after the end'),
    offer_id: id.nullable().describe('The offer that it was taken from, where it was'),
    held: amount.describe('What is still in escrow'),
    deadline: instant.nullable().describe('When the status ends by itself'),
    awaiting_role: z.enum(PARTIES).nullable(),
    my_role: z.enum([...PARTIES, 'admin']),
    policy: tradePolicy,
    cancel_asked_by: z.enum(PARTIES).nullable(),
    dispute: dispute.nullable(),
    ruling: ruling.nullable(),
    allowed_actions: z.array(tradeAction),
    history: z.array(move),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'EscrowTransaction' });
export type TransactionView = z.infer<typeof transaction>;

/** Durable events of a trade, by name, with the data each carries. */
export const TRADE_EVENTS = {
  order_update: z
    .object({
      orderId: id,
      status: z.string(),
      data: z
        .object({
          kind: z.literal('escrow'),
          action: z.string(),
          by: z.enum(ROLES),
          deadline: instant.nullable(),
          asset,
          held: amount.describe('What is still in escrow'),
          offerId: id.optional().describe('The offer that it was taken from, where it was'),
        })
        .meta({ id: 'EscrowUpdate' }),
    })
    .describe('A trade of yours moved on'),
} as const;
