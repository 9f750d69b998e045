import { type Api, type ApiOptions, createApi } from './api.ts';
import type { DurableEvent } from './frames.ts';
import { createSocket, type Socket, type SocketOptions } from './socket.ts';
import type { TokenSource } from './token.ts';

export type TandemOptions = ApiOptions & Pick<SocketOptions, 'after' | 'WebSocket' | 'onOver'> & { token: TokenSource };

/** The API's operations by their names, and its events and commands. */
export type Tandem = Api & Socket;

/** Events of a page of `GET /api/events`, the most that one may have. */
const PAGE = 100;

/** Tandem as one user: its API, and a socket that is opened by the first who listens. */
export function createTandem(options: TandemOptions): Tandem {
  const api = createApi(options);
  const socket = createSocket({
    ...options,
    async read(after) {
      const { data, page } = await api.events.list({ after, limit: PAGE });
      const events = data.map((event) => ({ type: 'event', ...event }) as DurableEvent);
      return { events, more: page.next_cursor !== null };
    },
  });
  socket.onStatus((status) => {
    if (status === 'live') api.queue.hurry();
  });
  const close = () => {
    socket.close();
    api.queue.close();
  };
  return Object.defineProperties({ ...api, ...socket, close } as Tandem, {
    // They change, and would be copied as they are now.
    status: { get: () => socket.status },
    position: { get: () => socket.position },
  });
}
