import { askJson } from './call.ts';
import type { FeedSettings } from './coinGecko.ts';
import { changeText, FeedFailed, type PriceFeed, priceText, type Quote } from './feed.ts';

/** Traded against USDT there, which is taken for the dollar: a stablecoin that strays shows as an outlier. */
const PAIRS: Record<string, string> = { BTC: 'BTCUSDT', ETH: 'ETHUSDT' };

/** `GET /ticker/24hr`: what was last traded. 429 and 418 say when to come back. */
export function binance({ key, baseUrl = 'https://api.binance.com/api/v3', timeoutMs }: FeedSettings): PriceFeed {
  const name = 'binance';
  return {
    name,
    async ask(symbols) {
      const known = symbols.filter((symbol) => PAIRS[symbol] !== undefined);
      if (known.length === 0) return [];
      const pairs = JSON.stringify(known.map((symbol) => PAIRS[symbol]));
      const headers: Record<string, string> = key ? { 'x-mbx-apikey': key } : {};
      const url = `${baseUrl}/ticker/24hr?symbols=${encodeURIComponent(pairs)}`;
      const answer = await askJson(name, url, { headers, timeoutMs });
      const rows = Array.isArray(answer) ? (answer as Record<string, unknown>[]) : [];
      const quotes = known.flatMap((symbol) =>
        quoteIn(
          symbol,
          rows.find((row) => row?.symbol === PAIRS[symbol]),
        ),
      );
      if (quotes.length === 0) throw new FeedFailed(name, 'answers no price');
      return quotes;
    },
  };
}

function quoteIn(symbol: string, row: Record<string, unknown> | undefined): Quote[] {
  const price = priceText(row?.lastPrice);
  if (price === null) return [];
  const at = typeof row?.closeTime === 'number' ? new Date(row.closeTime).toISOString() : null;
  return [{ symbol, price, change24h: changeText(row?.priceChangePercent), at }];
}
