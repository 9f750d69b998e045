import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Failure } from '#workflows/failures.ts';
import { addressKey } from './address.ts';

/**
 * Requests that may be under way at once. Each holds memory and waits for one of a few database connections, so whoever
 * sends thousands of them would have everybody else wait; HTTP/1.1 lets one connection do that in one packet.
 */
export const IN_FLIGHT = {
  /** By connection. Browsers and proxies send one after the other. */
  connection: 32,
  /** By address, which an office, a mobile network or a proxy that is not named as one shares. */
  address: 512,
  /** In all. Probes and webhooks are answered beyond it. */
  all: 2_048,
  /**
   * So many that have been under way for longer than `lateMs`: what comes then would wait for at least as long, and a
   * little more makes it 10 s for everybody. It is refused before it waits for a connection to Postgres.
   */
  late: 128,
  lateMs: 1_000,
};

export type InFlight = {
  /** Counts a request in, or says why not. It is counted out when it was answered, or when it was left and is done. */
  enter(request: IncomingMessage, response: ServerResponse, from: From): Entered;
  /** The handler has done its work: what is left is to write the answer. */
  handled(request: IncomingMessage): void;
};

/** `first`: it is let in when others are refused: what it brings is not to be lost, or tells how we are. */
type From = { address: string; first: boolean };

/** `dropped`: its connection was refused already and is about to be closed, so nobody hears an answer. */
export type Entered = 'entered' | 'dropped' | Failure;

type Connection = { count: number; refused: boolean; left: Set<() => void> };

export function createInFlight(limits = IN_FLIGHT): InFlight {
  /** When each that is under way came, the oldest first. */
  const since = new Map<IncomingMessage, number>();
  const byAddress = new Map<string, number>();
  const connections = new WeakMap<Socket, Connection>();
  const handled = new WeakMap<IncomingMessage, () => void>();

  function connectionOf(socket: Socket): Connection {
    const known = connections.get(socket);
    if (known) return known;
    const connection: Connection = { count: 0, refused: false, left: new Set() };
    connections.set(socket, connection);
    // Answers that wait for the one before them are told nothing of its end.
    socket.once('close', () => {
      for (const leave of connection.left) leave();
    });
    return connection;
  }

  /** Whether so many have been under way for so long that it is no use to wait behind them. */
  function isLate(): boolean {
    if (since.size <= limits.late) return false;
    const before = performance.now() - limits.lateMs;
    let left = limits.late;
    for (const at of since.values()) {
      if (at > before) return false;
      if (--left === 0) return true;
    }
    return false;
  }

  return {
    enter(request, response, { address, first }) {
      const connection = connectionOf(request.socket);
      if (connection.refused) return 'dropped';
      if (connection.count >= limits.connection) {
        connection.refused = true;
        // It is closed once this is answered; until then nothing more of it is read.
        request.socket.pause?.();
        response.shouldKeepAlive = false;
        return tooMany('connection', limits.connection);
      }
      const ofAddress = byAddress.get(address) ?? 0;
      if (ofAddress >= limits.address) return tooMany('address', limits.address);
      if (!first && (since.size >= limits.all || isLate())) {
        return new Failure('UNAVAILABLE', 'Too many requests are under way at this moment.', { retryAfter: 1 });
      }
      since.set(request, performance.now());
      connection.count++;
      byAddress.set(address, ofAddress + 1);

      // A client that leaves has not stopped the work: that still counts.
      let state: 'working' | 'left' | 'handled' | 'out' = 'working';
      const out = () => {
        if (state === 'out') return;
        state = 'out';
        since.delete(request);
        connection.count--;
        connection.left.delete(leave);
        const others = (byAddress.get(address) ?? 1) - 1;
        if (others === 0) byAddress.delete(address);
        else byAddress.set(address, others);
      };
      const leave = () => {
        if (state === 'handled') out();
        else if (state === 'working') state = 'left';
      };
      connection.left.add(leave);
      handled.set(request, () => {
        if (state === 'left') out();
        else if (state === 'working') state = 'handled';
      });
      response.once('finish', out);
      response.once('close', leave);
      return 'entered';
    },

    handled: (request) => handled.get(request)?.(),
  };
}

function tooMany(by: 'connection' | 'address', limit: number): Failure {
  return new Failure('RATE_LIMITED', `Too many requests are under way from this ${by}: ${limit} may be.`, {
    retryAfter: 1,
    details: { retry_after: 1, limit, by },
  });
}

/** What is answered when everything else is refused: how we are, and providers, who bring money and come again if not heard. */
const FIRST = new Set(['/livez', '/readyz', '/metrics', '/api/webhooks/:provider']);

/** The first hook of all: what is too much costs nothing more than its refusal. */
export function boundInFlight(app: Pick<FastifyInstance, 'addHook'>, inFlight: InFlight): void {
  app.addHook('onRequest', (request, reply, done) => {
    const first = FIRST.has(request.routeOptions.url ?? '');
    const entered = inFlight.enter(request.raw, reply.raw, { address: addressKey(request.ip), first });
    if (entered === 'dropped') reply.hijack();
    else if (entered === 'entered') done();
    else {
      if (!reply.raw.shouldKeepAlive) reply.header('connection', 'close');
      done(entered);
    }
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    inFlight.handled(request.raw);
    done(null, payload);
  });
}
