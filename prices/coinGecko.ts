import type { Quoted } from '#workflows/price/quoted.ts';
import { askJson } from './call.ts';
import { changeText, FeedFailed, type PriceFeed, priceText, type Quote } from './feed.ts';

/** CoinGecko knows coins by ids of its own. */
const IDS: Record<string, string> = { BTC: 'bitcoin', ETH: 'ethereum', USDT: 'tether' };

export type FeedSettings = { key: string | undefined; baseUrl: string | undefined; timeoutMs: number };

/** `GET /simple/price`: all coins in all currencies in one question; without a key as often as the public may ask. */
export function coinGecko({ key, baseUrl = 'https://api.coingecko.com/api/v3', timeoutMs }: FeedSettings): PriceFeed {
  const name = 'coingecko';
  return {
    name,
    async ask(wanted) {
      const known = wanted.filter(({ symbol }) => IDS[symbol] !== undefined);
      if (known.length === 0) return [];
      const ids = [...new Set(known.map(({ symbol }) => IDS[symbol]))].join(',');
      const currencies = [...new Set(known.map(({ currency }) => currency.toLowerCase()))].join(',');
      const query = `ids=${ids}&vs_currencies=${currencies}&include_24hr_change=true&include_last_updated_at=true`;
      const headers: Record<string, string> = key ? { 'x-cg-demo-api-key': key } : {};
      const answer = await askJson(name, `${baseUrl}/simple/price?${query}`, { headers, timeoutMs });
      const quotes = known.flatMap((quoted) =>
        quoteIn(quoted, (answer as Record<string, unknown>)?.[IDS[quoted.symbol] as string]),
      );
      if (quotes.length === 0) throw new FeedFailed(name, 'answers no price');
      return quotes;
    },
  };
}

function quoteIn({ symbol, currency }: Quoted, coin: unknown): Quote[] {
  const said = (coin ?? {}) as Record<string, unknown>;
  const name = currency.toLowerCase();
  const price = priceText(said[name]);
  if (price === null) return [];
  const { last_updated_at } = said;
  const at = typeof last_updated_at === 'number' ? new Date(last_updated_at * 1_000).toISOString() : null;
  return [{ symbol, currency, price, change24h: changeText(said[`${name}_24h_change`]), at }];
}
