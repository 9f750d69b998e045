import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';
import { keys } from './queries.ts';

export type Room = Data<'rooms.list'>['data'][number];
type Said = Data<'rooms.listMessages'>;
export type RoomMessage = Said['data'][number];

export const roomsKey = (userId: string) => [userId, 'rooms'];

/** All one's conversations, last changed first. */
export function roomsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...roomsKey(user.id), 'mine'],
    queryFn: async () => (await tandem.rooms.list({ limit: 100 })).data,
  });
}

export function roomQuery({ tandem, user }: Session, roomId: string) {
  return queryOptions({
    queryKey: [...roomsKey(user.id), roomId],
    queryFn: async () => (await tandem.rooms.get(roomId)).room,
  });
}

/** Who is in it, by their ids. */
export function membersQuery({ tandem, user }: Session, roomId: string) {
  return queryOptions({
    queryKey: [...roomsKey(user.id), roomId, 'users'],
    queryFn: async () => {
      const { data } = await tandem.rooms.listUsers(roomId, { limit: 100 });
      return new Map(data.map(({ id, handle }) => [id, handle]));
    },
  });
}

/** Newest first, page by page into the past; what comes by socket is put where these are kept. */
export function saidQuery({ tandem, user }: Session, roomId: string) {
  return infiniteQueryOptions({
    queryKey: keys.messages(user.id, roomId),
    queryFn: ({ pageParam }) =>
      tandem.rooms.listMessages(roomId, { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page: Said) => page.page.next_cursor,
  });
}

/** People to write to, the newest first. */
export function correspondentsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [user.id, 'correspondents'],
    queryFn: async () => {
      const { data } = await tandem.profiles.list({ limit: 100 });
      return data.filter(({ id }) => id !== user.id).map(({ id, handle }) => ({ id, handle }));
    },
  });
}

export function nameOf({ name, kind }: Pick<Room, 'name' | 'kind'>): string {
  return name ?? (kind === 'direct' ? 'Somebody' : kind === 'group' ? 'A group' : 'A room');
}

export function isUnread({ unread_count }: Room): boolean {
  return unread_count > 0;
}
