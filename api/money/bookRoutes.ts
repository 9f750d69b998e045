import { z } from 'zod';
import { listAccounts, listBookBalances, listTransfers } from '#db/money/books.ts';
import { listProviderEvents } from '#db/payment/providerEvents.ts';
import { asUuid } from '#workflows/ids.ts';
import { type Asset, formatDecimal, isAsset } from '#workflows/money.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';

const tags = ['Operations'];
const instant = z.iso.datetime();
const number = z
  .string()
  .regex(/^\d{1,18}$/)
  .meta({ examples: ['42'] });
const numbered = z.tuple([number]);
const q = z.string().trim().min(1).max(200).optional();

const account = z
  .object({
    id: number,
    code: z.string().describe('As `wallet/<user>`, `escrow/<process>`, `fee/3`'),
    kind: z.string(),
    asset: z.string(),
    owner: z.string().nullable().describe('A handle'),
    balance: z.string().describe('Decimal text'),
    moved_at: instant.nullable(),
  })
  .meta({ id: 'BookAccount' });

const balance = z
  .object({
    kind: z.string(),
    asset: z.string(),
    accounts: z.int().describe('How many there are of the kind'),
    balance: z.string().describe('Decimal text: what they hold together'),
  })
  .meta({ id: 'BookBalance' });

const transfer = z
  .object({
    id: number,
    key: z.string().describe('What it is about: nothing is booked twice under one'),
    reason: z.string(),
    process_id: z.uuid().nullable(),
    occurred_at: instant,
    recorded_at: instant,
    legs: z.array(
      z
        .object({ account_id: number, account: z.string(), asset: z.string(), amount: z.string() })
        .meta({ id: 'BookLeg' }),
    ),
  })
  .meta({ id: 'BookTransfer' });

const told = z
  .object({
    id: number,
    provider: z.string(),
    event_id: z.string(),
    type: z.string().describe('The provider’s word'),
    fact: z.string().describe('Ours'),
    process_id: z.uuid().nullable(),
    received_at: instant,
    booked_at: instant.nullable().describe('Null while it waits'),
    outcome: z.string().nullable(),
  })
  .meta({ id: 'ProviderEvent' });

/** The books, to look through. Administrators only. */
export function bookRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get(
    '/api/admin/ledger/accounts',
    {
      schema: {
        operationId: 'books.listAccounts',
        tags,
        summary: 'Accounts of the ledger, by their codes',
        querystring: pageQuery.extend({
          kind: z.string().max(40).optional(),
          q: q.describe('How its code begins, or its owner’s handle'),
        }),
        response: answers({ 200: list(account) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, kind = null, q: text = null } = request.query;
      const after = decodeCursor(cursor, z.tuple([z.string().max(200), z.string().max(20)]));
      const rows = await listAccounts(pool, { kind, q: text, limit: limit + 1, after });
      return pageOf(
        rows,
        limit,
        (row) => [row.code, row.asset],
        (row) => ({ ...row, balance: shown(row.balance, row.asset) }),
      );
    },
  );

  app.get(
    '/api/admin/ledger/transfers',
    {
      schema: {
        operationId: 'books.listTransfers',
        tags,
        summary: 'Transfers with all their legs, newest first',
        querystring: pageQuery.extend({
          account: number.optional().describe('Those that moved it, by its id'),
          q: q.describe('A key, or the id of a process'),
        }),
        response: answers({ 200: list(transfer) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, account: accountId = null, q: text } = request.query;
      const before = decodeCursor(cursor, numbered)?.[0] ?? null;
      const rows = await listTransfers(pool, { accountId, search: searchOf(text), limit: limit + 1, before });
      return pageOf(
        rows,
        limit,
        (row) => [row.id],
        (row) => ({
          ...row,
          legs: row.legs.map((each) => ({ ...each, amount: shown(BigInt(each.amount), each.asset) })),
        }),
      );
    },
  );

  balancesRoute(app, deps);
  eventRoute(app, deps);
}

function balancesRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/admin/ledger/balances',
    {
      schema: {
        operationId: 'books.listBalances',
        tags,
        summary: 'What accounts of each kind hold of each asset',
        description: 'Of an asset they sum to zero: what came from outside is below zero there.',
        response: answers({ 200: success(z.object({ balances: z.array(balance) })) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const rows = await listBookBalances(pool);
      const balances = rows.map((row) => ({ ...row, balance: shown(row.balance, row.asset) }));
      return { success: true as const, data: { balances } };
    },
  );
}

function eventRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/admin/provider-events',
    {
      schema: {
        operationId: 'books.listProviderEvents',
        tags,
        summary: 'What payment providers told, newest first, and what became of it',
        querystring: pageQuery.extend({
          only: z.enum(['waiting', 'set_aside']).optional(),
          q: q.describe('The provider’s id of an event, or the id of a process or an order'),
        }),
        response: answers({ 200: list(told) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, only = null, q: text } = request.query;
      const before = decodeCursor(cursor, numbered)?.[0] ?? null;
      const rows = await listProviderEvents(pool, { only, search: searchOf(text), limit: limit + 1, before });
      return pageOf(
        rows,
        limit,
        (row) => [row.id],
        (row) => row,
      );
    },
  );
}

function searchOf(text: string | undefined) {
  return text === undefined ? null : { text, id: asUuid(text)?.toLowerCase() ?? null };
}

/** Suspense may hold a currency that we have no asset for: then it is minor units, as they are. */
function shown(units: bigint, asset: string): string {
  return isAsset(asset) ? formatDecimal(units, asset as Asset) : units.toString();
}
