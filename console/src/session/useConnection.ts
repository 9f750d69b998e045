import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { hear } from '../deal/hear.ts';
import { Connection, type Status } from '../socket/connection.ts';
import type { LiveEvent } from '../socket/frames.ts';
import type { Session } from './session.ts';

/** While the socket is away, what is on the page is read anew this often, in ms. */
export const READ_ANEW = 3_000;

/** The socket of a session, for as long as the page shows it: what it tells goes into what the page has read. */
export function useConnection(session: Session): {
  status: Status;
  connection: Connection | null;
  /** Hears live events until the returned function is called. */
  onLive: (listener: (event: LiveEvent) => void) => () => void;
} {
  const queries = useQueryClient();
  const [status, setStatus] = useState<Status>('connecting');
  const [connection, setConnection] = useState<Connection | null>(null);
  const listeners = useRef(new Set<(event: LiveEvent) => void>());

  useEffect(() => {
    const mine = [session.user.id];
    const readAnew = () => void queries.invalidateQueries({ queryKey: mine });
    const opened = new Connection({
      token: (stale) => session.token(stale),
      onEvent: (event) => hear(queries, session.user.id, event),
      onLive: (event) => {
        for (const listener of listeners.current) listener(event);
      },
      onStatus: setStatus,
      onGap: readAnew,
      onOver: (why) => session.over(why),
    });
    setConnection(opened);
    return () => {
      opened.close();
      queries.removeQueries({ queryKey: mine });
    };
  }, [session, queries]);

  useEffect(() => {
    if (status === 'live') return;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: [session.user.id] }), READ_ANEW);
    return () => clearInterval(timer);
  }, [status, session, queries]);

  const [onLive] = useState(() => (listener: (event: LiveEvent) => void) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  });
  return { status, connection, onLive };
}
