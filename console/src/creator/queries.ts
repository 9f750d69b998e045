import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Stats = Data<'creators.getStats'>;
export type Milestone = Data<'creators.listMilestones'>[number];
export type TopVideo = Data<'creators.listTop'>[number];
export type Period = Stats['period'];

const creatorKey = (userId: string) => [userId, 'creator'];

export function statsQuery({ tandem, user }: Session, period: Period) {
  return queryOptions({
    queryKey: [...creatorKey(user.id), 'stats', period],
    queryFn: () => tandem.creators.getStats(user.id, { period }),
  });
}

export function topQuery({ tandem, user }: Session, by: 'views' | 'likes' | 'earnings') {
  return queryOptions({
    queryKey: [...creatorKey(user.id), 'top', by],
    queryFn: () => tandem.creators.listTop(user.id, { by }),
  });
}

export function milestonesQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...creatorKey(user.id), 'milestones'],
    queryFn: () => tandem.creators.listMilestones(user.id),
  });
}

export function tipsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...creatorKey(user.id), 'tips'],
    queryFn: async () => (await tandem.creators.listTips(user.id, { limit: 10 })).data,
  });
}
