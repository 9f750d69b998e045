/** A media server that speaks LiveKit's protocol as far as Tandem asks: who is in a room, who has to leave it, webhooks. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessToken, TokenVerifier } from 'livekit-server-sdk';

export const KEY = 'devkey';
export const SECRET = 'a secret that is as long as LiveKit wants them to be';

export type MediaServer = {
  url: string;
  /** Everybody in a room, and whether they send pictures. */
  rooms: Map<string, Map<string, { sends: boolean }>>;
  /** While false it answers nobody. */
  answers: boolean;
  /** Tells an API of a room, signed as LiveKit signs. */
  tells(api: string, event: string, room: string, secret?: string): Promise<Response>;
  close(): Promise<void>;
};

export async function openMediaServer(): Promise<MediaServer> {
  const verifier = new TokenVerifier(KEY, SECRET);
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => say(response, 500, { code: 'internal', msg: 'broken' }));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!here.answers) return say(response, 503, { code: 'unavailable', msg: 'away' });
    const claims = await verifier.verify((request.headers.authorization ?? '').replace('Bearer ', ''));
    const asked = JSON.parse(await textOf(request));
    if (!claims.video?.roomAdmin || claims.video.room !== asked.room) {
      return say(response, 401, { code: 'unauthenticated', msg: 'not this room' });
    }
    const inRoom = here.rooms.get(asked.room);
    if (request.url?.endsWith('/ListParticipants')) {
      const participants = [...(inRoom ?? [])].map(([identity, { sends }]) => ({
        ...{ identity, sid: identity, tracks: sends ? [{ sid: 'TR_1', muted: false }] : [] },
      }));
      return say(response, 200, { participants });
    }
    if (request.url?.endsWith('/RemoveParticipant')) {
      const gone = inRoom?.delete(asked.identity) ?? false;
      return gone ? say(response, 200, {}) : say(response, 404, { code: 'not_found', msg: 'nobody' });
    }
    return say(response, 404, { code: 'bad_route', msg: 'no such call' });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here: MediaServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rooms: new Map(),
    answers: true,
    async tells(api, event, room, secret = SECRET) {
      const body = JSON.stringify({
        event,
        id: `EV_${Math.random()}`,
        createdAt: '0',
        room: { sid: 'RM_1', name: room },
      });
      const token = new AccessToken(KEY, secret, { ttl: 300 });
      token.sha256 = createHash('sha256').update(body).digest('base64');
      const headers = { authorization: await token.toJwt(), 'content-type': 'application/webhook+json' };
      return fetch(`${api}/api/webhooks/livekit`, { method: 'POST', headers, body });
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return here;
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
