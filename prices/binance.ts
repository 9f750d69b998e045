import { priceName, type Quoted } from '#workflows/price/quoted.ts';
import { askJson } from './call.ts';
import type { FeedSettings } from './coinGecko.ts';
import { changeText, FeedFailed, type PriceFeed, priceText, type Quote } from './feed.ts';

/**
 * What is traded there of what is asked for, and it refuses a question with any other pair in it. USDT is taken for the
 * dollar: a stablecoin that strays shows as an outlier.
 */
const PAIRS: Record<string, string> = { BTC: 'BTCUSDT', ETH: 'ETHUSDT', 'BTC-EUR': 'BTCEUR', 'ETH-EUR': 'ETHEUR' };
const pairOf = (quoted: Quoted): string | undefined => PAIRS[priceName(quoted)];

/** `GET /ticker/24hr`: what was last traded. 429 and 418 say when to come back. */
export function binance({ key, baseUrl = 'https://api.binance.com/api/v3', timeoutMs }: FeedSettings): PriceFeed {
  const name = 'binance';
  return {
    name,
    async ask(wanted) {
      const known = wanted.filter((quoted) => pairOf(quoted) !== undefined);
      if (known.length === 0) return [];
      const pairs = JSON.stringify(known.map(pairOf));
      const headers: Record<string, string> = key ? { 'x-mbx-apikey': key } : {};
      const url = `${baseUrl}/ticker/24hr?symbols=${encodeURIComponent(pairs)}`;
      const answer = await askJson(name, url, { headers, timeoutMs });
      const rows = Array.isArray(answer) ? (answer as Record<string, unknown>[]) : [];
      const quotes = known.flatMap((quoted) =>
        quoteIn(
          quoted,
          rows.find((row) => row?.symbol === pairOf(quoted)),
        ),
      );
      if (quotes.length === 0) throw new FeedFailed(name, 'answers no price');
      return quotes;
    },
  };
}

function quoteIn({ symbol, currency }: Quoted, row: Record<string, unknown> | undefined): Quote[] {
  const price = priceText(row?.lastPrice);
  if (price === null) return [];
  const at = typeof row?.closeTime === 'number' ? new Date(row.closeTime).toISOString() : null;
  return [{ symbol, currency, price, change24h: changeText(row?.priceChangePercent), at }];
}
