import { z } from 'zod';
import { type Price, wantPrice } from '#db/price/prices.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';

/** A price that was not confirmed for so long is said to be stale. */
const VALID_MS = 600_000;

const priceView = z
  .object({
    symbol: z.string().meta({ examples: ['BTC'] }),
    price: z.string().meta({ examples: ['65000.00'] }),
    currency: z.literal('USD'),
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
        params: z.strictObject({
          symbol: z
            .string()
            .max(64)
            .meta({ examples: ['BTC'] }),
        }),
        response: answers({ 200: success(priceView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const price = await wantPrice(pool, request.params.symbol.toUpperCase());
      if (!price) throw new Failure('NOT_FOUND', 'There is no such coin.');
      return ok(view(price, now()));
    },
  );
}

function view({ symbol, price, change_24h, source, at }: Price, now: Date): z.infer<typeof priceView> {
  if (price === null || source === null || at === null) {
    throw new Failure('UNAVAILABLE', 'Nobody has said yet what it costs.', { retryAfter: 5 });
  }
  const stale = now.getTime() - Date.parse(at) > VALID_MS;
  return { symbol, price, currency: 'USD', change_24h, source, at, stale };
}
