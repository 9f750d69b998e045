import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Asked, startAsked } from './asked.ts';
import { startCentrifugo } from './centrifugo.ts';
import type { ServerOrder } from './serving.ts';
import type { Kind } from './voices.ts';

/** What is measured beside each other. */
export type Variant = {
  name: string;
  kind: Kind;
  /** What it cannot do at all. */
  resumes: boolean;
  /** What was missed is asked for by a question of the client's own. */
  asks: boolean;
  start(place: Servers): Promise<Asked<ServerOrder>>;
};

export type Servers = {
  dir: string;
  redisUrl: string;
  centrifugo: string | null;
  /** A database of its own on the bench's Postgres; `ours` has our tables. */
  database(name: string, ours: boolean): Promise<string>;
};

export const SECRET = 'a secret of the bench, that signs its tokens alone';

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Ours is one server with both doors, started anew for each. */
async function startOurs({ database, redisUrl }: Servers) {
  const env = { DATABASE_URL: await database('ours', true), REDIS_URL: redisUrl, SECRET };
  return startAsked<ServerOrder>(script('ourServer.ts'), { greets: true, env });
}

function startSocketIo(streams: boolean) {
  return async ({ database, redisUrl }: Servers) => {
    const env = { DATABASE_URL: await database('seeds', false), REDIS_URL: streams ? `${redisUrl}/1` : '', SECRET };
    return startAsked<ServerOrder>(script('../peers/socketIo.ts'), { greets: true, env });
  };
}

export const OURS = 'Tandem, /ws';
export const OURS_IO = 'Tandem, /socket.io/';
export const SEEDS = 'Socket.IO on Express with Postgres';
export const STREAMS = 'Socket.IO with Redis streams';
export const PLAIN = 'plain ws';
/** The floor: the same bytes to each socket, and nothing else. */
export const BARE = 'socket.write alone';
export const CENTRIFUGO = 'Centrifugo';

export const VARIANTS: readonly Variant[] = [
  { name: OURS, kind: 'tandem', resumes: true, asks: false, start: startOurs },
  { name: OURS_IO, kind: 'socket.io', resumes: true, asks: false, start: startOurs },
  { name: SEEDS, kind: 'socket.io', resumes: true, asks: true, start: startSocketIo(false) },
  { name: STREAMS, kind: 'socket.io', resumes: true, asks: false, start: startSocketIo(true) },
  {
    ...{ name: PLAIN, kind: 'ws', resumes: false, asks: false },
    start: () => startAsked<ServerOrder>(script('../peers/plainWs.ts'), { greets: true, env: { SECRET } }),
  },
  {
    ...{ name: BARE, kind: 'ws', resumes: false, asks: false },
    start: () => startAsked<ServerOrder>(script('../peers/bareWrites.ts'), { greets: true, env: { SECRET } }),
  },
  {
    ...{ name: CENTRIFUGO, kind: 'centrifugo', resumes: true, asks: false },
    start: ({ centrifugo, dir }) => startCentrifugo(centrifugo as string, dir, SECRET),
  },
];

/** The room that everybody is in. */
export const ROOM = randomUUID();
