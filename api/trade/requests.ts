import { z } from 'zod';
import { isDuration } from '#workflows/durations.ts';
import { type Minor, parseDecimal } from '#workflows/money.ts';
import { words } from '#workflows/talk/contract.ts';
import { asset } from '#workflows/trade/contract.ts';
import { invalidField } from '../failure.ts';
import { dryRunBody } from '../money/posting.ts';

const duration = z
  .string()
  .max(40)
  .refine(isDuration, 'is not an ISO 8601 duration of weeks, days, hours, minutes and seconds, from a second to a year')
  .meta({ examples: ['PT30M'] });

export const policyRequest = z
  .strictObject({
    pay_within: duration.optional(),
    release_within: duration.optional(),
    respond_within: duration.optional(),
    rule_within: duration.optional(),
    default_release_percent: z.int().min(0).max(100).optional(),
  })
  .describe('What differs from the defaults')
  .meta({ id: 'TradePolicyRequest' });

const decimalText = z
  .string()
  .max(40)
  .meta({ examples: ['0.05'] });

/** What a seller opens a trade with. */
export const openRequest = z
  .strictObject({
    buyer_id: z.uuid(),
    asset,
    amount: decimalText.describe('How much of the asset, as a decimal'),
    price: decimalText.describe('What is paid for the whole, outside of Tandem'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .describe('ISO 4217')
      .meta({ examples: ['INR'] }),
    payment_method: words(60).meta({ examples: ['UPI'] }),
    payment_details: words(1_000, { empty: true })
      .optional()
      .describe('Where to pay; shown to the buyer and you alone'),
    policy: policyRequest.optional(),
    dry_run: dryRunBody,
  })
  .meta({
    id: 'OpenTrade',
    examples: [
      {
        buyer_id: '01970000-0000-7000-8000-000000000001',
        asset: 'USDT',
        amount: '25',
        price: '2150',
        currency: 'INR',
        payment_method: 'UPI',
        payment_details: 'seller@bank',
      },
    ],
  });

/** A positive amount of the asset, in its minor units. VALIDATION_FAILED where it is none. */
export function takeAmount(text: string, of: z.infer<typeof asset>): Minor {
  const units = parseDecimal(text, of);
  if (units === null || units <= 0n) throw invalidField('amount', `is not a positive decimal of ${of}`);
  return units;
}

const PRICE = /^\d{1,12}(\.\d{1,2})?$/;

/** A price as decimal text. VALIDATION_FAILED where it is nothing, or has more than two decimals. */
export function takePrice(text: string): string {
  if (!PRICE.test(text) || Number(text) === 0) {
    throw invalidField('price', 'is not a positive decimal with at most two decimals');
  }
  return text;
}
