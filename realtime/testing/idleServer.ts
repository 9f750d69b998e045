import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createPool } from '#db/pool.ts';
import { Failure } from '#workflows/failures.ts';
import { createBus } from '../bus.ts';
import type { Identity } from '../deps.ts';
import { attachRealtime } from '../realtime.ts';

/**
 * A program for tests: both doors, and nothing else in the process. Says its port in a line, and over HTTP what its heap
 * holds once the garbage is gone. Without DATABASE_URL nobody signs in, so that nothing is asked of Postgres; with it a
 * token is the id of who signs in, and `POST /tell` with `{ users, text, times }` has them hear so many live events.
 */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const { DATABASE_URL, LIMITS = '{}' } = process.env;
const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    await tell(JSON.parse(await text(request)));
    return void response.end();
  }
  // Twice: what weak references held goes with the second.
  collect();
  collect();
  const held = { requests: count(IncomingMessage), responses: count(ServerResponse) };
  const { heapUsed: heap, external } = process.memoryUsage();
  const counted = await metrics.getSingleMetric('tandem_socket_live_dropped_total')?.get();
  const dropped = counted?.values[0]?.value ?? 0;
  return void response.end(JSON.stringify({ heap, external, dropped, ...held }));
});
const metrics = new Registry();
const log = pino({ level: 'silent' });
const bus = createBus({ redisUrl: null, log });
attachRealtime({
  server,
  pool: createPool(DATABASE_URL ?? 'postgres://nobody@127.0.0.1:1/none', { size: 4 }),
  bus,
  verify,
  origins: [],
  deps: {
    sendMessage: refuse,
    markSeen: refuse,
    writeInStream: refuse,
    voteInPoll: refuse,
    giveGift: refuse,
    reactInStream: refuse,
    voteInBattle: refuse,
    markNotificationRead: refuse,
  },
  metrics,
  log,
  limits: { authWithinMs: 600_000, heartbeatMs: 600_000, ...JSON.parse(LIMITS) },
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

async function verify(userId: string): Promise<Identity> {
  if (DATABASE_URL === undefined) throw new Failure('UNAUTHENTICATED', 'Nobody signs in here.');
  return { userId, sessionId: null, expiresAt: new Date(Date.now() + 3_600_000) };
}

async function tell({ users, text: said, times }: { users: string[]; text: string; times: number }): Promise<void> {
  const rooms = users.map((userId) => `user_${userId}`);
  for (let n = 0; n < times; n++) {
    bus.live({ rooms, name: 'user_status_change', data: { userId: users[0], status: said } });
    // Others have their turns in between.
    if (n % 10 === 0) await turn();
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('nobody is there to ask'));
}

function count(kind: typeof IncomingMessage | typeof ServerResponse): number {
  return queryObjects(kind, { format: 'count' });
}
