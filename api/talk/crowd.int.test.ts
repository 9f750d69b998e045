import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { sql } from '#db/pool.ts';
import { speakInRoom } from '#db/talk/speaking.ts';
import { newPeople, newRoom } from '#db/talk/testing/crowd.ts';
import { createTestRedis } from '#local/testStack.ts';
import { LIMITS } from '#realtime/limits.ts';
import { openPlace, type Place, type Process, until } from '#realtime/testing/place.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { createSpeech, type Speech } from './speech.ts';

/** More than one chunk of a telling takes, one turn of a fan-out and one query of a delivery, on each of two processes. */
const PEOPLE = 1_100;
/** Of so many one has a page at /socket.io/. */
const PAGES = 20;
const MESSAGES = 5;

let place: Place;
let nodes: Process[];
let speech: Speech;
beforeAll(async () => {
  place = await openPlace();
  const redisUrl = await createTestRedis();
  nodes = [await place.process({ redisUrl }), await place.process({ redisUrl })];
  await until(() => nodes.every(({ bus }) => bus.redis() !== null), 'Redis is there');
  const [{ bus }] = nodes as [Process];
  place.pool.onHeard(bus.ring);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const counted = { messages: { inc() {} } };
  speech = createSpeech({ pool: place.pool, bus, ringUsers: bus.ring, metrics: counted, log } as never);
});
afterAll(async () => {
  await speech.close();
  await place.close();
});

/** Somebody with the room open: what came, in the order in which it came. */
type Ear = { live: string[]; kept: string[]; close(): void };

/** With as little around it as may be: there are a thousand of them, and servers, in one process. */
async function plainEar(node: Process, userId: string, room: string): Promise<Ear> {
  const token = await place.token(userId);
  const socket = new WebSocket(node.url, { perMessageDeflate: false });
  const ear: Ear = { live: [], kept: [], close: () => socket.terminate() };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'auth', token }));
      else if (frame.type === 'ready') {
        socket.send(JSON.stringify({ type: 'command', id: '1', name: 'join_conversation', data: room }));
      } else if (frame.type === 'ack') {
        if (frame.success) resolve(ear);
        else reject(new Error(JSON.stringify(frame)));
      } else if (frame.name === 'new_message') ear.kept.push(frame.data.message.message);
      else if (frame.name === 'message_received') ear.live.push(frame.data.content);
    });
  });
}

async function pageEar(node: Process, userId: string, room: string): Promise<Ear> {
  const page = await place.frontend(node, userId, { app: 'lykluk' });
  expect(await page.asks('join_conversation', room)).toMatchObject({ success: true });
  const of = (name: string): { type: string; data: { content: string }; message: { message: string } }[] =>
    page.heard.filter(([each]) => each === name).map(([, said]) => said as never);
  return {
    get live() {
      return of('notification').flatMap(({ type, data }) => (type === 'message_received' ? [data.content] : []));
    },
    get kept() {
      return of('new_message').map(({ message }) => message.message);
    },
    close: () => page.close(),
  };
}

test('with a thousand sockets at both doors of two processes in it, each hears each message once and in order, and whoever spoke was answered before', async () => {
  expect(PEOPLE / 2).toBeGreaterThan(Math.max(TALK_LIMITS.chunk, LIMITS.fanOut, LIMITS.pageReaders));
  const people = await newPeople(place.pool, PEOPLE);
  const room = await newRoom(place.pool, people);
  const ears: Ear[] = [];
  for (let at = 0; at < PEOPLE; at += 50) {
    const some = people.slice(at, at + 50).map((id, n) => {
      const node = nodes[(at + n) % nodes.length] as Process;
      return (at + n) % PAGES === 0 ? pageEar(node, id, room) : plainEar(node, id, room);
    });
    ears.push(...(await Promise.all(some)));
  }

  const said: string[] = [];
  async function say(n: number): Promise<void> {
    const [senderId, text] = [people[n % 2] as string, `Message ${n}`];
    const saying = { conversationId: room, senderId, text, content: 'text' as const, mediaUrl: null };
    const spoken = await place.pool.transaction((transaction) =>
      speakInRoom(transaction, { ...saying, now: new Date().toISOString() }),
    );
    if (!spoken) throw new Error('the room is closed');
    speech.said(spoken);
    said.push(text);
  }
  const allKept = () => ears.reduce((sum, ear) => sum + ear.kept.length, 0);
  const allLive = () => ears.reduce((sum, ear) => sum + ear.live.length, 0);
  await place.pool.transaction(async (transaction) => {
    // While nobody can be told: whoever speaks does not wait for that.
    await transaction.query(sql.typeAlias('void')`SELECT FROM tellings WHERE conversation_id = ${room} FOR UPDATE`);
    await say(0);
    expect(allKept()).toBe(0);
  });
  while (said.length < MESSAGES) await say(said.length);
  const all = () => allKept() >= PEOPLE * MESSAGES && allLive() >= (PEOPLE - 1) * MESSAGES;
  await until(all, 'all have all', 120_000);
  for (const [at, { live, kept }] of ears.entries()) {
    expect(kept, `kept by ${at}`).toEqual(said);
    const own = (n: number) => n % 2 === at;
    expect(live, `live for ${at}`).toEqual(said.filter((_, n) => !own(n)));
  }
  for (const ear of ears) ear.close();
}, 360_000);
