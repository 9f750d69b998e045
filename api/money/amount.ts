import { z } from 'zod';
import { ASSETS, type Asset, formatDecimal, type Minor, readAmount } from '#workflows/money.ts';
import { invalidField } from '../failure.ts';

/** Money as clients write and read it, in any asset. */

const NAMES = Object.keys(ASSETS) as [Asset, ...Asset[]];

export const asset = z
  .enum(NAMES, { error: `is none of our assets, which are ${NAMES.join(', ')}` })
  .describe('What it is an amount of');

export const amountRequest = z
  .union([z.string().max(40), z.number()])
  .describe('A decimal amount above zero, with no more decimals than the asset has')
  .meta({ examples: ['250.50'] });

export const pointsRequest = z
  .union([z.string().max(40), z.number()])
  .describe('Points (LYK), above zero, with at most 2 decimals')
  .meta({ examples: [50] });

export const decimal = z
  .string()
  .describe('Decimal text in the asset')
  .meta({ examples: ['4500.00'] });

/** A client's amount → minor units. VALIDATION_FAILED naming the field and what is wrong with it. */
export function takeAmount(field: string, value: string | number, of: Asset, max?: bigint): Minor {
  const read = readAmount(value, of, max);
  if (typeof read === 'string') throw invalidField(field, read);
  return read;
}

export function text(units: bigint, of: string): string {
  return formatDecimal(units, of as Asset);
}
