import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Context = Data<'conversations.getContext'>;
export type Conversation = Context['conversation'];
export type ActionData = NonNullable<Context['current_action_data']>;
export type MessagePage = Data<'messages.list'>;
export type Message = MessagePage['data'][number];

/** What somebody has read, by what it is. The first part is whose it is, so that it goes when they go. */
export const keys = {
  conversations: (userId: string) => [userId, 'conversations'],
  context: (userId: string, id: string) => [userId, 'context', id],
  messages: (userId: string, id: string) => [userId, 'messages', id],
  balances: (userId: string) => [userId, 'balances'],
};

const MESSAGES_AT_ONCE = 50;

export function conversationsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: keys.conversations(user.id),
    queryFn: async () => (await tandem.conversations.list({ limit: 50 })).data,
  });
}

export function contextQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: keys.context(user.id, id),
    queryFn: () => tandem.conversations.getContext(id),
  });
}

/** Newest first, page by page into the past. */
export function messagesQuery({ tandem, user }: Session, id: string) {
  return infiniteQueryOptions({
    queryKey: keys.messages(user.id, id),
    queryFn: ({ pageParam }) =>
      tandem.messages.list(id, { limit: MESSAGES_AT_ONCE, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: MessagePage) => page.page.next_cursor,
  });
}

export function balancesQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: keys.balances(user.id),
    queryFn: async () => (await tandem.wallets.getBalances(user.id)).balances,
  });
}
