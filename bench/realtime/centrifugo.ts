import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '#local/cache.ts';
import { freePort } from '#local/ports.ts';
import { type Asked, spawnPlain } from './asked.ts';
import type { ServerOrder } from './serving.ts';

const VERSION = 'v6.9.1';
const MODULE = `github.com/centrifugal/centrifugo/v6@${VERSION}`;
const KEY = 'a key of the bench';

/** Builds Centrifugo from its Go module, once a user; null where that does not work, with the reason said. */
export function findCentrifugo(say: (line: string) => void): string | null {
  const folder = join(cacheFolder(), `centrifugo-${VERSION}`);
  const program = join(folder, 'centrifugo');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  say(`Building Centrifugo ${VERSION} (some ten minutes, once) …`);
  try {
    const env = { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false', GOWORK: 'off' };
    execFileSync('go', ['install', MODULE], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    return program;
  } catch (error) {
    say(`Centrifugo could not be built: ${String((error as { stderr?: Buffer }).stderr ?? error).slice(0, 400)}`);
    return null;
  }
}

/** Its memory engine: one node, and history that is gone with it. */
export async function startCentrifugo(program: string, dir: string, secret: string) {
  const port = await freePort();
  const config = join(dir, 'centrifugo.json');
  const namespaces = [
    { name: 'live', allow_subscribe_for_client: true },
    ...[
      { name: 'kept', allow_subscribe_for_client: true, history_size: 100, history_ttl: '300s', force_recovery: true },
    ],
  ];
  const settings = {
    http_server: { address: '127.0.0.1', port: String(port) },
    client: { token: { hmac_secret_key: secret }, allowed_origins: ['*'] },
    ...{ http_api: { key: KEY }, channel: { namespaces }, log: { level: 'warn' } },
  };
  writeFileSync(config, JSON.stringify(settings));
  const url = `http://127.0.0.1:${port}`;
  const process = spawnPlain(program, ['--config', config]);
  await untilAnswers(`${url}/connection/websocket`);
  const api = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': KEY };
    const response = await fetch(`${url}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await response.text();
    if (!response.ok || answer.startsWith('{"error"')) throw new Error(`Centrifugo says ${response.status} ${answer}`);
  };
  const server: Asked<ServerOrder> = {
    ...process,
    ready: port,
    async ask(order) {
      if (order.do === 'publish') await api('batch', publications(`live:${order.room}`, order.events));
      if (order.do === 'tell')
        for (const user of order.users) await api('batch', tellings(user, order.many, order.from));
      return null as never;
    },
  };
  return server;
}

function tellings(user: string, many: number, from: number): object {
  const events = Array.from({ length: many }, (_, n) => {
    return { type: 'test', data: { conversation_id: user, message: String(from + n), sender_id: user } };
  });
  return publications(`kept:${user}`, events);
}

function publications(channel: string, events: readonly object[]): object {
  return { commands: events.map((data) => ({ publish: { channel, data } })) };
}

async function untilAnswers(url: string): Promise<void> {
  for (const giveUp = performance.now() + 20_000; ; ) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (performance.now() > giveUp) throw new Error('Centrifugo did not start within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
