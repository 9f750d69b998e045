import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Body, Data } from 'tandem-client';
import type { Session } from '../session/session.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { liveKey } from './queries.ts';

export type Tier = Data<'subscriptions.tiers'>[number];
export type NewTier = Body<'subscriptions.setTiers'>['tiers'][number];
export type Subscription = Data<'subscriptions.list'>['data'][number];

/** What of a creator's is paid for. Within what is live, as it opens streams. */
const paidKey = (userId: string, creatorId: string) => [...liveKey(userId), 'paid', creatorId];

/** What a creator sells by the month. */
export function tiersQuery({ tandem, user }: Session, creatorId: string) {
  return queryOptions({
    queryKey: [...paidKey(user.id, creatorId), 'tiers'],
    queryFn: () => tandem.subscriptions.tiers(creatorId),
  });
}

const STANDING: readonly Subscription['status'][] = ['active', 'due', 'past_due', 'ending'];

/** The subscription to a creator that holds; null where there is none. */
export function subscriptionQuery({ tandem, user }: Session, creatorId: string) {
  return queryOptions({
    queryKey: [...paidKey(user.id, creatorId), 'mine'],
    queryFn: async () => {
      const { data } = await tandem.subscriptions.list({ as: 'subscriber', limit: 100 });
      return data.find(({ creator, status }) => creator.id === creatorId && STANDING.includes(status)) ?? null;
    },
  });
}

/** What a stream with tickets is sold as. */
export function ticketEventQuery({ tandem, user }: Session, creatorId: string, id: string) {
  return queryOptions({
    queryKey: [...paidKey(user.id, creatorId), 'event', id],
    queryFn: async () => (await tandem.ticketEvents.get(id)).event,
  });
}

/** What was paid for changes what one has, and what one may watch. */
export function usePaid() {
  const { user } = useSignedIn().session;
  const queries = useQueryClient();
  return () => {
    for (const queryKey of [liveKey(user.id), keys.balances(user.id)]) void queries.invalidateQueries({ queryKey });
  };
}

/** Reads anew when it is told that a right began or ended. */
export function useToldOfRights(): void {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  useEffect(
    () =>
      tandem.onEvent(({ name }) => {
        if (/^(?:subscription|ticket|event):/.test(name))
          void queries.invalidateQueries({ queryKey: liveKey(user.id) });
      }),
    [tandem, user, queries],
  );
}
