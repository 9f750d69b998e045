/** What is traded for what, in which steps. */
import { ASSETS, type Asset, formatDecimal, MAX_MINOR, readAmount } from '../money.ts';
import { oncePer } from '../oncePer.ts';

/** `cancel_only`: orders may leave the book and not come. `halted`: neither, but for what an administrator does. */
export const PAIR_STATES = ['trading', 'cancel_only', 'halted'] as const;
export type PairState = (typeof PAIR_STATES)[number];

export type Pair = {
  id: string;
  base: Asset;
  quote: Asset;
  /** Steps of the price, in minor units of the quote for one whole of the base. */
  tick: bigint;
  /** Steps of the amount, in minor units of the base. */
  lot: bigint;
  /** What an order has to come to at least, in minor units of the quote. */
  minNotional: bigint;
  /** How far a price may be from the last one, in basis points; null for no bound. */
  bandBps: number | null;
  state: PairState;
};

/**
 * What one lot costs at one tick, in minor units of the quote. Ticks and lots are chosen so that this is whole: then
 * whatever is traded costs whole units, and nothing is ever rounded but fees. RangeError where it is not.
 */
export const unitOf = oncePer(({ id, base, tick, lot }: Pair): bigint => {
  const whole = 10n ** BigInt(ASSETS[base]);
  if ((tick * lot) % whole !== 0n) throw new RangeError(`a lot of ${id} costs parts of a unit`);
  return (tick * lot) / whole;
});

export function notionalOf(pair: Pair, ticks: number, lots: number): bigint {
  return BigInt(ticks) * BigInt(lots) * unitOf(pair);
}

/** A price as whole ticks, or why it is none. */
export function readTicks(text: string, pair: Pair): number | string {
  return inSteps(text, pair.quote, pair.tick, 'the tick');
}

/** An amount as whole lots, or why it is none. */
export function readLots(text: string, pair: Pair): number | string {
  return inSteps(text, pair.base, pair.lot, 'the lot');
}

function inSteps(text: string, asset: Asset, step: bigint, name: string): number | string {
  const units = readAmount(text, asset);
  if (typeof units === 'string') return units;
  if (units % step !== 0n) return `is not a multiple of ${name}, which is ${formatDecimal(step, asset)} ${asset}`;
  return Number(units / step);
}

/** Why an order of so many lots at a price is too small or too large; null where it is neither. */
export function sizeProblem(pair: Pair, ticks: number, lots: number): string | null {
  const notional = notionalOf(pair, ticks, lots);
  const text = (units: bigint) => `${formatDecimal(units, pair.quote)} ${pair.quote}`;
  if (notional < pair.minNotional) return `comes to ${text(notional)}, and ${text(pair.minNotional)} is the least`;
  if (notional > MAX_MINOR) return `comes to more than ${text(MAX_MINOR)}, the most there can be`;
  return null;
}

export const formatTicks = (ticks: number | bigint, { tick, quote }: Pair): string =>
  formatDecimal(BigInt(ticks) * tick, quote);
export const formatLots = (lots: number | bigint, { lot, base }: Pair): string =>
  formatDecimal(BigInt(lots) * lot, base);

/** "BTC/USD" and "btc-usd" are "BTC-USD". */
export const pairIdOf = (text: string): string => text.replace('/', '-').toUpperCase();

/** The prices that a pair's band allows around the last one; null for all. */
export function bandOf({ bandBps }: Pair, last: number | null): { low: number; high: number } | null {
  if (bandBps === null || last === null) return null;
  const away = Math.floor((last * bandBps) / 10_000);
  return { low: Math.max(last - away, 1), high: last + away };
}
