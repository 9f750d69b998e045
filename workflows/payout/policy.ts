/** What a payout may be of, and how long it waits for what. */
import type { Asset } from '../money.ts';

/** For a second pair of eyes; then it is cancelled. */
export const DECIDE_WITHIN = 'P7D';
/** For papers, or for an operator to let payouts go on, after the hold window; then it is cancelled. */
export const WAITS_AT_MOST = 'P30D';

/** Of a day (UTC) and account, in minor units: some 500,000 rupees' worth. */
const DAILY: Record<Asset, bigint> = {
  INR: 50_000_000n,
  USD: 600_000n,
  CREDIT: 500_000n,
  TOKEN: 500_000n,
  LYK: 50_000_000n,
  BTC: 10_000_000n,
  ETH: 200_000_000n,
  USDT: 6_000_000_000n,
};

/** The least of a payout, unless it is all that there is. */
const LEAST: Record<Asset, bigint> = {
  INR: 1_00n,
  USD: 1_00n,
  CREDIT: 1n,
  TOKEN: 1n,
  LYK: 1_00n,
  BTC: 1_000n,
  ETH: 10_000n,
  USDT: 1_000_000n,
};

/** From so much on, a second pair of eyes looks at it: a fifth of what a day allows. */
const FOUR_EYES_PART = 5n;

export type Bounds = { least: bigint; daily: bigint; fourEyesFrom: bigint };

/** `percent` is what a deployment makes of the upper ones. */
export function boundsOf(asset: Asset, percent: number): Bounds {
  const daily = (DAILY[asset] * BigInt(percent)) / 100n;
  return { least: LEAST[asset], daily, fourEyesFrom: daily / FOUR_EYES_PART };
}

/** What becomes of an amount: the parts are whole, and add up. The fee is rounded down. */
export function partsOf(gross: bigint, feeBps: number, fixed: bigint): { gross: bigint; fee: bigint; net: bigint } {
  const fee = (gross * BigInt(feeBps)) / 10_000n + fixed;
  return { gross, fee, net: gross - fee };
}
