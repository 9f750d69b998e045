import { askJson } from './call.ts';
import type { FeedSettings } from './coinGecko.ts';
import { changeText, FeedFailed, type PriceFeed, priceText, type Quote } from './feed.ts';

type Listed = { quote?: { USD?: { price?: unknown; percent_change_24h?: unknown; last_updated?: unknown } } };

/** `GET /cryptocurrency/quotes/latest`: a credit a question, whatever coins are asked for. */
export function coinMarketCap(settings: FeedSettings): PriceFeed {
  const { key, baseUrl = 'https://pro-api.coinmarketcap.com/v1', timeoutMs } = settings;
  const name = 'coinmarketcap';
  return {
    name,
    async ask(symbols) {
      if (symbols.length === 0) return [];
      const url = `${baseUrl}/cryptocurrency/quotes/latest?symbol=${symbols.join(',')}&convert=USD`;
      const headers: Record<string, string> = key ? { 'x-cmc_pro_api_key': key } : {};
      const answer = await askJson(name, url, { headers, timeoutMs });
      const data = (answer as { data?: Record<string, Listed> } | null)?.data ?? {};
      const quotes = symbols.flatMap((symbol) => quoteIn(symbol, data[symbol]));
      if (quotes.length === 0) throw new FeedFailed(name, 'answers no price');
      return quotes;
    },
  };
}

function quoteIn(symbol: string, listed: Listed | undefined): Quote[] {
  const { price: said, percent_change_24h, last_updated } = listed?.quote?.USD ?? {};
  const price = priceText(said);
  if (price === null) return [];
  const at = typeof last_updated === 'string' ? Date.parse(last_updated) : Number.NaN;
  return [
    {
      symbol,
      price,
      change24h: changeText(percent_change_24h),
      at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    },
  ];
}
