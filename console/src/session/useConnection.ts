import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Status } from 'tandem-client';
import { hear } from '../talk/hear.ts';
import type { Session } from './session.ts';

/** While the socket is away, what is on the page is read anew this often, in ms. */
export const READ_ANEW = 3_000;

/** The socket of a session, for as long as the page shows it: what it tells goes into what the page has read. */
export function useConnection({ tandem, user }: Session): { status: Status } {
  const queries = useQueryClient();
  const [status, setStatus] = useState<Status>('connecting');

  useEffect(() => {
    const mine = [user.id];
    const stops = [
      tandem.onStatus(setStatus),
      tandem.onGap(() => void queries.invalidateQueries({ queryKey: mine })),
      tandem.onEvent((event) => event.type === 'event' && hear(queries, user.id, event)),
    ];
    return () => {
      for (const stop of stops) stop();
      queries.removeQueries({ queryKey: mine });
    };
  }, [tandem, user, queries]);

  useEffect(() => {
    if (status === 'live') return;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: [user.id] }), READ_ANEW);
    return () => clearInterval(timer);
  }, [status, user, queries]);

  return { status };
}
