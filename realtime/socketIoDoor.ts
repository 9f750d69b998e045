import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type Socket, Server as SocketIoServer } from 'socket.io';
import { Failure } from '#workflows/failures.ts';
import type { Bus } from './bus.ts';
import { NAMESPACES, type Source } from './catalogue/declaration.ts';
import { asFailure, type DoorContext, identify, tooManyConnections } from './connection.ts';
import { createCork } from './cork.ts';
import { Feed } from './feed.ts';
import { failureBody } from './protocol.ts';
import { createRoomMemory, newPid, resumeOf } from './recovery.ts';
import { type Admission, SocketIoConnection, type SocketIoContext } from './socketIoConnection.ts';
import { type EngineConnection, SocketIoLine } from './socketIoLine.ts';
import { APP_NAMES, appNamed } from './speech.ts';
import { originAllowed } from './upgrade.ts';

export interface SocketIoDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Tells all clients to come back, lets commands under way end, and closes. */
  close(): Promise<void>;
}

/** /socket.io/: Socket.IO 4 for the seeds' frontends, in front of the same rooms, commands and events as GET /ws. */
export function createSocketIoDoor(options: DoorContext & { bus: Bus; origins: readonly string[] }): SocketIoDoor {
  const { limits, metrics, origins, service, arrivals, log } = options;
  const connections = new Set<SocketIoConnection>();
  const lines = new WeakMap<EngineConnection, SocketIoLine>();
  const carrying = new Set<SocketIoLine>();
  const cork = createCork();
  const memory = createRoomMemory(options.bus, limits.recoverMs);
  const context: SocketIoContext = {
    ...options,
    memory,
    gone(connection) {
      connections.delete(connection);
    },
  };
  let closing = false;

  const feed = new Feed();
  const io = new SocketIoServer({
    serveClient: false,
    transports: ['polling', 'websocket'],
    maxHttpBufferSize: limits.frameBytes,
    pingInterval: limits.heartbeatMs,
    pingTimeout: limits.heartbeatMs,
    connectTimeout: limits.authWithinMs,
    perMessageDeflate: false,
    httpCompression: false,
    // The doors beside it have their own upgrades.
    destroyUpgrade: false,
    cors: corsFor(origins) as never,
    allowRequest(request, callback) {
      if (closing || io.engine.clientsCount >= limits.connections)
        callback('No more connections are taken here.', false);
      else callback('Pages of this origin may not connect.', originAllowed(request, origins));
    },
  });
  io.attach(feed as never);

  io.engine.on('connection', (connection: EngineConnection) => {
    const line = new SocketIoLine(connection, {
      limits,
      cork,
      received: () => metrics.frames.in.inc(),
      flooded() {
        for (const one of connections) if (one.isOn(line)) one.close('protocol_error');
        line.close(true);
      },
    });
    lines.set(connection, line);
    carrying.add(line);
    metrics.connections.set({ door: 'socket.io' }, carrying.size);
    connection.on('close', () => {
      carrying.delete(line);
      metrics.connections.set({ door: 'socket.io' }, carrying.size);
    });
  });

  for (const name of NAMESPACES) {
    const namespace = io.of(name);
    namespace.use((socket, next) => {
      admit(socket).then(
        (admission) => {
          socket.data = admission;
          // The client knows by it whether it missed nothing and is in its rooms: then it is the one that it sent.
          (socket as unknown as { pid: string }).pid = admission.pid;
          next();
        },
        (error) => {
          const failure = asFailure(error, socket.id);
          if (failure.code === 'INTERNAL')
            log.error({ err: error, correlation_id: socket.id }, 'a client was not let in');
          // A refusal is final to the client, a line that breaks is not.
          if (failure.status >= 500) socket.conn.close();
          next(Object.assign(new Error(failure.message), { data: failureBody(failure) }));
        },
      );
    });
    namespace.on('connection', (socket) => {
      const line = lines.get(socket.conn);
      if (line === undefined) return;
      const connection = new SocketIoConnection(socket, line, context, socket.data as Admission);
      if (!service.enter(connection)) connection.close('too_many_connections');
      else if (closing) connection.close('drain');
      else {
        connections.add(connection);
        void connection.begin(socket.data as Admission);
      }
      socket.data = {};
    });
  }

  /** Who it is, and where its events begin. Throws the failure that it is refused with. */
  async function admit(socket: Socket): Promise<Admission> {
    const { token, app, pid, offset } = socket.handshake.auth;
    if (typeof token !== 'string' || token.length > MAX_TOKEN) {
      throw new Failure('UNAUTHENTICATED', 'Connect with an access token in `auth.token`.');
    }
    const source = sourceOf(app);
    const identity = await identify(options, token, socket.id);
    const { userId } = identity;
    if (!service.hasPlace(userId)) throw tooManyConnections(limits);
    const resume = resumeOf({ pid, offset }, userId);
    if (resume === null) throw badOffset();
    try {
      const { after, resumed } = await arrivals.begin(userId, resume);
      const rooms = resumed ? await memory.find(pid as string) : [];
      // Only who is back in everything has recovered; who is not gets what was missed all the same.
      const recovered = resumed && rooms !== null;
      return {
        identity,
        app: source,
        after,
        rooms: rooms ?? [],
        pid: recovered ? (pid as string) : newPid(userId, after),
      };
    } catch (error) {
      if (error instanceof Failure && error.status < 500) throw error;
      log.warn({ err: error, correlation_id: socket.id }, 'a client could not be signed in');
      throw new Failure('UNAVAILABLE', 'Nobody can be signed in now.', { retryAfter: 1, cause: error });
    }
  }

  const timer = setInterval(() => {
    const now = performance.now();
    const date = Date.now();
    for (const connection of connections) connection.tick(now, date);
    for (const line of carrying) if (line.idles(now)) line.close(true);
  }, limits.tickMs);

  return {
    upgrade(request, socket, head) {
      const before = new Set(socket.rawListeners('close'));
      feed.emit('upgrade', request, socket, head);
      // What stands in for a response while middlewares run listens for the line's end, and so holds the request as long.
      for (const listener of socket.rawListeners('close')) {
        if (!before.has(listener)) socket.off('close', listener as () => void);
      }
    },
    request: (request, response) => void feed.emit('request', request, response),
    async close() {
      closing = true;
      for (const connection of connections) connection.drain();
      await until(() => ![...connections].some(({ busy }) => busy), limits.drainMs);
      for (const connection of connections) connection.close('drain');
      await until(() => carrying.size === 0, limits.drainMs);
      clearInterval(timer);
      await io.close();
    },
  };
}

const MAX_TOKEN = 8_192;

function sourceOf(app: unknown): Source | null {
  if (app === undefined || app === null) return null;
  const source = typeof app === 'string' ? appNamed(app) : null;
  if (source !== null) return source;
  throw new Failure('VALIDATION_FAILED', `auth.app is one of ${APP_NAMES.join(', ')}, or left out.`, {
    details: { fields: [{ field: 'auth.app', problem: 'is not an application' }] },
  });
}

function badOffset(): Failure {
  return new Failure('VALIDATION_FAILED', 'auth.offset is not one that was given out.', {
    details: { fields: [{ field: 'auth.offset', problem: 'is not a number of an event' }] },
  });
}

/** Pages of these origins may read what the polls answer. */
function corsFor(origins: readonly string[]) {
  return (request: IncomingMessage, callback: (error: Error | null, options: object) => void): void => {
    const allowed = request.headers.origin !== undefined && originAllowed(request, origins);
    callback(null, { origin: allowed ? request.headers.origin : false, credentials: !origins.includes('*') });
  };
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition() && performance.now() < deadline) await wait(10);
}
