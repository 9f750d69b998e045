import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

type Page = Data<'people.find'>;
export type Person = Data<'people.look'>;
export type ListedPerson = Page['data'][number];

export const peopleKey = (userId: string) => [userId, 'people'];

export function peopleQuery({ tandem, user }: Session, q: string) {
  return infiniteQueryOptions({
    queryKey: [...peopleKey(user.id), 'list', q],
    queryFn: ({ pageParam }) =>
      tandem.people.find({ limit: 25, ...(pageParam ? { cursor: pageParam } : {}), ...(q ? { q } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.page.next_cursor,
  });
}

export function personQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...peopleKey(user.id), id],
    queryFn: () => tandem.people.look(id),
  });
}
