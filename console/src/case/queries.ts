import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data, Query } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type CasePage = Data<'processes.list'>;
export type Listed = CasePage['data'][number];
export type Case = Data<'processes.get'>;
export type Action = Case['actions'][number];
export type Field = NonNullable<Action['input']>[number];
export type HistoryEntry = Case['history'][number];
export type Entry = Data<'processes.listEntries'>['entries'][number];
export type Machine = Data<'machines.list'>[number];
export type View = NonNullable<Query<'processes.list'>['view']>;
type KindAsked = NonNullable<Query<'processes.list'>['kind']>;

/** What somebody has read, by what it is. The first part is whose it is, so that it goes when they go. */
export const caseKeys = {
  list: (userId: string) => [userId, 'cases'],
  one: (userId: string, id: string) => [userId, 'case', id],
  entries: (userId: string, id: string) => [userId, 'entries', id],
};

/** `order`: the newest first where nothing is said. */
export type Asked = { view: View | ''; kind: string; q: string; order?: '' | 'oldest' };

const AT_ONCE = 25;

/** By age, page by page. */
export function casesQuery({ tandem, user }: Session, { view, kind, q, order = '' }: Asked) {
  return infiniteQueryOptions({
    queryKey: [...caseKeys.list(user.id), view, kind, q, order],
    queryFn: ({ pageParam }) =>
      tandem.processes.list({
        limit: AT_ONCE,
        ...(pageParam ? { cursor: pageParam } : {}),
        ...(view ? { view } : {}),
        ...(kind ? { kind: kind as KindAsked } : {}),
        ...(q ? { q } : {}),
        ...(order ? { order } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: (page: CasePage) => page.page.next_cursor,
  });
}

export function caseQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: caseKeys.one(user.id, id),
    queryFn: () => tandem.processes.get(id),
  });
}

export function entriesQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: caseKeys.entries(user.id, id),
    queryFn: async () => (await tandem.processes.listEntries(id)).entries,
  });
}
