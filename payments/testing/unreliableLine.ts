import { request as send } from 'node:http';
import { type Asked, readAsked, startServer } from './server.ts';

/** What can happen between us and a provider. */
export type Trouble =
  /** The request is carried out, and its answer never comes. */
  | { kind: 'answer_lost' }
  /** The request is carried out, and the connection is cut before its answer. */
  | { kind: 'cut_after' }
  /** The connection is cut before the request gets through. */
  | { kind: 'cut_before' }
  /** The request gets nowhere, and nobody says so. */
  | { kind: 'silence' }
  /** The answer begins and then trickles, a byte at a time. */
  | { kind: 'trickle' }
  /** Something in between answers instead. */
  | { kind: 'answered'; status: number; body: string; headers?: Record<string, string> };

export type UnreliableLine = {
  url: string;
  /** From now on every request of this kind (all of them unless told otherwise) meets this trouble. */
  trouble(trouble: Trouble, which?: (asked: Asked) => boolean): void;
  calm(): void;
  /** The line is cut: nobody listens any more. */
  close(): Promise<void>;
};

/** A line to a provider's server that can be told to fail in the ways that networks do. */
export async function startUnreliableLine(target: string): Promise<UnreliableLine> {
  let now: { trouble: Trouble; which: (asked: Asked) => boolean } | null = null;

  const server = await startServer(async (request, response) => {
    const asked = await readAsked(request);
    const trouble = now?.which(asked) ? now.trouble : null;
    if (trouble?.kind === 'silence') return;
    if (trouble?.kind === 'cut_before') return void request.socket.resetAndDestroy();
    if (trouble?.kind === 'answered') {
      response.writeHead(trouble.status, { 'content-type': 'application/json', ...trouble.headers });
      return void response.end(trouble.body);
    }
    if (trouble?.kind === 'trickle') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(drip));
      return;
    }
    // A provider that hangs up hangs up on us too.
    const answer = await passOn(target, request.url ?? '/', asked).catch(() => null);
    if (!answer) return void request.socket.destroy();
    if (trouble?.kind === 'answer_lost') return;
    if (trouble?.kind === 'cut_after') return void request.socket.resetAndDestroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });

  return {
    url: server.url,
    trouble(trouble, which = () => true) {
      now = { trouble, which };
    },
    calm() {
      now = null;
    },
    close: server.close,
  };
}

function passOn(target: string, path: string, asked: Asked) {
  return new Promise<{ status: number; headers: Asked['headers']; body: Buffer }>((resolve, reject) => {
    const { host: _host, connection: _connection, ...headers } = asked.headers;
    const request = send(new URL(path, target), { method: asked.method, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const { connection: _kept, 'transfer-encoding': _encoding, ...rest } = response.headers;
      resolve({ status: response.statusCode ?? 502, headers: rest, body: Buffer.concat(chunks) });
    });
    request.once('error', reject);
    request.end(asked.body);
  });
}
