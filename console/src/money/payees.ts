import { queryOptions } from '@tanstack/react-query';
import type { Body } from 'tandem-client';
import type { Session } from '../session/session.ts';

export type NewDestination = Body<'payouts.addDestination'>;
export type AskedPayout = Body<'payouts.estimate'>;

export const payeeKey = (userId: string) => [userId, 'payee'];

/** Whether somebody may be paid, and what is missing. */
export function papersQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...payeeKey(user.id), 'papers'],
    queryFn: async () => (await tandem.payouts.getKyc(user.id)).kyc,
  });
}

/** Where somebody is paid. */
export function destinationsQuery({ tandem, user }: Session) {
  return queryOptions({
    queryKey: [...payeeKey(user.id), 'destinations'],
    queryFn: async () => (await tandem.payouts.listDestinations(user.id, { limit: 50 })).data,
  });
}

/** What a payout would book; null while what is asked for is not whole. */
export function estimateQuery({ tandem, user }: Session, asked: AskedPayout | null) {
  return queryOptions({
    queryKey: [user.id, 'estimate', asked],
    enabled: asked !== null,
    retry: false,
    queryFn: () => tandem.payouts.estimate(user.id, asked as AskedPayout),
  });
}
