import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Video = Data<'videos.get'>;
type VideoPage = Data<'videos.list'>;

export const videosKey = (userId: string) => [userId, 'videos'];

/** Latest first, page by page; of one creator, or of everybody. */
export function videosQuery({ tandem, user }: Session, creatorId?: string) {
  return infiniteQueryOptions({
    queryKey: [...videosKey(user.id), 'list', creatorId ?? ''],
    queryFn: ({ pageParam }) =>
      tandem.videos.list({
        limit: 24,
        ...(creatorId ? { creator_id: creatorId } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: (page: VideoPage) => page.page.next_cursor,
  });
}

export function videoQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...videosKey(user.id), id],
    queryFn: () => tandem.videos.get(id),
  });
}

export function videoAnalyticsQuery({ tandem, user }: Session, id: string) {
  return queryOptions({
    queryKey: [...videosKey(user.id), id, 'analytics'],
    queryFn: () => tandem.videos.getAnalytics(id),
  });
}
