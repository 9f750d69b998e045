import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify, SignJWT } from 'jose';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { v7 as uuid } from 'uuid';
import { type Announcement, announce } from '#db/event/announce.ts';
import { insertBid, insertCampaign } from '#db/market/offers.ts';
import { insertUser, type Role } from '#db/people/accounts.ts';
import { createSession } from '#db/people/sessions.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { openDirect } from '#db/talk/conversations.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { Failure } from '#workflows/failures.ts';
import { type Bus, createBus } from '../bus.ts';
import type { CommandDeps, Identity, VerifyToken } from '../deps.ts';
import type { Limits } from '../limits.ts';
import { attachRealtime, type Realtime } from '../realtime.ts';
import { Client } from './client.ts';
import { type Frontend, type FrontendOptions, openFrontend } from './frontend.ts';

export interface Process {
  readonly url: string;
  readonly bus: Bus;
  readonly realtime: Realtime;
  readonly metrics: Registry;
  /** What was logged as a warning or worse. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A database with users and conversations in it, and any number of API processes' worth of sockets on it. */
export interface Place {
  readonly pool: Pool;
  user(...roles: Role[]): Promise<string>;
  session(userId: string): Promise<string>;
  token(userId: string, options?: { sessionId?: string; seconds?: number }): Promise<string>;
  directConversation(one: string, other: string): Promise<string>;
  campaign(brandOwnerId: string): Promise<string>;
  bid(influencerId: string): Promise<string>;
  process(options?: {
    redisUrl?: string | null;
    limits?: Partial<Limits>;
    origins?: string[];
    deps?: Partial<CommandDeps>;
    /** In place of the place's own. */
    verify?: VerifyToken;
    pool?: Pool;
    port?: number;
  }): Promise<Process>;
  /** A client that is signed in. */
  client(process: Process, userId: string, options?: { resume?: number; sessionId?: string }): Promise<Client>;
  /** A page at /socket.io/ that is connected. */
  frontend(
    process: Process | (() => Process),
    userId: string,
    options?: FrontendOptions & PageOptions,
  ): Promise<Frontend>;
  /** Writes one event for each of these users in one transaction. Rings nobody. */
  tell(userIds: readonly string[], text: string): Promise<void>;
  /** Takes an account's roles from it. */
  demote(userId: string): Promise<void>;
  /** Deletes a user's events up to a number, as a deployment may that keeps them for some time only. */
  forget(userId: string, upTo: number): Promise<void>;
  close(): Promise<void>;
}

/** A hundred that come at once take their time, on processors that others are at work on as well. */
const SIGN_IN_MS = 60_000;

type PageOptions = { app?: string; seconds?: number; sessionId?: string };

const SECRET = Buffer.from('a secret that signs the tokens of tests alone');

/** On a fresh test database, or on a migrated one of the caller's. */
export async function openPlace(databaseUrl?: string): Promise<Place> {
  const pool = createPool(databaseUrl ?? (await createTestDatabase()), { size: 8 });
  const open: { close(): void | Promise<void> }[] = [];
  const at = () => new Date().toISOString();

  const place: Place = {
    pool,
    async user(...roles) {
      const id = uuid();
      const handle = `u${id.slice(-12)}`;
      await insertUser(pool, { id, handle, passwordHash: null, roles, externalSubject: null, at: at() });
      return id;
    },
    async session(userId) {
      const id = uuid();
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      await createSession(pool, createSecrets(), { id, userId, refreshHash: Buffer.from(id), at: at(), expiresAt });
      return id;
    },
    token(userId, { sessionId, seconds = 900 } = {}) {
      return new SignJWT(sessionId ? { sid: sessionId } : {})
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(userId)
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(SECRET);
    },
    async directConversation(one, other) {
      const { conversation } = await pool.transaction((transaction) => openDirect(transaction, one, other, at()));
      return conversation.id;
    },
    async campaign(brandOwnerId) {
      const id = uuid();
      const words = { title: 'Spring', description: 'Three posts' };
      const terms = { budget: 500_000n, policy: DEFAULT_POLICY };
      await insertCampaign(pool, { id, brand_owner_id: brandOwnerId, ...words, ...terms, created_at: at() });
      return id;
    },
    async bid(influencerId) {
      const id = uuid();
      const words = { title: 'Reels', description: 'One reel' };
      const terms = { starting_price: 100_000n, policy: DEFAULT_POLICY };
      await insertBid(pool, { id, influencer_id: influencerId, ...words, ...terms, created_at: at() });
      return id;
    },
    async process(options = {}) {
      const { redisUrl = null, limits = {}, origins = [], deps = {}, verify = verifyOwn, port = 0 } = options;
      const server = createServer((_request, response) => response.writeHead(404).end());
      const complaints: string[] = [];
      const metrics = new Registry();
      const log = pino({ level: 'warn' }, { write: (line: string) => complaints.push(line) });
      const bus = createBus({ redisUrl, log });
      const realtime = attachRealtime({
        server,
        pool: options.pool ?? pool,
        bus,
        verify,
        origins,
        deps: { ...NO_MESSAGES, ...deps },
        metrics,
        log,
        limits,
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      const process: Process = {
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
        bus,
        realtime,
        metrics,
        complaints,
        async close() {
          await realtime.close();
          bus.close();
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        },
      };
      open.push(process);
      return process;
    },
    async client(process, userId, { resume, sessionId } = {}) {
      const client = new Client({
        url: () => process.url,
        token: () => place.token(userId, sessionId ? { sessionId } : {}),
        resume: resume ?? null,
      });
      open.push(client);
      await until(() => client.ready !== null, 'the client is signed in', SIGN_IN_MS);
      return client;
    },
    async frontend(process, userId, { app, seconds, sessionId, ...more } = {}) {
      const at = typeof process === 'function' ? process : () => process;
      const token = () => place.token(userId, { ...(seconds && { seconds }), ...(sessionId && { sessionId }) });
      const page = openFrontend(at, {
        auth: (give) => void token().then((signed) => give({ token: signed, ...(app && { app }) })),
        ...more,
      });
      open.push(page);
      await until(() => page.socket.connected, 'the page is connected', SIGN_IN_MS);
      return page;
    },
    async tell(userIds, text) {
      const events: Announcement[] = userIds.map((user_id) => ({
        user_id,
        name: 'notification',
        data: { type: 'test', data: { conversation_id: uuid(), message: text, sender_id: user_id } },
      }));
      await pool.transaction((transaction) => announce(transaction, events));
    },
    async demote(userId) {
      await pool.query(sql.typeAlias('void')`UPDATE users SET roles = '{}' WHERE id = ${userId}`);
    },
    async forget(userId, upTo) {
      await pool.query(sql.typeAlias('void')`DELETE FROM outbox WHERE user_id = ${userId} AND last_seq <= ${upTo}`);
    },
    async close() {
      for (const one of open.reverse()) await one.close();
      await pool.end();
      const faults = open.flatMap((one) =>
        one instanceof Client ? one.faults : 'faults' in one ? (one as Frontend).faults() : [],
      );
      if (faults.length > 0) throw new Error(`not as declared: ${faults.slice(0, 5).join('\n')}`);
    },
  };
  return place;
}

async function verifyOwn(token: string): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(token, SECRET, { requiredClaims: ['sub', 'exp'] });
    return {
      userId: payload.sub as string,
      sessionId: (payload.sid as string | undefined) ?? null,
      expiresAt: new Date((payload.exp as number) * 1000),
    };
  } catch (cause) {
    throw new Failure('UNAUTHENTICATED', 'No valid access token.', { cause });
  }
}

const NO_MESSAGES: CommandDeps = {
  sendMessage: () => Promise.reject(new Error('not in this place')),
  markSeen: () => Promise.reject(new Error('not in this place')),
  reactInStream: () => Promise.reject(new Error('not in this place')),
  voteInBattle: () => Promise.reject(new Error('not in this place')),
  voteInPoll: () => Promise.reject(new Error('not in this place')),
  giveGift: () => Promise.reject(new Error('not in this place')),
  writeInStream: () => Promise.reject(new Error('not in this place')),
  markNotificationRead: () => Promise.reject(new Error('not in this place')),
};

/** Waits until `condition` holds; throws after 10 s, saying what did not come to be. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The texts that `tell` wrote, as a client has them, in its order. */
export function textsOf(client: Client): string[] {
  return client.events.map(({ data }) => (data as { data: { message: string } }).data.message);
}
