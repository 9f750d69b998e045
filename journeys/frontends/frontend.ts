import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { expect, vi } from 'vitest';
import { attachSockets } from '#api/sockets.ts';
import { startTestApp, type TestApp } from '#api/testing/app.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import type { Realtime } from '#realtime/realtime.ts';
import { faultOfMessage } from '#realtime/testing/documented.ts';

/** The API as the seeds' frontends find it: its routes and sockets on one port. */
export type Site = {
  url: string;
  api: TestApp;
  realtime: Realtime;
  person(handle: string, ...roles: string[]): Promise<Visitor>;
  close(): Promise<void>;
};

/** Somebody with an account, and the pages they have open. */
export type Visitor = {
  id: string;
  token: string;
  /** As `io(url, { auth: { token } })` in a page. Resolves when it is connected. */
  open(options?: Opened): Promise<Page>;
  /** A request of the page's, with its token. Throws for a refusal. */
  ask(method: string, path: string, body?: object): Promise<Answer>;
};
export type Answer = Record<string, unknown> & { id: string };
export type Opened = { app?: string; namespace?: string } & Partial<ManagerOptions & SocketOptions>;

/** A page's socket, with all that it heard. */
export type Page = {
  socket: Socket;
  heard: [name: string, ...values: unknown[]][];
  /** What the listeners of a name were called with, each time, once there are so many. */
  hears(name: string, times?: number): Promise<unknown[][]>;
  /** A command with its acknowledgement. */
  asks(name: string, ...values: unknown[]): Promise<Acknowledgement>;
  /** All that was sent to it until now has come when this is done. */
  settled(): Promise<void>;
};
export type Acknowledgement = {
  success: boolean;
  data?: unknown;
  error_code?: string;
  message?: string;
  details?: unknown;
};

export async function openSite(options: { redis?: boolean } = {}): Promise<Site> {
  const databaseUrl = await createTestDatabase();
  const api = await startTestApp({ databaseUrl, ...(options.redis && { redisUrl: await createTestRedis() }) });
  const realtime = attachSockets(api.app, api.deps);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  const url = api.app.listeningOrigin;
  const pages: Page[] = [];

  async function request(method: string, path: string, body?: object, token?: string): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { message: string; data: Answer };
    if (!response.ok) throw Object.assign(new Error(answer.message), answer);
    return answer.data;
  }

  return {
    url,
    api,
    realtime,
    async person(handle, ...roles) {
      const account = { handle, password: 'secret123', ...(roles.length > 0 && { roles }) };
      const { user, access } = (await request('POST', '/api/auth/register', account)) as never as SignedIn;
      return {
        id: user.id,
        token: access,
        ask: (method, path, body) => request(method, path, body, access),
        async open({ app, namespace = '', ...more } = {}) {
          const page = open(`${url}${namespace}`, { auth: { token: access, ...(app && { app }) }, ...more });
          pages.push(page);
          await vi.waitFor(() => expect(page.socket.connected).toBe(true), WAIT);
          return page;
        },
      };
    },
    async close() {
      for (const { socket } of pages) socket.disconnect();
      await realtime.close();
      await api.close();
      const faults = pages.flatMap(({ heard }) => heard.map((said) => faultOfMessage('io.', said)));
      expect(faults.filter((fault) => fault !== null)).toEqual([]);
    },
  };
}

type SignedIn = { user: { id: string }; access: string };
const WAIT = { timeout: 10_000, interval: 5 };

/** A connection of its own: pages do not share one, as tabs do not. */
export function open(url: string, options: Partial<ManagerOptions & SocketOptions>): Page {
  const socket = io(url, { forceNew: true, transports: ['websocket'], reconnectionDelay: 20, ...options });
  const heard: Page['heard'] = [];
  // The string that ends a durable event is Socket.IO's own, by which its client resumes.
  socket.onAny((name: string, ...values: unknown[]) => {
    heard.push([name, ...(typeof values.at(-1) === 'string' ? values.slice(0, -1) : values)]);
  });
  const asks = (name: string, ...values: unknown[]) =>
    socket.timeout(10_000).emitWithAck(name, ...values) as Promise<Acknowledgement>;
  return {
    socket,
    heard,
    asks,
    async hears(name, times = 1) {
      const found = () => heard.filter(([each]) => each === name).map(([, ...values]) => values);
      await vi.waitFor(() => {
        if (found().length < times) throw new Error(`no ${times} × ${name} in ${JSON.stringify(heard)}`);
      }, WAIT);
      return found();
    },
    async settled() {
      await asks('leave_room', 'price_NOTHING');
    },
  };
}
