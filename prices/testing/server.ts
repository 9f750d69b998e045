import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers as a feed does, and as feeds do when they are not well. */
export type FeedServer = {
  url: string;
  /** What it says of coins, by the coin's symbol; null: nothing at all. */
  prices: Map<string, number | string | null>;
  /** Answers so instead of with prices. */
  ill: { status: number; headers?: Record<string, string>; body?: string } | null;
  /** What it was asked. */
  asked: { path: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
};

const AT = '2026-11-28T12:00:00.000Z';

type Speak = (prices: ReadonlyMap<string, number | string | null>, url: URL) => unknown;

const speakOf: Record<'coingecko' | 'coinmarketcap' | 'binance', { path: string; key: string; speak: Speak }> = {
  coingecko: {
    path: '/simple/price',
    key: 'x-cg-demo-api-key',
    speak(prices, url) {
      const ids: Record<string, string> = { bitcoin: 'BTC', ethereum: 'ETH', tether: 'USDT' };
      const asked = (url.searchParams.get('ids') ?? '').split(',').filter((id) => prices.has(ids[id] ?? ''));
      return Object.fromEntries(
        asked.map((id) => [
          id,
          { usd: prices.get(ids[id] as string), usd_24h_change: 1.254, last_updated_at: Date.parse(AT) / 1_000 },
        ]),
      );
    },
  },
  coinmarketcap: {
    path: '/cryptocurrency/quotes/latest',
    key: 'x-cmc_pro_api_key',
    speak(prices, url) {
      const asked = (url.searchParams.get('symbol') ?? '').split(',').filter((symbol) => prices.has(symbol));
      const quote = (symbol: string) => ({
        symbol,
        quote: { USD: { price: prices.get(symbol), percent_change_24h: 1.254, last_updated: AT } },
      });
      return { status: { error_code: 0 }, data: Object.fromEntries(asked.map((symbol) => [symbol, quote(symbol)])) };
    },
  },
  binance: {
    path: '/ticker/24hr',
    key: 'x-mbx-apikey',
    speak(prices, url) {
      const asked = JSON.parse(url.searchParams.get('symbols') ?? '[]') as string[];
      return asked
        .filter((pair) => prices.has(pair.replace('USDT', '')))
        .map((pair) => ({
          symbol: pair,
          lastPrice: String(prices.get(pair.replace('USDT', ''))),
          priceChangePercent: '1.254',
          closeTime: Date.parse(AT),
        }));
    },
  },
};
export type Spoken = keyof typeof speakOf;
export const KEY_HEADER = (kind: Spoken): string => speakOf[kind].key;

export async function startFeedServer(kind: Spoken): Promise<FeedServer> {
  const { path, speak } = speakOf[kind];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://feed');
    feed.asked.push({ path: request.url ?? '', headers: request.headers });
    if (feed.ill) response.writeHead(feed.ill.status, feed.ill.headers).end(feed.ill.body ?? '');
    else if (url.pathname !== path) response.writeHead(404).end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(speak(feed.prices, url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const feed: FeedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    prices: new Map(),
    ill: null,
    asked: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return feed;
}
