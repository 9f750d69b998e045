import type { PriceFeed } from './feed.ts';

/** Where prices begin. */
const BEGIN: Record<string, number> = { BTC: 65_000, ETH: 3_200, USDT: 1 };
/** So much a price is away from where it began at most. */
const SWING: Record<string, number> = { BTC: 0.08, ETH: 0.1, USDT: 0.002 };
const STEP_MS = 10_000;
const DAY_MS = 86_400_000;

/** A feed of our own for trying things: prices go up and down by a seed and the time, and are the same for the same. */
export function sandboxFeed({ seed, now }: { seed: number; now: () => Date }): PriceFeed {
  const priceAt = (symbol: string, ms: number): number => {
    const step = Math.floor(ms / STEP_MS);
    const swing = [37, 331, 2_903].reduce((sum, period, at) => {
      const phase = ((seed * 7_919 + symbol.charCodeAt(0) * 104_729 + at * 1_299_709) % 1_000) / 1_000;
      return sum + Math.sin(2 * Math.PI * (step / period + phase)) / 3;
    }, 0);
    return (BEGIN[symbol] as number) * (1 + (SWING[symbol] as number) * swing);
  };
  return {
    name: 'sandbox',
    async ask(symbols) {
      const at = now();
      const ms = at.getTime();
      return symbols
        .filter((symbol) => BEGIN[symbol] !== undefined)
        .map((symbol) => {
          const [price, before] = [priceAt(symbol, ms), priceAt(symbol, ms - DAY_MS)];
          const change24h = ((price / before - 1) * 100).toFixed(2);
          return { symbol, price: price.toFixed(symbol === 'USDT' ? 6 : 2), change24h, at: at.toISOString() };
        });
    },
  };
}
