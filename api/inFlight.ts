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
  /** In all. Probes are answered beyond it. */
  all: 2_048,
};

export type InFlight = {
  /** Counts a request in, or says why not. It is counted out when it was answered, or when it was left and is done. */
  enter(request: IncomingMessage, response: ServerResponse, from: { address: string; probe: boolean }): Entered;
  /** The handler has done its work: what is left is to write the answer. */
  handled(request: IncomingMessage): void;
};

/** `dropped`: its connection was refused already and is about to be closed, so nobody hears an answer. */
export type Entered = 'entered' | 'dropped' | Failure;

type Connection = { count: number; refused: boolean; left: Set<() => void> };

export function createInFlight(limits = IN_FLIGHT): InFlight {
  let all = 0;
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

  return {
    enter(request, response, { address, probe }) {
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
      if (all >= limits.all && !probe) {
        return new Failure('UNAVAILABLE', 'Too many requests are under way at this moment.', { retryAfter: 1 });
      }
      all++;
      connection.count++;
      byAddress.set(address, ofAddress + 1);

      // A client that leaves has not stopped the work: that still counts.
      let state: 'working' | 'left' | 'handled' | 'out' = 'working';
      const out = () => {
        if (state === 'out') return;
        state = 'out';
        all--;
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

/** What is answered when everything else is refused. */
const PROBES = new Set(['/livez', '/readyz', '/metrics']);

/** The first hook of all: what is too much costs nothing more than its refusal. */
export function boundInFlight(app: Pick<FastifyInstance, 'addHook'>, inFlight: InFlight): void {
  app.addHook('onRequest', (request, reply, done) => {
    const probe = PROBES.has(request.routeOptions.url ?? '');
    const entered = inFlight.enter(request.raw, reply.raw, { address: addressKey(request.ip), probe });
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
