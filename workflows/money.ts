/** Money is whole minor units in a bigint; it is a decimal string on the wire and never passes through a float. */

/** Decimals of every asset. An asset that is not here does not exist. */
export const ASSETS = { INR: 2, USD: 2, CREDIT: 0, TOKEN: 0, LYK: 2, BTC: 8, ETH: 8, USDT: 6 } as const;

export type Asset = keyof typeof ASSETS;

/** Whole minor units (paise, cents, satoshi). */
export type Minor = bigint & { readonly __brand: 'Minor' };

/** The largest amount any single transfer may carry: well inside Postgres' bigint, far above any real deal. */
export const MAX_MINOR = 1_000_000_000_000_000n;

export function isAsset(name: string): name is Asset {
  return Object.hasOwn(ASSETS, name);
}

/** Brands a count of minor units. Throws RangeError outside ±MAX_MINOR. */
export function minor(units: bigint | string): Minor {
  const value = BigInt(units);
  if (value > MAX_MINOR || value < -MAX_MINOR) throw new RangeError(`amount out of range: ${value}`);
  return value as Minor;
}

/** "5000.50" INR → 500050n. Accepts plain decimals only; null when the text is not one or has too many decimals. */
export function parseDecimal(text: string, asset: Asset): Minor | null {
  const match = /^(-?)(\d{1,16})(?:\.(\d+))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole = '0', fraction = ''] = match;
  const decimals = ASSETS[asset];
  if (fraction.length > decimals) return null;
  const units = BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, '0') || '0');
  if (units > MAX_MINOR) return null;
  return (sign ? -units : units) as Minor;
}

/** Why a text or number is no amount to move, as it is said after the field's name. */
export type AmountProblem = string;

/**
 * A client's amount ("250", "250.5", 250.5) → minor units, or what is wrong with it: it has to be above zero, of no more
 * decimals than the asset has, and no larger than `max`. A number is read by its shortest text, not by arithmetic.
 */
export function readAmount(value: string | number, asset: Asset, max: bigint = MAX_MINOR): Minor | AmountProblem {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const most = `is more than ${formatDecimal(max, asset)} ${asset}, the most there can be`;
  if (!match) return /^\d[\d.]*e\+\d+$/.test(text) ? most : 'is not a decimal amount, such as "250" or "250.50"';
  const [, sign, whole = '', fraction = ''] = match;
  if (sign) return 'is negative';
  if (fraction.length > ASSETS[asset]) {
    return `has more decimals than ${asset} has, which is ${ASSETS[asset] === 0 ? 'none' : ASSETS[asset]}`;
  }
  const units = whole.replace(/^0+/, '').length > 18 ? null : parseUnits(whole, fraction, ASSETS[asset]);
  if (units === null || units > max) return most;
  return units === 0n ? 'is zero' : (units as Minor);
}

function parseUnits(whole: string, fraction: string, decimals: number): bigint {
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, '0') || '0');
}

/** 500050n INR → "5000.50": always all the asset's decimals, so that amounts compare as text within an asset. */
export function formatDecimal(units: bigint, asset: Asset): string {
  const decimals = ASSETS[asset];
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** 500000n INR paise → "₹5,000", 500050n → "₹5,000.50": Indian digit groups, for sentences people read. */
export function formatRupees(paise: bigint): string {
  const [whole = '0', fraction = '00'] = formatDecimal(paise, 'INR').split('.');
  const grouped =
    whole.length <= 3 ? whole : `${whole.slice(0, -3).replace(/\B(?=(\d{2})+$)/g, ',')},${whole.slice(-3)}`;
  return `₹${grouped}${fraction === '00' ? '' : `.${fraction}`}`;
}

/** What people read: rupees with their sign and groups, every other asset as decimal and name, "0.05 BTC". */
export function formatAmount(units: bigint, asset: Asset): string {
  return asset === 'INR' ? formatRupees(units) : `${formatDecimal(units, asset)} ${asset}`;
}

/** The same of a currency that may be none of ours: of such a one no more is known than its own minor units. */
export function formatUnits(units: string, currency: string): string {
  return isAsset(currency) ? formatAmount(BigInt(units), currency) : `${units} ${currency} (minor units)`;
}

/** A share in basis points, rounded down: the remainder stays with whoever is paid the rest. */
export function shareRoundedDown(amount: bigint, basisPoints: number): Minor {
  return ((amount * BigInt(basisPoints)) / 10_000n) as Minor;
}
