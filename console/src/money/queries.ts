import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type StatementPage = Data<'wallets.listTransactions'>;
export type InvoicePage = Data<'invoices.list'>;
export type Invoice = Data<'invoices.get'>;
export type PayoutPage = Data<'payouts.list'>;
export type PayoutStatement = Data<'payouts.getStatement'>;
export type StatementKind = PayoutStatement['kind'];

/** What came and went, and the papers of it. */
export const statementKey = (userId: string) => [userId, 'statement'];
const linesKey = (userId: string) => [...statementKey(userId), 'lines'];
const papersKey = (userId: string) => [...statementKey(userId), 'papers'];

/** What of a statement is asked for; texts that are empty ask for all. Days as a page's own calendar has them. */
export type AskedLines = { asset: string; kind: string; from: string; until: string };
export const ALL_LINES: AskedLines = { asset: '', kind: '', from: '', until: '' };

/** As the API is asked: a day begins at midnight here, and the last one is asked for whole. */
function filterOf({ asset, kind, from, until }: AskedLines) {
  return {
    ...(asset ? { asset: asset as 'INR' } : {}),
    ...(kind ? { kind } : {}),
    ...(from ? { from: dayFrom(from, 0) } : {}),
    ...(until ? { to: dayFrom(until, 1) } : {}),
  };
}

/** "2026-11-28" → the instant at which that day, or one so many days later, begins here. */
function dayFrom(day: string, later: number): string {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** What came and went, newest first, page by page. */
export function statementQuery({ tandem, user }: Session, asked: AskedLines) {
  return infiniteQueryOptions({
    queryKey: [...linesKey(user.id), asked],
    queryFn: ({ pageParam }) =>
      tandem.wallets.listTransactions(user.id, {
        limit: 50,
        ...(pageParam ? { cursor: pageParam } : {}),
        ...filterOf(asked),
      }),
    initialPageParam: '',
    getNextPageParam: (page: StatementPage) => page.page.next_cursor,
  });
}

export type AskedTopUp = { asset: 'TOKEN' | 'CREDIT' | 'INR' | 'USD'; amount: string };

/** What a top-up would cost; nothing is asked while there is no amount. */
export function topUpPriceQuery({ tandem, user }: Session, asked: AskedTopUp) {
  return queryOptions({
    queryKey: [user.id, 'top-up price', asked],
    enabled: asked.amount !== '',
    retry: false,
    queryFn: async () => (await tandem.wallets.topUp({ ...asked, dry_run: true })).top_up,
  });
}

/** Issued by one or billed to one, newest first. */
export function invoicesQuery({ tandem, user }: Session) {
  return infiniteQueryOptions({
    queryKey: [...papersKey(user.id), 'invoices'],
    queryFn: ({ pageParam }) => tandem.invoices.list({ limit: 25, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: InvoicePage) => page.page.next_cursor,
  });
}

export function invoiceQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...papersKey(user.id), 'invoice', id],
    queryFn: () => tandem.invoices.get(id),
  });
}

export function payoutsQuery({ tandem, user }: Session) {
  return infiniteQueryOptions({
    queryKey: [...papersKey(user.id), 'payouts'],
    queryFn: ({ pageParam }) =>
      tandem.payouts.list(user.id, { limit: 25, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: PayoutPage) => page.page.next_cursor,
  });
}

/** Of a payout that was paid; another takes it back, should it come back. */
export function payoutStatementQuery({ tandem, user }: Session, id: string, kind: StatementKind) {
  return queryOptions({
    queryKey: [...papersKey(user.id), 'payout', id, kind],
    queryFn: () => tandem.payouts.getStatement(id, { kind }),
  });
}

/** The statement as a file for spreadsheets: all of it, however many answers it takes. */
export async function readCsv(session: Session, asked: AskedLines): Promise<string> {
  let { text, next } = await readCsvPart(session, asked, null);
  while (next !== null) {
    const part = await readCsvPart(session, asked, next);
    // Those that follow begin with the names of the columns as well.
    text += part.text.slice(part.text.indexOf('\r\n') + 2);
    next = part.next;
  }
  return text;
}

async function readCsvPart({ tandem, user }: Session, asked: AskedLines, cursor: string | null) {
  const { data, error, response } = await tandem.http.GET('/api/wallet/{userId}/transactions', {
    params: {
      path: { userId: user.id },
      query: { format: 'csv', ...filterOf(asked), ...(cursor ? { cursor } : {}) },
    },
    parseAs: 'text',
  });
  if (error) throw error;
  return { text: data as unknown as string, next: response.headers.get('x-next-cursor') };
}
