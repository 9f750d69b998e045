import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Notification = Data<'notifications.list'>['data'][number];

export const inboxKey = (userId: string) => [userId, 'inbox'];

export function inboxQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: inboxKey(user.id),
    queryFn: async () => (await tandem.notifications.list(user.id, { limit: 50 })).data,
  });
}
