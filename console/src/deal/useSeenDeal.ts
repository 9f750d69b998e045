import { type UseQueryOptions, useQueries } from '@tanstack/react-query';
import { SEATS, type SeatName, useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { type Context, contextQuery } from './queries.ts';

/** A deal as the first of those who are signed in and may see it. */
export function useSeenDeal(id: string | null): { seat: SeatName; session: Session; context: Context } | null {
  const { sessions } = useSeats();
  const present = SEATS.flatMap((seat) => {
    const session = sessions[seat];
    return session ? [{ seat, session }] : [];
  });
  const read = useQueries({
    queries: present.map(
      ({ session }): UseQueryOptions<Context> => ({
        ...(contextQuery(session, id ?? '') as UseQueryOptions<Context>),
        enabled: id !== null,
      }),
    ),
  });
  const at = read.findIndex(({ data }) => data !== undefined);
  const [seen, context] = [present[at], read[at]?.data];
  return seen && context ? { ...seen, context } : null;
}
