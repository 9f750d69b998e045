import { z } from 'zod';
import { findInvoice, INVOICE_KINDS, type Invoice, listInvoices } from '#db/invoice/invoices.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decimal, text } from '../money/amount.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { invoicePage } from './page.ts';

const tags = ['Payouts'];
const id = z.uuid().toLowerCase();
const invoice = z
  .object({
    id,
    name: z.string().describe('Issuer and number: numbers of an issuer have no gaps'),
    number: z.int(),
    kind: z.enum(INVOICE_KINDS).describe('payout_fee_back: takes a fee back, as its payout came back'),
    process_id: id.describe('The deal or payout that it is of'),
    issuer: z.object({ user_id: id.nullable(), handle: z.string().nullable() }).describe('Null: the platform'),
    billed: z.object({ user_id: id, handle: z.string() }),
    asset: z.string(),
    lines: z.array(z.object({ text: z.string(), amount: decimal })),
    total: decimal.describe('The sum of its lines'),
    corrects: id.nullable(),
    issued_at: z.iso.datetime(),
  })
  .meta({ id: 'Invoice' });

const LINES: Record<Invoice['kind'], string> = {
  deal: 'Work, as agreed and released',
  deal_fee: 'Fee for the deal',
  payout_fee: 'Fee for the payout',
  payout_fee_back: 'Fee for the payout, taken back',
};

/** Invoices that somebody issued or was billed for. */
export function invoiceRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/invoices',
    {
      schema: {
        operationId: 'invoices.list',
        tags,
        summary: 'Invoices that you issued or were billed for, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(invoice) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query: { limit, cursor } }) => {
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listInvoices(pool, { userId: account.id, limit: limit + 1, before: keys?.[0] ?? null });
      return pageOf(rows, limit, (row) => [row.id], view);
    },
  );

  app.get(
    '/api/invoices/:id',
    {
      schema: {
        operationId: 'invoices.get',
        tags,
        summary: 'One invoice',
        description: 'With `?format=html` it is a page to be printed.',
        params: z.strictObject({ id }),
        querystring: z.strictObject({ format: z.enum(['json', 'html']).default('json') }),
        response: answers({ 200: success(invoice) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request, reply) => {
      const { account, params, query } = request;
      const found = await findInvoice(pool, params.id);
      const theirs = found?.issuer_id === account.id || found?.billed_id === account.id;
      if (!found || !(theirs || account.roles.includes('admin'))) {
        throw new Failure('NOT_FOUND', 'There is no such invoice.');
      }
      if (query.format === 'json') return { success: true as const, data: view(found) };
      reply.type('text/html; charset=utf-8');
      // Not of the schema, which is that of the JSON: sent as it is.
      return invoicePage(view(found)) as never;
    },
  );
}

function view(found: Invoice): z.infer<typeof invoice> {
  const { id: invoiceId, issuer, number, kind, process_id, asset, amount, corrects, issued_at } = found;
  const total = text(amount, asset);
  return {
    id: invoiceId,
    name: `${issuer === 'platform' ? 'PLATFORM' : issuer.slice(-12)}-${String(number).padStart(6, '0')}`,
    ...{ number, kind, process_id, asset, corrects, issued_at, total },
    issuer: { user_id: found.issuer_id, handle: found.issuer_handle },
    billed: { user_id: found.billed_id, handle: found.billed_handle },
    lines: [{ text: LINES[kind], amount: total }],
  };
}
