import { binance } from './binance.ts';
import { coinGecko } from './coinGecko.ts';
import { coinMarketCap } from './coinMarketCap.ts';
import type { PriceFeed } from './feed.ts';
import { sandboxFeed } from './sandbox.ts';

/** The settings that feeds are made from, by the names of the environment. */
export const PRICE_SETTINGS = [
  ...(['COINGECKO_API_KEY', 'COINGECKO_BASE_URL', 'COINMARKETCAP_API_KEY', 'COINMARKETCAP_BASE_URL'] as const),
  ...(['BINANCE_API_KEY', 'BINANCE_SECRET_KEY', 'BINANCE_BASE_URL', 'PRICE_FEEDS', 'PRICE_SEED'] as const),
  ...(['PRICE_TIMEOUT_MS', 'NODE_ENV'] as const),
] as const;
export type PriceSettings = Partial<Record<(typeof PRICE_SETTINGS)[number], string | undefined>>;

const FEEDS = ['coingecko', 'coinmarketcap', 'binance', 'sandbox'] as const;
type FeedName = (typeof FEEDS)[number];

/**
 * Feeds in the order in which they are preferred: those of PRICE_FEEDS, else those whose keys are set, else one of our own
 * that moves by a seed, but in production. Throws an Error with a sentence that says which setting is wrong.
 */
export function createFeeds(settings: PriceSettings): PriceFeed[] {
  const timeoutMs = Number(settings.PRICE_TIMEOUT_MS || 5_000);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000) {
    throw new Error('PRICE_TIMEOUT_MS is not a number of milliseconds from 1 to 60000.');
  }
  const seed = Number(settings.PRICE_SEED || 1);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('PRICE_SEED is not a whole number.');
  const make: Record<FeedName, () => PriceFeed> = {
    coingecko: () => coinGecko({ key: settings.COINGECKO_API_KEY, baseUrl: settings.COINGECKO_BASE_URL, timeoutMs }),
    coinmarketcap: () =>
      coinMarketCap({ key: settings.COINMARKETCAP_API_KEY, baseUrl: settings.COINMARKETCAP_BASE_URL, timeoutMs }),
    // Prices are public there: the secret, which signs orders, is not needed for them.
    binance: () => binance({ key: settings.BINANCE_API_KEY, baseUrl: settings.BINANCE_BASE_URL, timeoutMs }),
    sandbox: () => sandboxFeed({ seed, now: () => new Date() }),
  };
  return namesOf(settings).map((name) => make[name]());
}

function namesOf(settings: PriceSettings): FeedName[] {
  const asked = (settings.PRICE_FEEDS ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = asked.find((name) => !(FEEDS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`PRICE_FEEDS has ${unknown}, and there are ${FEEDS.join(', ')}.`);
  if (asked.length > 0) return [...new Set(asked)] as FeedName[];
  const keyed: FeedName[] = [
    ...(settings.COINGECKO_API_KEY ? (['coingecko'] as const) : []),
    ...(settings.COINMARKETCAP_API_KEY ? (['coinmarketcap'] as const) : []),
    ...(settings.BINANCE_API_KEY ? (['binance'] as const) : []),
  ];
  return keyed.length > 0 || settings.NODE_ENV === 'production' ? keyed : ['sandbox'];
}
