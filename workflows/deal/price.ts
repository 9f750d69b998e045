import { type Minor, parseDecimal } from '../money.ts';

/** ₹1 and ₹1,00,00,000 in paise. */
export const MIN_PRICE = 100n;
export const MAX_PRICE = 1_000_000_000n;

export const PRICE_EXPECTED =
  'Expected rupees from 1 to 1,00,00,000 with at most 2 decimals, such as 5000, "5,000", "₹5000" or "5000.50 INR".';

/** Digits in one piece, or in Indian (1,00,000) or western (100,000) groups. */
const WRITTEN =
  /^(?:₹|rs\.?|inr)?\s*(\d+|\d{1,2}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+)(\.\d{1,2})?\s*(?:₹|rs\.?|inr|rupees?|\/-)?$/i;

/** A decimal digit of whatever script → its ASCII digit. Those of a script stand in a row, and rows have ten. */
function asciiDigit(digit: string): string {
  const at = digit.codePointAt(0) ?? 0;
  let first = at;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((at - first) % 10);
}

const DIGIT = /^\p{Nd}$/u;
const DIGITS = /\p{Nd}/gu;

/** A price as people write it → paise; null when it is not one, or outside MIN_PRICE to `max`. */
export function parsePrice(input: string | number, max = MAX_PRICE): Minor | null {
  // A number's shortest text is what the client wrote; arithmetic on it would be a float's.
  const match = WRITTEN.exec(String(input).trim().replace(DIGITS, asciiDigit));
  if (!match) return null;
  const [, whole = '', fraction = ''] = match;
  const paise = parseDecimal(whole.replaceAll(',', '') + fraction, 'INR');
  return paise !== null && paise >= MIN_PRICE && paise <= max ? paise : null;
}
