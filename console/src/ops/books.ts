import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';
import { READ_ANEW } from '../session/useConnection.ts';

type Accounts = Data<'books.listAccounts'>;
type Transfers = Data<'books.listTransfers'>;
type Events = Data<'books.listProviderEvents'>;
export type BookTransfer = Transfers['data'][number];

const LIMIT = 25;
const asked = (cursor: string, rest: Record<string, string>) => ({
  limit: LIMIT,
  ...(cursor ? { cursor } : {}),
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '')),
});

export function accountsQuery({ tandem, user }: Session, q: string) {
  return infiniteQueryOptions({
    queryKey: [user.id, 'accounts', q],
    queryFn: ({ pageParam }) => tandem.books.listAccounts(asked(pageParam, { q })),
    initialPageParam: '',
    getNextPageParam: (page: Accounts) => page.page.next_cursor,
  });
}

export function transfersQuery({ tandem, user }: Session, { account, q }: { account: string; q: string }) {
  return infiniteQueryOptions({
    queryKey: [user.id, 'transfers', account, q],
    queryFn: ({ pageParam }) => tandem.books.listTransfers(asked(pageParam, { account, q })),
    initialPageParam: '',
    getNextPageParam: (page: Transfers) => page.page.next_cursor,
  });
}

export function eventsQuery({ tandem, user }: Session, { only, q }: { only: string; q: string }) {
  return infiniteQueryOptions({
    queryKey: [user.id, 'provider-events', only, q],
    queryFn: ({ pageParam }) => tandem.books.listProviderEvents(asked(pageParam, { only, q })),
    initialPageParam: '',
    getNextPageParam: (page: Events) => page.page.next_cursor,
  });
}

/** What accounts of each kind hold together. */
export function bookBalancesQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [user.id, 'book-balances'],
    queryFn: async () => (await tandem.books.listBalances()).balances,
  });
}

export const pauseKey = (userId: string) => [userId, 'payout-pause'];

/** Whether payouts leave, which others of the staff may change. */
export function pauseQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: pauseKey(user.id),
    queryFn: () => tandem.payouts.getPause(),
    refetchInterval: READ_ANEW,
  });
}
