import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { Failure } from '#workflows/failures.ts';
import { createCork } from './cork.ts';
import { originAllowed, refuseUpgrade } from './upgrade.ts';
import { type ConnectionContext, WebSocketConnection } from './webSocketConnection.ts';

export interface WebSocketDoor {
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells all clients to come back elsewhere, lets commands under way end, and closes. */
  close(): Promise<void>;
}

/** GET /ws: the handshake, the clock that watches all connections, and their end. */
export function createWebSocketDoor(
  options: Omit<ConnectionContext, 'cork' | 'gone'> & { origins: readonly string[] },
): WebSocketDoor {
  const { limits, metrics, origins } = options;
  const connections = new Set<WebSocketConnection>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    // Costs 250 KB a connection, and what we send is short.
    perMessageDeflate: false,
    clientTracking: false,
  });
  let closing = false;

  const context: ConnectionContext = {
    ...options,
    cork: createCork(),
    gone(connection) {
      connections.delete(connection);
      metrics.connections.set({ door: 'ws' }, connections.size);
    },
  };

  const timer = setInterval(() => {
    const now = performance.now();
    const date = Date.now();
    for (const connection of connections) connection.tick(now, date);
  }, limits.tickMs);

  return {
    handle(request, socket, head) {
      if (closing || connections.size >= limits.connections) {
        refuseUpgrade(socket, new Failure('UNAVAILABLE', 'No more connections are taken here.', { retryAfter: 1 }));
      } else if (!originAllowed(request, origins)) {
        refuseUpgrade(socket, new Failure('FORBIDDEN', 'Pages of this origin may not connect.'));
      } else {
        server.handleUpgrade(request, socket, head, (webSocket) => {
          connections.add(new WebSocketConnection(webSocket, socket, context));
          metrics.connections.set({ door: 'ws' }, connections.size);
        });
      }
    },
    async close() {
      closing = true;
      for (const connection of connections) connection.drain();
      await until(() => ![...connections].some(({ busy }) => busy), limits.drainMs);
      for (const connection of connections) connection.close('drain');
      await until(() => connections.size === 0, limits.drainMs);
      clearInterval(timer);
      for (const connection of connections) connection.terminate();
      server.close();
    },
  };
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition() && performance.now() < deadline) await wait(10);
}
