import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Recent } from '#api/people/recent.ts';
import { createSpeech } from '#api/talk/speech.ts';
import { type Announcement, announce } from '#db/event/announce.ts';
import { insertUser } from '#db/people/accounts.ts';
import { createPool, type Executor } from '#db/pool.ts';
import { speakInRoom } from '#db/talk/speaking.ts';
import { newPeople, newRoom } from '#db/talk/testing/crowd.ts';
import { createBus } from '#realtime/bus.ts';
import type { Identity } from '#realtime/deps.ts';
import { attachRealtime } from '#realtime/realtime.ts';
import { serve } from './serving.ts';

/** Both of our doors on a server of their own, as the API's process has them; limits on how much one may say are off. */

const { DATABASE_URL = '', REDIS_URL = '', SECRET = '' } = process.env;
const log = pino({ level: 'warn' }, pino.destination(2));
const server = createServer((_request, response) => response.writeHead(404).end());
const pool = createPool(DATABASE_URL, { size: 10 });
const bus = createBus({ redisUrl: REDIS_URL, log });
const secret = Buffer.from(SECRET);
/** As the API remembers them: who comes back with the token that was checked is not checked again. */
const verified = new Recent<string, Identity>(10_000);
/** Events of so many people in one transaction. */
const TOLD = 50;

const speech = createSpeech({ pool, bus, log, ringUsers: bus.ring, metrics: { messages: { inc() {} } } } as never);
pool.onHeard(bus.ring);

attachRealtime({
  ...{ server, pool, bus, origins: [], metrics: new Registry(), log },
  async verify(token) {
    const seen = verified.get(token);
    if (seen) return seen;
    const { payload } = await jwtVerify(token, secret, { requiredClaims: ['sub', 'exp'] });
    const { sub = '', exp = 0 } = payload;
    const identity = { userId: sub, sessionId: null, expiresAt: new Date(exp * 1_000) };
    verified.set(token, identity);
    return identity;
  },
  deps: {
    sendMessage: refuse,
    markSeen: refuse,
    writeInStream: refuse,
    reactInStream: refuse,
    voteInBattle: refuse,
    voteInPoll: refuse,
    giveGift: refuse,
    markNotificationRead: refuse,
  },
});
server.listen(0, '127.0.0.1', () =>
  serve((server.address() as AddressInfo).port, {
    publish: (room, data) => bus.live({ rooms: [`campaign_${room}`], name: 'user_typing', data }),
    async tell(users, many, from) {
      for (let at = 0; at < users.length; at += TOLD) {
        const some = users.slice(at, at + TOLD);
        await pool.transaction(async (transaction) => {
          for (const userId of some) await ensureUser(transaction, userId);
          await announce(
            transaction,
            some.flatMap((userId) => eventsOf(userId, many, from)),
          );
        });
      }
    },
    async gather(many) {
      const users = await newPeople(pool, many);
      return { users, room: await newRoom(pool, users) };
    },
    async say(conversationId, senderId) {
      const began = Number(process.hrtime.bigint()) / 1e6;
      const saying = { conversationId, senderId, text: `t=${began}`, content: 'text' as const, mediaUrl: null };
      const spoken = await pool.transaction((transaction) =>
        speakInRoom(transaction, { ...saying, now: new Date().toISOString() }),
      );
      if (!spoken) throw new Error('the room is closed');
      const took = Number(process.hrtime.bigint()) / 1e6 - began;
      speech.said(spoken);
      return took;
    },
  }),
);

const there = new Set<string>();

/** An account for whoever is told something; who only listens needs none. */
async function ensureUser(transaction: Executor, id: string): Promise<void> {
  if (there.has(id)) return;
  there.add(id);
  const account = { id, handle: `u${id.slice(-12)}`, passwordHash: null, externalSubject: null };
  await insertUser(transaction, { ...account, roles: [], at: new Date().toISOString() });
}

function eventsOf(userId: string, many: number, from: number): Announcement[] {
  return Array.from({ length: many }, (_, n) => ({
    ...{ user_id: userId, name: 'notification' as const },
    data: { type: 'test', data: { conversation_id: userId, message: String(from + n), sender_id: userId } },
  }));
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('nobody is there to ask'));
}
