import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';
import { streamKey } from './queries.ts';

export type Poll = Data<'polls.list'>['data'][number];
export type Question = Data<'questions.list'>['data'][number];

export const pollKey = (userId: string, streamId: string) => [...streamKey(userId, streamId), 'poll'];
export const questionsKey = (userId: string, streamId: string) => [...streamKey(userId, streamId), 'questions'];

/** The poll that is open in a stream, or the last that was; null where there was none. */
export function pollQuery({ tandem, user }: Session, streamId: string) {
  return queryOptions({
    queryKey: pollKey(user.id, streamId),
    queryFn: async () => (await tandem.polls.list(streamId, { limit: 1 })).data[0] ?? null,
  });
}

/** What waits for an answer, what most want answered first. */
export function questionsQuery({ tandem, user }: Session, streamId: string) {
  return queryOptions({
    queryKey: questionsKey(user.id, streamId),
    queryFn: async () => (await tandem.questions.list(streamId, { limit: 10 })).data,
  });
}
