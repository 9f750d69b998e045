import { queryOptions } from '@tanstack/react-query';
import type { Data } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type Rule = Data<'rewards.listRules'>[number];
export type Action = Rule['action'];

export const rewardsKey = (userId: string) => [userId, 'rewards'];

/** What one earned, by what, and what is left of today. */
export function rewardsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: rewardsKey(user.id),
    queryFn: () => tandem.rewards.getUser(user.id, { limit: 20 }),
  });
}

/** The staff's. */
export function rulesQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [user.id, 'rules'],
    queryFn: () => tandem.rewards.listRules(),
  });
}

/** Every version of a rule, the newest first. */
export function versionsQuery({ tandem, user }: Session, action: Action) {
  return queryOptions({
    queryKey: [user.id, 'rules', action],
    queryFn: async () => [...(await tandem.rewards.listVersions(action))].sort((a, b) => b.version - a.version),
  });
}

/** What all rewards came to in the last days. */
export function mintedQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [user.id, 'rules', 'minted'],
    queryFn: () => tandem.rewards.getAnalytics(),
  });
}
