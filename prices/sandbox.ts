import type { Quoted } from '#workflows/price/quoted.ts';
import type { PriceFeed } from './feed.ts';

/** Where prices begin. */
const BEGIN: Record<string, number> = { BTC: 65_000, ETH: 3_200, USDT: 1 };
/** What a dollar is in each currency, where that begins. */
const RATES: Record<string, number> = { USD: 1, INR: 85, EUR: 0.92 };
/** So much a price is away from where it began at most. */
const SWING: Record<string, number> = { BTC: 0.08, ETH: 0.1, USDT: 0.002, INR: 0.01, EUR: 0.01, USD: 0 };
const STEP_MS = 10_000;
const DAY_MS = 86_400_000;

/** A feed of our own for trying things: prices go up and down by a seed and the time, and are the same for the same. */
export function sandboxFeed({ seed, now }: { seed: number; now: () => Date }): PriceFeed {
  const moved = (name: string, begin: number, ms: number): number => {
    const step = Math.floor(ms / STEP_MS);
    const swing = [37, 331, 2_903].reduce((sum, period, at) => {
      const phase = ((seed * 7_919 + name.charCodeAt(0) * 104_729 + at * 1_299_709) % 1_000) / 1_000;
      return sum + Math.sin(2 * Math.PI * (step / period + phase)) / 3;
    }, 0);
    return begin * (1 + (SWING[name] as number) * swing);
  };
  const priceAt = ({ symbol, currency }: Quoted, ms: number): number =>
    moved(symbol, BEGIN[symbol] as number, ms) * moved(currency, RATES[currency] as number, ms);
  return {
    name: 'sandbox',
    async ask(wanted) {
      const at = now();
      const ms = at.getTime();
      return wanted
        .filter(({ symbol, currency }) => BEGIN[symbol] !== undefined && RATES[currency] !== undefined)
        .map((quoted) => {
          const [price, before] = [priceAt(quoted, ms), priceAt(quoted, ms - DAY_MS)];
          const change24h = ((price / before - 1) * 100).toFixed(2);
          const text = price.toFixed(quoted.symbol === 'USDT' ? 6 : 2);
          return { ...quoted, price: text, change24h, at: at.toISOString() };
        });
    },
  };
}
