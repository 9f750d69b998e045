import { type UseQueryOptions, useQueries } from '@tanstack/react-query';
import { type SeatName, SIDES, useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { type Case, caseQuery } from './queries.ts';

export type SeenCase = { seat: SeatName; session: Session; seen: Case };

/** A case as the first of those who are signed in at the table and may see it. */
export function useSeenCase(id: string | null): SeenCase | null {
  const { sessions } = useSeats();
  const present = SIDES.flatMap((seat) => {
    const session = sessions[seat];
    return session ? [{ seat, session }] : [];
  });
  const read = useQueries({
    queries: present.map(
      ({ session }): UseQueryOptions<Case> => ({
        ...(caseQuery(session, id ?? '') as UseQueryOptions<Case>),
        enabled: id !== null,
      }),
    ),
  });
  const at = read.findIndex(({ data }) => data !== undefined);
  const [who, seen] = [present[at], read[at]?.data];
  return who && seen ? { ...who, seen } : null;
}
