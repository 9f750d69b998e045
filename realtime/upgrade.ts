import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '#workflows/failures.ts';
import { failureBody } from './protocol.ts';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeDispatcher {
  /** Gives upgrades of this path to a door. A path that ends in `/` takes all below it. */
  route(path: string, handler: UpgradeHandler): void;
  close(): void;
}

/**
 * For the HTTP server, as `shouldUpgradeCallback`. With a listener for `upgrade` Node hands it every request that offers
 * any: with `h2c`, which Java's and curl's clients try, or TLS. Those may be ignored (RFC 9110, 7.8) and are answered.
 */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return /^websocket$/i.test(headers.upgrade ?? '');
}

/**
 * The one listener for `upgrade` of a server. Two libraries that both listen each end the other's handshakes, so every
 * door is given its upgrades from here.
 */
export function dispatchUpgrades(server: Server): UpgradeDispatcher {
  const routes = new Map<string, UpgradeHandler>();
  const listener = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const handler = routes.get(path) ?? below(routes, path);
    if (handler) handler(request, socket, head);
    else refuseUpgrade(socket, new Failure('NOT_FOUND', 'No socket is served at this path.'));
  };
  server.on('upgrade', listener);
  return {
    route(path, handler) {
      routes.set(path, handler);
    },
    close() {
      server.off('upgrade', listener);
    },
  };
}

function below(routes: ReadonlyMap<string, UpgradeHandler>, path: string): UpgradeHandler | undefined {
  for (const [route, handler] of routes) if (route.endsWith('/') && path.startsWith(route)) return handler;
  return undefined;
}

/** Answers a handshake as any other refused request, and closes. */
export function refuseUpgrade(socket: Duplex, failure: Failure): void {
  const body = JSON.stringify(failureBody(failure));
  const head = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(failure.retryAfter === undefined ? [] : [`Retry-After: ${failure.retryAfter}`]),
  ];
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Whether a page of this origin may open a socket: one that is listed, one of our own host, or no page at all. */
export function originAllowed(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  // Browsers always send it; what sends none is not a page, and carries no user's cookies.
  if (origin === undefined) return true;
  if (origins.includes('*') || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
