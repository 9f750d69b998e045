import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type StatementPage = Data<'wallets.listTransactions'>;

export const statementKey = (userId: string) => [userId, 'statement'];

/** What came and went, newest first, page by page. */
export function statementQuery({ tandem, user }: Session, asset: string) {
  return infiniteQueryOptions({
    queryKey: [...statementKey(user.id), asset],
    queryFn: ({ pageParam }) =>
      tandem.wallets.listTransactions(user.id, {
        limit: 50,
        ...(pageParam ? { cursor: pageParam } : {}),
        ...(asset ? { asset: asset as 'INR' } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: (page: StatementPage) => page.page.next_cursor,
  });
}
