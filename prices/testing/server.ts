import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { priceName } from '#workflows/price/quoted.ts';

/** A server that answers as a feed does, and as feeds do when they are not well. */
export type FeedServer = {
  url: string;
  /** What it says of coins, by the price's name ("BTC", "BTC-INR"); null: nothing at all. */
  prices: Map<string, number | string | null>;
  /** Answers so instead of with prices. */
  ill: { status: number; headers?: Record<string, string>; body?: string } | null;
  /** By which clock its prices are true; one that stands where nothing else is said. */
  now: (() => Date) | null;
  /** What it was asked. */
  asked: { path: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
};

const AT = '2026-11-28T12:00:00.000Z';

type Speak = (prices: ReadonlyMap<string, number | string | null>, url: URL, speaksOf: () => number) => unknown;

const speakOf: Record<'coingecko' | 'coinmarketcap' | 'binance', { path: string; key: string; speak: Speak }> = {
  coingecko: {
    path: '/simple/price',
    key: 'x-cg-demo-api-key',
    speak(prices, url, speaksOf) {
      const ids: Record<string, string> = { bitcoin: 'BTC', ethereum: 'ETH', tether: 'USDT' };
      const asked = (url.searchParams.get('ids') ?? '').split(',').filter((id) => ids[id] !== undefined);
      const currencies = (url.searchParams.get('vs_currencies') ?? '').split(',');
      const said = (id: string) =>
        currencies.flatMap((currency) => {
          const name = priceName({ symbol: ids[id] as string, currency: currency.toUpperCase() });
          return prices.has(name)
            ? [[currency, prices.get(name)] as const, [`${currency}_24h_change`, 1.254] as const]
            : [];
        });
      return Object.fromEntries(
        asked.flatMap((id) =>
          said(id).length > 0
            ? [[id, { ...Object.fromEntries(said(id)), last_updated_at: Math.floor(speaksOf() / 1_000) }]]
            : [],
        ),
      );
    },
  },
  coinmarketcap: {
    path: '/cryptocurrency/quotes/latest',
    key: 'x-cmc_pro_api_key',
    speak(prices, url, speaksOf) {
      const currency = url.searchParams.get('convert') ?? '';
      const nameOf = (symbol: string) => priceName({ symbol, currency });
      const asked = (url.searchParams.get('symbol') ?? '').split(',').filter((symbol) => prices.has(nameOf(symbol)));
      const last_updated = new Date(speaksOf()).toISOString();
      const quote = (symbol: string) => ({
        symbol,
        quote: { [currency]: { price: prices.get(nameOf(symbol)), percent_change_24h: 1.254, last_updated } },
      });
      return { status: { error_code: 0 }, data: Object.fromEntries(asked.map((symbol) => [symbol, quote(symbol)])) };
    },
  },
  binance: {
    path: '/ticker/24hr',
    key: 'x-mbx-apikey',
    speak(prices, url, speaksOf) {
      const asked = JSON.parse(url.searchParams.get('symbols') ?? '[]') as string[];
      const nameOf = (pair: string) => pair.replace(/USDT$/, '').replace(/EUR$/, '-EUR');
      return asked
        .filter((pair) => prices.has(nameOf(pair)))
        .map((pair) => ({
          symbol: pair,
          lastPrice: String(prices.get(nameOf(pair))),
          priceChangePercent: '1.254',
          closeTime: speaksOf(),
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
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(speak(feed.prices, url, () => (feed.now ?? (() => new Date(AT)))().getTime())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const feed: FeedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    prices: new Map(),
    ill: null,
    now: null,
    asked: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return feed;
}
