import { z } from 'zod';
import { listBalances } from '#db/money/ledger.ts';
import { listExpiries } from '#db/money/lots.ts';
import { listBalancesAt, listStatement, type StatementFilter, type StatementLine } from '#db/money/statements.ts';
import { viewBalance } from '#db/money/walletEvents.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { balanceView } from '#workflows/money/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../page.ts';
import { asset, decimal, text } from './amount.ts';
import { requireSight } from './posting.ts';
import { MAX_CSV_LINES, statementCsv } from './statementCsv.ts';

const tags = ['Wallet'];
const params = z.strictObject({ userId: id });

const transaction = z
  .object({
    id: z.string(),
    transaction_id: z.string().describe('The same for every line that one transaction made'),
    account: z.enum(['wallet', 'hold']).describe('What is free, or what is held'),
    asset: z.string(),
    amount: decimal.describe('Negative leaves the account'),
    balance_after: decimal,
    kind: z.string().describe('What it was, such as `transfer`, `gift_sent` or `money_released`'),
    reason: z.string().describe('As `kind`'),
    memo: z.string().nullable(),
    corrects: z.string().nullable().describe('`transaction_id` of what it puts right'),
    counterparty_id: id.nullable(),
    conversation_id: id.nullable(),
    occurred_at: instant,
    recorded_at: instant.describe('When it was booked, which is what lists go by'),
  })
  .meta({ id: 'WalletTransaction' });

const statementCursor = z
  .tuple([z.iso.datetime({ precision: 3 }).regex(/^(?!0000)/), z.string(), z.string()])
  .refine(([, ...numbers]) => numbers.every((number) => /^\d{1,18}$/.test(number)));

/** Years that Postgres has. */
const bound = instant.refine(
  (at) => !Number.isNaN(Date.parse(at)) && Date.parse(at) > 0,
  'is not an instant after 1970',
);

const keysOf = (line: StatementLine) =>
  [line.recorded_at, String(line.account_id), String(line.account_version)] as const;

/** What one has, and how it came to be. One's own, or anybody's for administrators. */
export function walletRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool, now } = deps;

  app.get(
    '/api/wallet/:userId/balance',
    {
      schema: {
        operationId: 'wallets.getBalances',
        tags,
        summary: 'What you have, per asset',
        params,
        querystring: z.strictObject({ at: bound.optional().describe('As it was then, by what was booked until then') }),
        response: answers(
          { 200: success(z.object({ balances: z.array(balanceView) })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async ({ account, params: { userId }, query: { at } }) => {
      requireSight(account, userId);
      const rows = at
        ? await listBalancesAt(pool, userId, new Date(at).toISOString())
        : await listBalances(pool, userId, now().toISOString());
      return { success: true as const, data: { balances: rows.map(viewBalance) } };
    },
  );

  expiriesRoute(app, deps);
  transactionsRoute(app, deps);
}

/** What ends by itself. */
function expiriesRoute(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool, now } = deps;

  app.get(
    '/api/wallet/:userId/expiries',
    {
      schema: {
        operationId: 'wallets.listExpiries',
        tags,
        summary: 'What of it ends when, soonest first',
        params,
        querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
        response: answers(
          {
            200: success(
              z.object({ expiries: z.array(z.object({ asset: z.string(), amount: decimal, expires_at: instant })) }),
            ),
          },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async ({ account, params: { userId }, query: { limit } }) => {
      requireSight(account, userId);
      const rows = await listExpiries(pool, userId, now().toISOString(), limit);
      const expiries = rows.map((row) => ({ ...row, amount: text(row.amount, row.asset) }));
      return { success: true as const, data: { expiries } };
    },
  );
}

/** What came and went. */
function transactionsRoute(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  const { pool } = deps;

  app.get(
    '/api/wallet/:userId/transactions',
    {
      schema: {
        operationId: 'wallets.listTransactions',
        tags,
        summary: 'What came and went, newest first',
        description:
          `With \`Accept: text/csv\` or \`?format=csv\` it is a file of up to ${MAX_CSV_LINES} lines for spreadsheets; ` +
          'where there are more, `x-next-cursor` is the `cursor` of the next.',
        params,
        querystring: pageQuery.extend({
          asset: asset.optional(),
          kind: z.string().max(64).optional().describe('Of this kind alone'),
          from: bound.optional().describe('Booked then or later'),
          to: bound.optional().describe('Booked before'),
          format: z.enum(['json', 'csv']).optional(),
        }),
        response: answers({ 200: list(transaction) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request, reply) => {
      const { userId } = request.params;
      requireSight(request.account, userId);
      const { limit, cursor, format, from, to, ...rest } = request.query;
      const iso = (at: string | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
      const filter: StatementFilter = { ...rest, from: iso(from), to: iso(to) };
      const keys = decodeCursor(cursor, statementCursor);
      const before = keys && { recordedAt: keys[0], accountId: keys[1], version: keys[2] };
      if (format === 'csv' || (format === undefined && wantsCsv(request.headers.accept))) {
        const rows = await listStatement(pool, userId, filter, MAX_CSV_LINES + 1, before);
        const lines = rows.slice(0, MAX_CSV_LINES);
        const last = lines.at(-1);
        if (rows.length > lines.length && last) reply.header('x-next-cursor', encodeCursor(keysOf(last)));
        reply.header('content-disposition', 'attachment; filename="transactions.csv"').type('text/csv; charset=utf-8');
        // Not of the schema, which is that of the JSON: sent as it is.
        return statementCsv(lines) as never;
      }
      const rows = await listStatement(pool, userId, filter, limit + 1, before);
      return pageOf(rows, limit, keysOf, ({ account_id: _, account_version: __, ...line }) => ({
        ...line,
        kind: line.reason,
        amount: text(line.amount, line.asset),
        balance_after: text(line.balance_after, line.asset),
      }));
    },
  );
}

/** Whether CSV is asked for before JSON. */
function wantsCsv(accept: string | undefined): boolean {
  const [csv, json] = ['text/csv', 'application/json'].map((type) => accept?.indexOf(type) ?? -1) as [number, number];
  return csv >= 0 && (json < 0 || csv < json);
}
