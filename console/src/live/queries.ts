import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data, Query } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type StreamPage = Data<'streams.list'>;
export type Stream = StreamPage['data'][number];
export type State = Data<'streams.state'>;
export type ChatPage = Data<'streams.chat'>;
export type Said = ChatPage['data'][number];
export type Chat = InfiniteData<ChatPage, string>;
export type Gift = Data<'gifts.list'>[number];
export type Place = Data<'leaderboard.gifts'>[number];
type Asked = Pick<Query<'streams.list'>, 'status' | 'creator_id'>;

export const liveKey = (userId: string) => [userId, 'live'];
export const streamKey = (userId: string, id: string) => [...liveKey(userId), 'stream', id];
export const stateKey = (userId: string, id: string) => [...streamKey(userId, id), 'state'];
export const chatKey = (userId: string, id: string) => [...streamKey(userId, id), 'chat'];
export const boardsKey = (userId: string) => [...liveKey(userId), 'boards'];
export const xpKey = (userId: string) => [userId, 'xp'];

/** Latest first, page by page. */
export function streamsQuery({ tandem, user }: Session, asked: Asked) {
  return infiniteQueryOptions({
    queryKey: [...liveKey(user.id), 'list', asked],
    queryFn: ({ pageParam }) =>
      tandem.streams.list({ limit: 24, ...asked, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: StreamPage) => page.page.next_cursor,
  });
}

/** What is said of a stream, to whomever it is for. */
export function streamQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...streamKey(user.id, id), 'said'],
    queryFn: async () => (await tandem.streams.get(id)).stream,
  });
}

/** What goes on in it, for who may watch. */
export function stateQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: stateKey(user.id, id),
    queryFn: () => tandem.streams.state(id),
  });
}

/** Latest first, page by page into the past. */
export function chatQuery({ tandem, user }: Session, id: string) {
  return infiniteQueryOptions({
    queryKey: chatKey(user.id, id),
    queryFn: ({ pageParam }) => tandem.streams.chat(id, { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: ChatPage) => page.page.next_cursor,
  });
}

/** For its creator. */
export function analyticsQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...streamKey(user.id, id), 'analytics'],
    queryFn: () => tandem.streams.analytics(id),
  });
}

/** What may be given, the cheapest first. */
export function giftsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...liveKey(user.id), 'gifts'],
    queryFn: () => tandem.gifts.list(),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type Board = { scope: 'global' | 'weekly' | 'season'; kind: 'senders' | 'creators' };

export function boardQuery({ tandem, user }: Session, board: Board) {
  return queryOptions({
    queryKey: [...boardsKey(user.id), board],
    queryFn: () => tandem.leaderboard.gifts({ ...board, limit: 10 }),
  });
}

/** How far one has come by taking part. */
export function xpQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: xpKey(user.id),
    queryFn: () => tandem.users.xp(user.id),
  });
}
