import { z } from 'zod';
import { listBalances, listWalletEntries } from '#db/ledger.ts';
import { id, instant } from '#workflows/collaboration/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Account } from '../auth/account.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';

const tags = ['Wallet'];
const params = z.strictObject({ userId: id });
const decimal = z
  .string()
  .describe('Decimal text in the asset')
  .meta({ examples: ['4500.00'] });

const balances = z.object({
  balances: z.array(z.object({ asset: z.string(), available: decimal, held: decimal, total: decimal })),
});

const transaction = z.object({
  id: z.string(),
  asset: z.string(),
  amount: decimal.describe('Negative leaves the wallet'),
  balance_after: decimal,
  reason: z.string(),
  conversation_id: id.nullable(),
  occurred_at: instant,
});

/** What one has, and how it came to be. One's own, or anybody's for administrators. */
export function walletRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/wallet/:userId/balance',
    {
      schema: {
        tags,
        summary: 'What you have, per asset',
        params,
        response: answers({ 200: success(balances) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireOwn(request.account, request.params.userId);
      const rows = await listBalances(pool, request.params.userId);
      return {
        success: true as const,
        data: {
          balances: rows.map((row) => ({
            asset: row.asset,
            available: formatDecimal(row.available, row.asset as Asset),
            held: formatDecimal(row.held, row.asset as Asset),
            total: formatDecimal(row.available + row.held, row.asset as Asset),
          })),
        },
      };
    },
  );

  app.get(
    '/api/wallet/:userId/transactions',
    {
      schema: {
        tags,
        summary: 'What came and went, newest first',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(transaction) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireOwn(request.account, request.params.userId);
      const { limit, cursor } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.string().regex(/^\d{1,18}\.\d{1,18}$/)]));
      const rows = await listWalletEntries(pool, request.params.userId, limit + 1, keys?.[0] ?? null);
      return pageOf(
        rows,
        limit,
        (row) => [row.id],
        (row) => ({
          ...row,
          amount: formatDecimal(row.amount, row.asset as Asset),
          balance_after: formatDecimal(row.balance_after, row.asset as Asset),
        }),
      );
    },
  );
}

function requireOwn(account: Account, userId: string): void {
  if (account.id !== userId && !account.roles.includes('admin'))
    throw new Failure('NOT_FOUND', 'There is no such wallet.');
}
