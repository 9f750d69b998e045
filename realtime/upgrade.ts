import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '#workflows/failures.ts';
import { failureBody } from './protocol.ts';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A door's plain requests: long polling is made of them. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface UpgradeDispatcher {
  /** Gives upgrades, and plain requests where a door takes them, of this path to it. One that ends in `/` takes all below. */
  route(path: string, upgrade: UpgradeHandler, request?: RequestHandler): void;
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
  const upgrades = new Map<string, UpgradeHandler>();
  const requests = new Map<string, RequestHandler>();
  const listener = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const handler = routeOf(upgrades, request);
    if (handler) handler(request, socket, head);
    else refuseUpgrade(socket, new Failure('NOT_FOUND', 'No socket is served at this path.'));
  };
  server.on('upgrade', listener);

  // A request that is answered by two answers none: those that listened until now have what no door takes.
  const others = server.listeners('request') as RequestHandler[];
  const requestListener: RequestHandler = (request, response) => {
    const handler = routeOf(requests, request);
    if (handler) handler(request, response);
    else for (const other of others) other.call(server, request, response);
  };
  server.removeAllListeners('request');
  server.on('request', requestListener);

  return {
    route(path, upgrade, request) {
      upgrades.set(path, upgrade);
      if (request) requests.set(path, request);
    },
    close() {
      server.off('upgrade', listener);
      server.off('request', requestListener);
      for (const other of others) server.on('request', other);
    },
  };
}

function routeOf<Handler>(routes: ReadonlyMap<string, Handler>, { url = '/' }: IncomingMessage): Handler | undefined {
  const path = url.split('?', 1)[0] as string;
  return routes.get(path) ?? below(routes, path);
}

function below<Handler>(routes: ReadonlyMap<string, Handler>, path: string): Handler | undefined {
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
