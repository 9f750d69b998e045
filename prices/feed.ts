/** The port to whoever knows prices. */
import type { Quoted } from '#workflows/price/quoted.ts';

/** What somebody says that a coin costs, in a currency. */
export type Quote = Quoted & {
  /** Decimal text. */
  price: string;
  /** In per cent; null where it does not say. */
  change24h: string | null;
  /** When it was so, by its own word; null where it does not say. */
  at: string | null;
};

export interface PriceFeed {
  readonly name: string;
  /**
   * Of these prices those that it knows; none where it knows of none of them. Throws FeedFailed where it answers nothing,
   * or nothing that is a price.
   */
  ask(wanted: readonly Quoted[]): Promise<Quote[]>;
}

/** It does not answer, refuses, or answers what is no price. */
export class FeedFailed extends Error {
  /** When it wants to be asked again, in ms; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(feed: string, message: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(`${feed}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FeedFailed';
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A number that JSON brought, or a text, as the decimal text of a price; null for what is none: zero, negative, absurd. */
export function priceText(value: unknown): string | null {
  const text = typeof value === 'number' ? plain(value) : typeof value === 'string' ? value : '';
  if (!/^\d{1,12}(\.\d{1,20})?$/.test(text) || Number(text) <= 0) return null;
  return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

/** Without an exponent. */
function plain(value: number): string {
  return Math.abs(value) < 1e-6 ? value.toFixed(20) : String(value);
}

/** In per cent with two decimals; null for what is no number. */
export function changeText(value: unknown): string | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number.toFixed(2) : null;
}
