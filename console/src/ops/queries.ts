import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Task = Data<'tasks.list'>['data'][number];
/** Operators are not told by socket: what waits for them is read anew this often, in ms. */
const READ_ANEW = 4_000;

export const tasksKey = (userId: string, status: 'open' | 'closed') => [userId, 'tasks', status];

export function tasksQuery({ tandem, user }: Session, status: 'open' | 'closed') {
  return queryOptions({
    queryKey: tasksKey(user.id, status),
    queryFn: async () => (await tandem.tasks.list({ status, limit: 50 })).data,
    refetchInterval: READ_ANEW,
  });
}

export const noteKey = (userId: string, taskId: string) => [userId, 'tasks', 'notes', taskId];

/** A task with all that was said and decided about it. */
export function notesQuery({ tandem, user }: Session, taskId: string) {
  return queryOptions({ queryKey: noteKey(user.id, taskId), queryFn: () => tandem.tasks.get(taskId) });
}
