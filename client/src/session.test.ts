import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApi } from './api.ts';
import type { Store } from './queue.ts';
import { createSession, type Session } from './session.ts';

const MINUTE = 60_000;
/** How long the server's access tokens are good for, as it gives them. */
const GOOD_FOR = 15 * MINUTE;

/** A server by whose clock it is `later` than by ours. It answers `refused` to a refresh where that is set. */
class Server {
  readonly refreshed: string[] = [];
  later = 0;
  refused: number | null = null;
  /** The one access token it takes. */
  good = 'access 0';
  /** Access tokens it was asked with. */
  readonly shown: (string | null)[] = [];

  now(): number {
    return Date.now() + this.later;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/api/auth/login') return this.#answer(200, { data: this.#signedIn() });
    if (pathname === '/api/auth/logout') return this.#answer(200, { data: { ended: true } });
    if (pathname === '/api/auth/refresh') {
      const { refresh } = (await request.json()) as { refresh: string };
      // The same again to the same client within seconds, as the API does.
      if (this.refused === null && this.refreshed.at(-1) === refresh)
        return this.#answer(200, { data: this.#signedIn() });
      this.refreshed.push(refresh);
      if (this.refused !== null) return this.#answer(this.refused, { message: 'No.', error_code: 'NO' });
      this.good = `access ${this.refreshed.length}`;
      return this.#answer(200, { data: this.#signedIn() });
    }
    const token = request.headers.get('authorization');
    this.shown.push(token);
    if (token !== `Bearer ${this.good}`) return this.#answer(401, { message: 'No.', error_code: 'UNAUTHENTICATED' });
    return this.#answer(200, { data: { balances: [] } });
  };

  #signedIn() {
    return {
      user: { id: 'somebody' },
      access: this.good,
      access_expires_at: new Date(this.now() + GOOD_FOR).toISOString(),
      refresh: `refresh ${this.refreshed.length}`,
    };
  }

  #answer(status: number, body: unknown): Response {
    const date = new Date(this.now()).toUTCString();
    return Response.json(body, { status, headers: { date, 'cache-control': 'no-store' } });
  }
}

let server: Server;
let store: Store;
const open: Session[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  server = new Server();
  const kept = new Map<string, string>();
  store = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
  };
});
afterEach(() => {
  for (const session of open.splice(0)) session.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const URL_OF_IT = 'http://tandem.test';
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const onEnd = vi.fn();

/** As a tab that was just opened has it. */
function tab(more: { store?: Store } = {}): Session {
  onEnd.mockClear();
  const session = createSession({ url: URL_OF_IT, fetch: server.fetch, onEnd, ...more });
  open.push(session);
  return session;
}

async function signIn(more: { store?: Store } = {}): Promise<Session> {
  const session = tab(more);
  await session.signIn({ handle: 'somebody', password: 'secret' });
  return session;
}

test('a token is renewed before it ends, once for all who ask meanwhile', async () => {
  const session = await signIn();
  expect(await session.token()).toBe('access 0');
  pass(GOOD_FOR - MINUTE);
  expect(await Promise.all([session.token(), session.token()])).toEqual(['access 1', 'access 1']);
  expect(server.refreshed).toEqual(['refresh 0']);
});

test.each([
  ['slow', 2 * MINUTE],
  ['fast', -20 * MINUTE],
])('with a device clock that is %s, a token is renewed when it ends by the server’s', async (_, later) => {
  server.later = later;
  const session = await signIn();
  expect(await session.token()).toBe('access 0');
  pass(GOOD_FOR - 2 * MINUTE);
  expect(await session.token()).toBe('access 0');
  pass(MINUTE);
  expect(await session.token()).toBe('access 1');
});

test('whoever was refused with a token is given another, however long it seems good; who has an old one, the newer', async () => {
  const session = await signIn();
  expect(await Promise.all([session.token('access 0'), session.token('access 0')])).toEqual(['access 1', 'access 1']);
  expect(await session.token('access 0')).toBe('access 1');
  expect(server.refreshed).toEqual(['refresh 0']);
});

test('what is refused for its token is asked once more, and two at once renew it once', async () => {
  const session = await signIn();
  const { clock, token } = session;
  const api = createApi({ url: URL_OF_IT, fetch: server.fetch, clock, token });
  server.good = 'of another time';
  expect(await Promise.all([api.wallets.getBalances('a'), api.wallets.getBalances('b')])).toHaveLength(2);
  expect(server.shown).toHaveLength(4);
  expect(server.refreshed).toEqual(['refresh 0']);
});

test('a session is over when its refresh token is refused, and not when the API is only away', async () => {
  const session = await signIn();
  server.refused = 503;
  await expect(session.token('access 0')).rejects.toMatchObject({ status: 503 });
  expect(onEnd).not.toHaveBeenCalled();
  server.refused = 401;
  await expect(session.token('access 0')).rejects.toMatchObject({ status: 401 });
  expect(onEnd).toHaveBeenCalledOnce();
  expect(session.account).toBeNull();
});

test('tabs that refresh at once refresh once, and each has the new token', async () => {
  const first = await signIn({ store });
  const others = [tab({ store }), tab({ store })];
  pass(GOOD_FOR - MINUTE);
  const tokens = await Promise.all([first, ...others].map((session) => session.token()));
  expect(tokens).toEqual(['access 1', 'access 1', 'access 1']);
  expect(server.refreshed).toEqual(['refresh 0']);
});

test('without turns tabs that refresh at once are both given the new token, and nobody is signed out', async () => {
  // As on a page without TLS.
  vi.stubGlobal('navigator', {});
  const [first, second] = [await signIn({ store }), tab({ store })];
  pass(GOOD_FOR - MINUTE);
  expect(await Promise.all([first.token(), second.token()])).toEqual(['access 1', 'access 1']);
  expect(onEnd).not.toHaveBeenCalled();
  expect(await second.token()).toBe('access 1');
});

test('who signs in, out or is signed out in one tab is so in all', async () => {
  const [first, second] = [tab({ store }), tab({ store })];
  await first.signIn({ handle: 'somebody', password: 'secret' });
  await vi.waitFor(() => expect(second.account).toEqual({ id: 'somebody' }));
  first.signOut();
  await vi.waitFor(() => expect(second.account).toBeNull());
  expect(onEnd).toHaveBeenCalledExactlyOnceWith('You have signed out.');
  await expect(second.token()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a tab that is opened later has the session that is kept, and what is kept and no session is none', async () => {
  await signIn({ store });
  expect(tab({ store }).account).toEqual({ id: 'somebody' });
  store.setItem('tandem.session', '{');
  expect(tab({ store }).account).toBeNull();
});
