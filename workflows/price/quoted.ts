/** What a price is of: a coin, in a currency. */
export type Quoted = { symbol: string; currency: string };

/** What is meant where no currency is named. */
const USUAL_CURRENCY = 'USD';

/** A price that was not confirmed for so long is said to be stale, and nothing is priced by it. */
export const PRICE_VALID_MS = 600_000;

/** "BTC" is what it costs in dollars, "BTC-INR" and "BTC/INR" what it costs in rupees. */
export function quotedOf(text: string): Quoted {
  const [, symbol = text.toUpperCase(), currency = USUAL_CURRENCY] =
    text.toUpperCase().match(/^([^/-]+)[/-]([^/-]+)$/) ?? [];
  return { symbol, currency };
}

/** One name for one price: a room has it, and an event. */
export const priceName = ({ symbol, currency }: Quoted): string =>
  currency === USUAL_CURRENCY ? symbol : `${symbol}-${currency}`;
