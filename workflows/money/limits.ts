/** How much of a wallet may go to others: by day and by age of the account, and less to somebody who is new to it. */
import type { Asset } from '../money.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What an account of less than a week may send a day, in minor units: some 50,000 rupees' worth. */
const FIRST: Record<Asset, bigint> = {
  INR: 5_000_000n,
  USD: 60_000n,
  CREDIT: 50_000n,
  TOKEN: 50_000n,
  LYK: 5_000_000n,
  BTC: 1_000_000n,
  ETH: 20_000_000n,
  USDT: 600_000_000n,
};

/** From the age on, so many times the first. Oldest last. */
const TIERS = [
  { fromAgeMs: 0, times: 1n },
  { fromAgeMs: 7 * DAY_MS, times: 5n },
  { fromAgeMs: 30 * DAY_MS, times: 20n },
] as const;

/** To somebody who was never sent this asset before, within a day of the first time: this part of the day's limit. */
const NEW_RECIPIENT_PART = 5n;
export const COOLING_OFF_MS = 24 * HOUR_MS;

export type Limit = {
  name: 'daily' | 'new_recipient';
  allowed: bigint;
  /** What was sent before within it. */
  used: bigint;
  /** When there is more to send. */
  retryAt: string;
  /** What raises it, in words. */
  raisedBy: string;
};

export type Sending = {
  asset: Asset;
  amount: bigint;
  /** When the sender's account was opened. */
  openedAt: string;
  now: string;
  /** Before this one: today (UTC) to anybody, and to this recipient within a day of the first time. */
  sentToday: bigint;
  sentSinceFirst: bigint;
  /** When the recipient was first sent this asset; null when this is the first time. */
  firstAt: string | null;
  /** What a deployment makes of it, in percent. */
  percent: number;
};

/** The limit that stands in the way of sending this, or null. */
export function limitInTheWay(sending: Sending): Limit | null {
  const { asset, amount, now, sentToday, sentSinceFirst, firstAt, percent } = sending;
  const ageMs = Date.parse(now) - Date.parse(sending.openedAt);
  const place = TIERS.findLastIndex(({ fromAgeMs }) => ageMs >= fromAgeMs);
  const { times } = TIERS[Math.max(place, 0)] as (typeof TIERS)[number];
  const daily = (FIRST[asset] * times * BigInt(percent)) / 100n;
  const next = TIERS[Math.max(place, 0) + 1];
  if (sentToday + amount > daily) {
    return {
      name: 'daily',
      allowed: daily,
      used: sentToday,
      retryAt: new Date(Math.floor(Date.parse(now) / DAY_MS) * DAY_MS + DAY_MS).toISOString(),
      raisedBy: next
        ? `an account that is ${next.fromAgeMs / DAY_MS} days old may send ${next.times / times} times as much a day`
        : 'nothing but the next day: this is the most there is',
    };
  }
  const coolsOff = firstAt === null || Date.parse(now) < Date.parse(firstAt) + COOLING_OFF_MS;
  const toNew = daily / NEW_RECIPIENT_PART;
  if (coolsOff && sentSinceFirst + amount > toNew) {
    return {
      name: 'new_recipient',
      allowed: toNew,
      used: sentSinceFirst,
      retryAt: new Date(Date.parse(firstAt ?? now) + COOLING_OFF_MS).toISOString(),
      raisedBy: 'a first, smaller transfer to this recipient: a day after it, only the daily limit counts',
    };
  }
  return null;
}
