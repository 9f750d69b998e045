import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '#local/ports.ts';
import { startProgram } from '#local/program.ts';
import { median, quantile } from '../clicks/numbers.ts';
import { RawSocket } from './rawSocket.ts';
import { tokenOf } from './token.ts';
import { SECRET, SEEDS, type Servers, VARIANTS } from './variants.ts';
import { type Kind, VOICES } from './voices.ts';

/** From pressing send to the other party's socket, in ms: the middle of the rounds, which took turns; p99 of all clicks. */
export type Clicked = { variant: string; p50: number; p99: number; ratio: number };

/** Somebody who sends, and somebody else who hears it. */
type Pair = { send(text: string): Promise<number>; close(): Promise<void> };

// Warm-up and rounds together stay below the API's 300 messages a minute.
const WARM = 40;

export async function measureClicks(servers: Servers, rounds: number, clicks: number): Promise<Clicked[]> {
  const ours = await openOurs(servers);
  const seeds = await openSeeds(servers);
  try {
    const times: { ours: number[][]; seeds: number[][] } = { ours: [], seeds: [] };
    await drive(ours, WARM);
    await drive(seeds, WARM);
    for (let n = 0; n < rounds; n++) {
      times.ours.push(await drive(ours, clicks));
      times.seeds.push(await drive(seeds, clicks));
    }
    const ratio = median(times.ours.map((each, n) => quantile(each, 0.5) / quantile(times.seeds[n] ?? [], 0.5)));
    const row = (variant: string, all: number[][], of: number) => ({
      ...{ variant, ratio: of },
      p50: median(all.map((each) => quantile(each, 0.5))),
      // Of one round it would be the slowest, and say what else the machine did then.
      p99: quantile(
        all.flat().sort((one, other) => one - other),
        0.99,
      ),
    });
    return [row('Tandem, the API as it is', times.ours, ratio), row(SEEDS, times.seeds, 1)];
  } finally {
    await ours.close();
    await seeds.close();
  }
}

async function drive(pair: Pair, clicks: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < clicks; n++) times.push(await pair.send(`Message ${n}`));
  return times.sort((one, other) => one - other);
}

/** The API's own process. */
async function openOurs({ database, redisUrl, dir }: Servers): Promise<Pair> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: await database('clicks', true), REDIS_URL: `${redisUrl}/2` },
    ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', NODE_ENV: 'development' },
    ...{ PAYMENT_PROVIDER: 'sandbox', SANDBOX_WEBHOOK_SECRET: 'a secret of the bench', PUBLIC_URL: url },
  };
  const api = await startProgram({ name: 'api', readyUrl: `${url}/livez`, env, log: join(dir, 'api.log') });
  const enter = async (handle: string) => {
    const { user, access } = await post(url, '/api/auth/register', { handle, password: 'a long password' });
    return { id: user.id as string, access: access as string };
  };
  const [one, other] = [await enter('one'), await enter('other')];
  const body = { target_user_id: other.id, initial_message: 'Hello' };
  const { conversation } = await post(url, '/api/messages/direct-connect', body, one.access);
  // Who is not answered may say no more after a while.
  await post(url, '/api/messages/send', { conversation_id: conversation.id, message: 'Hello' }, other.access);
  return openPair({
    ...{ url, kind: 'tandem', path: '/api/messages/send', conversation: conversation.id },
    ...{ sender: one.access, hearer: other.access, stop: () => api.stop() },
  });
}

async function openSeeds(servers: Servers): Promise<Pair> {
  const variant = VARIANTS.find(({ name }) => name === SEEDS);
  const server = await variant?.start(servers);
  if (!server) throw new Error('there is no such variant');
  const [one, other, conversation] = [randomUUID(), randomUUID(), randomUUID()];
  const client = new Client({ connectionString: await servers.database('seeds', false) });
  await client.connect();
  await client.query('INSERT INTO conversations (id, one, other) VALUES ($1, $2, $3)', [conversation, one, other]);
  await client.end();
  return openPair({
    ...{ url: `http://127.0.0.1:${server.ready}`, kind: 'socket.io', path: '/messages', conversation },
    ...{ sender: tokenOf(one, SECRET), hearer: tokenOf(other, SECRET), stop: () => server.stop() },
  });
}

async function openPair(options: {
  url: string;
  kind: Kind;
  path: string;
  conversation: string;
  sender: string;
  hearer: string;
  stop(): Promise<void>;
}): Promise<Pair> {
  const { url, kind, path, conversation, sender, hearer, stop } = options;
  const voice = VOICES[kind];
  const wish = { token: hearer, room: null, joins: '', own: '', back: null, asks: false };
  const place = {};
  let expected = '';
  let heard = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<void>();
  const socket = new RawSocket(url + voice.path, {
    open() {},
    text(text) {
      const { say, ready: there } = voice.hear(text, wish, place);
      if (say !== undefined) socket.send(say);
      if (there) ready.resolve();
      if (text.includes('"new_message"') && text.includes(`"${expected}"`)) heard.resolve(performance.now());
    },
    closed: (code) => heard.reject(new Error(`closed with ${code}`)),
  });
  await ready.promise;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let count = 0;
  return {
    async send(text) {
      expected = `${text} of ${++count}`;
      heard = Promise.withResolvers();
      const began = performance.now();
      const [at] = await Promise.all([
        heard.promise,
        ask(agent, `${url}${path}`, sender, { conversation_id: conversation, message: expected }),
      ]);
      return at - began;
    },
    async close() {
      heard.promise.catch(() => {});
      socket.destroy();
      agent.destroy();
      await stop();
    },
  };
}

function ask(agent: Agent, url: string, token: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'content-length': Buffer.byteLength(text),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, method: 'POST', headers }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        said += part;
      });
      response.on('end', () => {
        if (response.statusCode === 201) resolve();
        else reject(new Error(`answered ${response.statusCode} ${said.slice(0, 200)}`));
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what is answered is looked at by its names
async function post(url: string, path: string, body: object, token?: string): Promise<any> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { data: unknown };
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer.data;
}
