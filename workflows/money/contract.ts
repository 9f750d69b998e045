/** What travels about wallets: the events of Softchat and LykLuk, with the fields and the envelope of their pages. */
import { z } from 'zod';

const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();
const decimal = z.string();

/** A field of what moves money: it is rehearsed, and not done. */
export const dryRun = z
  .boolean()
  .optional()
  .describe('Answers as it would, and does nothing: ids in the answer name nothing. No Idempotency-Key is used up');

/** What somebody has of an asset, as decimal text. */
export const balanceView = z
  .object({ asset: z.string(), available: decimal, held: decimal, total: decimal })
  .meta({ id: 'Balance' });
export type BalanceView = z.infer<typeof balanceView>;

const DEDUCTIONS = ['purchase', 'withdrawal', 'penalty', 'gift_sent', 'boost_post'] as const;
export type Deduction = (typeof DEDUCTIONS)[number];

/** Durable events of wallets, by name, with the data each carries. */
export const WALLET_EVENTS = {
  balance_update: z.object({ userId: id, balance: balanceView }).describe('What you have of an asset has changed'),
  transaction_complete: z
    .object({
      transactionId: z.string(),
      details: z.object({
        kind: z.string(),
        asset: z.string(),
        amount: decimal,
        balance_after: decimal,
        counterparty_id: id.nullable(),
        memo: z.string().nullable(),
        occurred_at: instant,
      }),
    })
    .describe('A transaction of your wallet is booked'),
  points_deducted: z
    .object({
      type: z.literal('points_deducted'),
      eventType: z.literal('wallet:points:deducted'),
      recipientIds: z.array(id),
      data: z.object({
        userId: id,
        action: z.enum(DEDUCTIONS),
        points: z.number(),
        newBalance: z.number(),
        previousBalance: z.number(),
        reason: z.string(),
        timestamp: instant,
        metadata: z.object({ itemId: z.string().optional(), itemName: z.string().optional() }).loose(),
      }),
    })
    .describe('Points left your wallet'),
  wallet_update: z
    .object({
      type: z.literal('wallet_update'),
      eventType: z.literal('wallet:balance:updated'),
      recipientIds: z.array(id),
      data: z.object({
        userId: id,
        asset: z.string(),
        newBalance: z.number(),
        previousBalance: z.number(),
        reason: z.string(),
        timestamp: instant,
      }),
    })
    .describe('Your balance was put right'),
} as const;
