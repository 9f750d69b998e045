import { z } from 'zod';
import { type Price, wantPrice } from '#db/price/prices.ts';
import { Failure } from '#workflows/failures.ts';
import { PRICE_VALID_MS, quotedOf } from '#workflows/price/quoted.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';

const priceView = z
  .object({
    symbol: z.string().meta({ examples: ['BTC'] }),
    price: z.string().meta({ examples: ['65000.00'] }),
    currency: z.string().meta({ examples: ['USD'] }),
    change_24h: z
      .string()
      .nullable()
      .describe('In per cent')
      .meta({ examples: ['1.25'] }),
    source: z
      .string()
      .describe('Which feed said so')
      .meta({ examples: ['coingecko'] }),
    at: z.iso.datetime().describe('When it was last confirmed'),
    stale: z.boolean().describe('It was not confirmed for ten minutes: the last price that is known'),
  })
  .meta({ id: 'Price' });

/** What coins cost elsewhere. */
export function priceRoutes(app: App, { pool, now }: Deps): void {
  app.get(
    '/api/crypto/prices/:symbol',
    {
      schema: {
        tags: ['Trading'],
        operationId: 'prices.get',
        summary: 'What a coin costs',
        description: 'In dollars, or in another currency: by `?currency=INR`, or as the symbol `BTC-INR`.',
        params: z.strictObject({
          symbol: z
            .string()
            .max(64)
            .meta({ examples: ['BTC'] }),
        }),
        querystring: z.strictObject({
          currency: z
            .string()
            .regex(/^[A-Z]{3}$/i, 'is not a currency such as INR')
            .optional()
            .meta({ examples: ['INR'] }),
        }),
        response: answers({ 200: success(priceView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const named = quotedOf(request.params.symbol);
      const currency = request.query.currency?.toUpperCase() ?? named.currency;
      const price = await wantPrice(pool, { symbol: named.symbol, currency });
      if (!price) throw new Failure('NOT_FOUND', `There is no such coin, or none that is priced in ${currency}.`);
      return ok(view(price, now()));
    },
  );
}

function view({ symbol, currency, price, change_24h, source, at }: Price, now: Date): z.infer<typeof priceView> {
  if (price === null || source === null || at === null) {
    throw new Failure('UNAVAILABLE', 'Nobody has said yet what it costs.', { retryAfter: 5 });
  }
  const stale = now.getTime() - Date.parse(at) > PRICE_VALID_MS;
  return { symbol, price, currency, change_24h, source, at, stale };
}
