import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '#local/ports.ts';

/** The real media server, for tests: the program that `LIVEKIT_SERVER` names. `livekit-server/` is what it is built from. */

export const PROGRAM = process.env.LIVEKIT_SERVER;

export type LiveKit = { stop(): Promise<void> };

/** On a port of 127.0.0.1, with a key of the test's own; its webhooks go to `tells`. */
export async function startLiveKit(
  program: string,
  { port, key, secret, tells }: { port: number; key: string; secret: string; tells: string },
): Promise<LiveKit> {
  // JSON is YAML.
  const config = JSON.stringify({
    port,
    bind_addresses: ['127.0.0.1'],
    rtc: { tcp_port: await freePort(), udp_port: await freePort(), use_external_ip: false },
    keys: { [key]: secret },
    webhook: { api_key: key, urls: [tells] },
    logging: { level: 'error' },
  });
  const child: ChildProcess = spawn(program, ['--dev', '--node-ip', '127.0.0.1', '--config-body', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await ended;
  };
  const isThere = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.ok,
      () => false,
    );
  const gone = ended.then(() => 'gone' as const);
  for (const until = Date.now() + 30_000; !(await isThere()); ) {
    const next = await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 50))]);
    if (next !== 'gone' && Date.now() < until) continue;
    await stop();
    throw new Error(`LiveKit's server did not start:\n${output}`);
  }
  return { stop };
}

/** A webhook as it came, and what the API said to it. */
export type Told = { event: string; room: string; status: number; authorization: string; body: string };

export type Listener = { url: string; told: Told[]; close(): Promise<void> };

/** Stands between the media server and the API: what comes goes on as it is, and is kept. */
export async function listenBetween(api: () => string): Promise<Listener> {
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const { status } = await send(api(), { body, authorization, type });
    const { event = '', room } = JSON.parse(body);
    told.push({ event, room: room?.name ?? '', status, authorization, body });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A webhook to the API, as LiveKit sends them. */
export function send(
  api: string,
  { body, authorization, type = 'application/webhook+json' }: { body: string; authorization: string; type?: string },
): Promise<Response> {
  const headers = { authorization, 'content-type': type };
  return fetch(`${api}/api/webhooks/livekit`, { method: 'POST', headers, body });
}

/** Enters a room as a page does, by the signalling connection alone: no pictures come by it. */
export async function enter(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/rtc?access_token=${token}&protocol=15&auto_subscribe=1`);
  socket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    socket.onmessage = () => resolve();
    socket.onclose = ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`));
    socket.onerror = () => reject(new Error('the media server let nobody in'));
  });
  socket.onclose = socket.onerror = null;
  return socket;
}
