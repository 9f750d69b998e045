import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { priceName, quotedOf } from '#workflows/price/quoted.ts';
import { FeedFailed, type PriceFeed } from './feed.ts';
import { createFeeds, type PriceSettings } from './feeds.ts';
import { createRound } from './round.ts';
import { sandboxFeed } from './sandbox.ts';
import { type FeedServer, KEY_HEADER, type Spoken, startFeedServer } from './testing/server.ts';

/** Prices by their names. */
const of = (...names: string[]) => names.map(quotedOf);
const AT = '2026-11-28T12:00:00.000Z';
const KINDS = ['coingecko', 'coinmarketcap', 'binance'] as const;
const PREFIX = { coingecko: 'COINGECKO', coinmarketcap: 'COINMARKETCAP', binance: 'BINANCE' } as const;
const servers = new Map<Spoken, FeedServer>();
const server = (kind: Spoken) => servers.get(kind) as FeedServer;

beforeAll(async () => {
  for (const kind of KINDS) servers.set(kind, await startFeedServer(kind));
});
beforeEach(() => {
  for (const each of servers.values()) {
    each.ill = null;
    each.asked.length = 0;
    each.prices = new Map<string, number>([
      ['BTC', 65_000.5],
      ['ETH', 3_200],
    ]);
  }
});
afterAll(() => Promise.all([...servers.values()].map((each) => each.close())));

function settings(kinds: readonly Spoken[] = KINDS): PriceSettings {
  const settingsOf = (kind: Spoken) => ({
    [`${PREFIX[kind]}_API_KEY`]: `key of ${kind}`,
    [`${PREFIX[kind]}_BASE_URL`]: server(kind).url,
  });
  return { ...Object.assign({}, ...kinds.map(settingsOf)), PRICE_TIMEOUT_MS: '2000' };
}

describe.each(KINDS)('the contract of feeds: %s', (kind) => {
  const feed = () => createFeeds(settings([kind]))[0] as PriceFeed;

  test('answers prices as decimal text, with the key that it was given', async () => {
    const price = { currency: 'USD', change24h: '1.25', at: AT };
    expect(await feed().ask(of('BTC', 'ETH'))).toEqual([
      { symbol: 'BTC', price: '65000.5', ...price },
      { symbol: 'ETH', price: '3200', ...price },
    ]);
    expect(server(kind).asked[0]?.headers[KEY_HEADER(kind)]).toBe(`key of ${kind}`);
    expect(server(kind).asked).toHaveLength(1);
  });

  test('answers what coins cost in other currencies, as far as it says, and asks for no other', async () => {
    server(kind).prices.set('BTC-EUR', 59_800).set('BTC-INR', 5_525_000.25);
    const wanted = of('BTC-EUR', 'BTC-INR', 'BTC');
    const quotes = (await feed().ask(wanted)).map(({ symbol, currency, price }) => [symbol, currency, price]);
    const said = [
      ['BTC', 'EUR', '59800'],
      ['BTC', 'INR', '5525000.25'],
      ['BTC', 'USD', '65000.5'],
    ];
    // Rupees are not traded on the exchange.
    expect(quotes).toEqual(kind === 'binance' ? [said[0], said[2]] : said);
    expect(
      await feed()
        .ask(of('DOGE-INR'))
        .catch(() => []),
    ).toEqual([]);
  });

  test('what it does not know it leaves out', async () => {
    server(kind).prices.delete('ETH');
    expect((await feed().ask(of('BTC', 'ETH'))).map(({ symbol }) => symbol)).toEqual(['BTC']);
  });

  test.each([0, -5, 'NaN', '', null, 1e300])(
    'a price of %j is none, and of prices alone like it nothing is answered',
    async (price) => {
      server(kind).prices = new Map([
        ['BTC', price],
        ['ETH', 3_200],
      ]);
      expect((await feed().ask(of('BTC', 'ETH'))).map(({ symbol }) => symbol)).toEqual(['ETH']);
      server(kind).prices.delete('ETH');
      await expect(feed().ask(of('BTC'))).rejects.toThrow(FeedFailed);
    },
  );

  test.each([
    ['empty with 200', { status: 200, body: '' }],
    ['null', { status: 200, body: 'null' }],
    ['an empty object', { status: 200, body: '{}' }],
    ['a page', { status: 200, body: '<html>' }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['its own failure', { status: 500 }],
    ['a wrong key', { status: 401, body: '{}' }],
  ])('an answer that is %s is a failure', async (_, ill) => {
    server(kind).ill = ill;
    await expect(feed().ask(of('BTC'))).rejects.toMatchObject({ name: 'FeedFailed', retryAfterMs: null });
  });

  test.each([
    [429, '7', 7_000],
    [418, '120', 120_000],
    [503, '999999', 3_600_000],
  ])('%i says when to come back', async (status, after, retryAfterMs) => {
    server(kind).ill = { status, headers: { 'retry-after': after } };
    await expect(feed().ask(of('BTC'))).rejects.toMatchObject({ retryAfterMs });
  });

  test('one that is not there is a failure', async () => {
    const name = `${PREFIX[kind]}_BASE_URL`;
    const [away] = createFeeds({ ...settings([kind]), [name]: 'http://127.0.0.1:1' });
    await expect((away as PriceFeed).ask(of('BTC'))).rejects.toThrow(FeedFailed);
  });
});

describe('a round', () => {
  const clock = { now: new Date(AT) };
  const roundOf = (kinds: readonly Spoken[] = KINDS) =>
    createRound({ feeds: createFeeds(settings(kinds)), now: () => clock.now });
  const ask = async (round: ReturnType<typeof roundOf>, last: [string, string][] = []) =>
    (await round.ask(of('BTC'), new Map(last))).map(({ price, source }) => [price, source]);

  test('takes the first feed that is well, and goes back to it when it is well again', async () => {
    const round = roundOf();
    expect(await ask(round)).toEqual([['65000.5', 'coingecko']]);
    server('coingecko').ill = { status: 500 };
    expect(await ask(round)).toEqual([['65000.5', 'coinmarketcap']]);
    server('coingecko').ill = null;
    // It is left alone for five seconds.
    expect(await ask(round)).toEqual([['65000.5', 'coinmarketcap']]);
    expect(server('coingecko').asked).toHaveLength(2);
    clock.now = new Date(clock.now.getTime() + 5_000);
    expect(await ask(round)).toEqual([['65000.5', 'coingecko']]);
  });

  test('leaves a feed alone for as long as it says, and longer each time where it says nothing', async () => {
    const round = roundOf(['binance']);
    const askedAfter = async (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1_000);
      const before = server('binance').asked.length;
      await ask(round);
      return server('binance').asked.length - before;
    };
    server('binance').ill = { status: 429, headers: { 'retry-after': '60' } };
    expect([await askedAfter(0), await askedAfter(59), await askedAfter(1)]).toEqual([1, 0, 1]);
    server('binance').ill = { status: 500 };
    expect([await askedAfter(60), await askedAfter(19), await askedAfter(1)]).toEqual([1, 0, 1]);
  });

  test.each([0.001, 1_000, 1.2])(
    'of three, one that says %f of the price is not believed, though it is preferred',
    async (share) => {
      clock.now = new Date(AT);
      server('coingecko').prices.set('BTC', Number((65_000.5 * share).toFixed(6)));
      expect(await ask(roundOf())).toEqual([['65000.5', 'coinmarketcap']]);
    },
  );

  test('one alone is not believed a leap from the last price, and of two the nearer one is', async () => {
    server('coingecko').prices.set('BTC', 65_000_500);
    expect(await ask(roundOf(['coingecko']), [['BTC', '65000']])).toEqual([]);
    expect(await ask(roundOf(['coingecko', 'binance']), [['BTC', '65000']])).toEqual([['65000.5', 'binance']]);
    expect(await ask(roundOf(['coingecko', 'binance']))).toEqual([]);
  });

  test('the same coin in two currencies is two prices: each is measured by its own', async () => {
    for (const kind of ['coingecko', 'coinmarketcap'] as const) server(kind).prices.set('BTC-INR', 5_525_000);
    server('coingecko').prices.set('BTC-INR', 5_525_000_000);
    const wanted = of('BTC', 'BTC-INR');
    const last = new Map([
      ['BTC', '65000'],
      ['BTC-INR', '5500000'],
    ]);
    const chosen = await roundOf().ask(wanted, last);
    expect(chosen.map(({ currency, price, source }) => [currency, price, source])).toEqual([
      ['USD', '65000.5', 'coingecko'],
      ['INR', '5525000', 'coinmarketcap'],
    ]);
  });

  test('a price that is old by its own word is none', async () => {
    clock.now = new Date(Date.parse(AT) + 601_000);
    expect(await ask(roundOf())).toEqual([]);
    clock.now = new Date(AT);
  });
});

test('the sandbox’s prices move, and are the same for the same seed', async () => {
  const at = (seed: number, now: string) =>
    sandboxFeed({ seed, now: () => new Date(now) }).ask(of('BTC', 'ETH', 'USDT', 'USDT-INR', 'DOGE', 'BTC-XXX'));
  const [one, again, later, other] = [
    await at(1, AT),
    await at(1, AT),
    await at(1, '2026-11-28T12:01:00.000Z'),
    await at(2, AT),
  ];
  expect(one).toEqual(again);
  expect(one.map(priceName)).toEqual(['BTC', 'ETH', 'USDT', 'USDT-INR']);
  expect(Number(one[3]?.price)).toBeCloseTo(85, -1);
  expect(later[0]?.price).not.toBe(one[0]?.price);
  expect(other[0]?.price).not.toBe(one[0]?.price);
  for (const { price } of [...one, ...later, ...other]) expect(Number(price)).toBeGreaterThan(0.9);
});

test('settings say which feeds there are, in which order', () => {
  const names = (set: PriceSettings) => createFeeds(set).map(({ name }) => name);
  expect(names({})).toEqual(['sandbox']);
  expect(names({ NODE_ENV: 'production' })).toEqual([]);
  expect(names({ BINANCE_API_KEY: 'b', COINGECKO_API_KEY: 'c' })).toEqual(['coingecko', 'binance']);
  expect(names({ PRICE_FEEDS: 'binance, coingecko' })).toEqual(['binance', 'coingecko']);
  expect(() => createFeeds({ PRICE_FEEDS: 'oracle' })).toThrow(/oracle/);
});
