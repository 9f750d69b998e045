import { ASSETS, isAsset } from '#workflows/money.ts';

/** Currencies without a minor unit, of those that providers here write as major amounts. */
const WHOLE = new Set([
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'JPY',
  'KMF',
  'KRW',
  'MGA',
  'PYG',
  'RWF',
  'UGX',
  'VND',
  'XAF',
  'XOF',
]);

/** Digits after the point of a currency or coin, ours or any other. */
export function decimalsOf(currency: string): number {
  if (isAsset(currency)) return ASSETS[currency];
  return WHOLE.has(currency) ? 0 : 2;
}

/** 500050n of a currency with two decimals → "5000.50". */
export function majorText(units: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = units.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
