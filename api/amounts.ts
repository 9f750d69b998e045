import { z } from 'zod';
import { PRICE_EXPECTED, parsePrice } from '#workflows/deal/price.ts';
import type { Minor } from '#workflows/money.ts';
import { invalidField } from './failure.ts';

/** Rupees as a client writes them: a number, or a text such as "₹5,000" or "5000.50 INR". */
export const rupeesRequest = z
  .union([z.string().max(40), z.number()])
  .describe('Rupees with at most 2 decimals: a number, or a text such as "5000", "₹5,000" or "5000.50 INR"')
  .meta({ examples: ['5000'] });

/** Rupees as we write them: decimal text with both decimals. */
export const rupees = z
  .string()
  .describe('Rupees, as decimal text')
  .meta({ examples: ['5000.00'] });

/** A client's rupees → paise. VALIDATION_FAILED naming the field. */
export function takeRupees(field: string, value: string | number, max?: bigint): Minor {
  const paise = parsePrice(value, max);
  if (paise === null) throw invalidField(field, `is not a price. ${PRICE_EXPECTED}`);
  return paise;
}
