import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Session } from './session.ts';

/** Of the page, what a session needs of it. */
const network = vi.hoisted(() => {
  const network = { fetch: async (_: Request): Promise<Response> => Response.error() };
  vi.stubGlobal('fetch', (request: Request) => network.fetch(request));
  const kept = new Map<string, string>();
  vi.stubGlobal('window', { location: { origin: 'http://tandem.test' } });
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
  return network;
});

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
    if (pathname === '/api/auth/refresh') {
      const { refresh } = (await request.json()) as { refresh: string };
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
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  server = new Server();
  network.fetch = server.fetch;
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const signIn = () => Session.signIn('a seat', { handle: 'somebody', password: 'secret' });
const ask = (session: Session) =>
  session.api.GET('/api/wallet/{userId}/balance', { params: { path: { userId: 'somebody' } } });

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
  server.good = 'of another time';
  const answers = await Promise.all([ask(session), ask(session)]);
  expect(answers.map(({ response }) => response.status)).toEqual([200, 200]);
  expect(server.shown).toHaveLength(4);
  expect(server.refreshed).toEqual(['refresh 0']);
});

test('a session is over when its refresh token is refused, and not when the API is only away', async () => {
  const session = await signIn();
  const ended = vi.fn();
  session.onEnd = ended;
  server.refused = 503;
  await expect(session.token('access 0')).rejects.toMatchObject({ status: 503 });
  expect(ended).not.toHaveBeenCalled();
  server.refused = 401;
  await expect(session.token('access 0')).rejects.toMatchObject({ status: 401 });
  expect(ended).toHaveBeenCalledOnce();
});
