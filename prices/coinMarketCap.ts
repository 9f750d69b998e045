import type { Quoted } from '#workflows/price/quoted.ts';
import { askJson } from './call.ts';
import type { FeedSettings } from './coinGecko.ts';
import { changeText, FeedFailed, type PriceFeed, priceText, type Quote } from './feed.ts';

type Listed = { quote?: Record<string, { price?: unknown; percent_change_24h?: unknown; last_updated?: unknown }> };

/**
 * `GET /cryptocurrency/quotes/latest`: a credit a question, whatever coins are asked for. Each currency is a question of
 * its own: several in one cost as much, and the free plan answers one alone.
 */
export function coinMarketCap(settings: FeedSettings): PriceFeed {
  const { key, baseUrl = 'https://pro-api.coinmarketcap.com/v1', timeoutMs } = settings;
  const name = 'coinmarketcap';
  return {
    name,
    async ask(wanted) {
      if (wanted.length === 0) return [];
      const quotes: Quote[] = [];
      for (const currency of new Set(wanted.map((each) => each.currency))) {
        const these = wanted.filter((each) => each.currency === currency);
        const symbols = these.map(({ symbol }) => symbol).join(',');
        const url = `${baseUrl}/cryptocurrency/quotes/latest?symbol=${symbols}&convert=${currency}`;
        const headers: Record<string, string> = key ? { 'x-cmc_pro_api_key': key } : {};
        const answer = await askJson(name, url, { headers, timeoutMs });
        const data = (answer as { data?: Record<string, Listed> } | null)?.data ?? {};
        quotes.push(...these.flatMap((quoted) => quoteIn(quoted, data[quoted.symbol])));
      }
      if (quotes.length === 0) throw new FeedFailed(name, 'answers no price');
      return quotes;
    },
  };
}

function quoteIn({ symbol, currency }: Quoted, listed: Listed | undefined): Quote[] {
  const { price: said, percent_change_24h, last_updated } = listed?.quote?.[currency] ?? {};
  const price = priceText(said);
  if (price === null) return [];
  const at = typeof last_updated === 'string' ? Date.parse(last_updated) : Number.NaN;
  return [
    {
      symbol,
      currency,
      price,
      change24h: changeText(percent_change_24h),
      at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    },
  ];
}
