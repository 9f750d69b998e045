import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Line, type Status } from './line.ts';

/** The other end of each line, played by hand. */
class Socket extends EventTarget {
  static readonly OPEN = 1;
  static opened: Socket[] = [];
  readyState = 1;
  readonly sent: { type: string; token?: string; resume?: number }[] = [];

  constructor() {
    super();
    Socket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.end(1000);
  }

  say(frame: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(frame) }));
  }

  end(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  /** Tokens that were shown on this line. */
  get tokens(): (string | undefined)[] {
    return this.sent.flatMap((frame) => (frame.type === 'auth' ? [frame.token] : []));
  }
}

const HELLO = { type: 'hello', heartbeat_ms: 25_000 };
const READY = { type: 'ready', seq: 7, resumed: false };
/** Longer than any pause before the next try, in ms. */
const PAUSE = 11_000;

let line: Line;
let token: string;
let position: number | null;
let status: Status;
const onOver = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  Socket.opened = [];
  onOver.mockClear();
  token = 'first';
  position = null;
  line = new Line({
    url: 'ws://tandem.test/ws',
    WebSocket: Socket as unknown as typeof WebSocket,
    // As a session whose token seems good for long: it gives another only where it has to.
    token: async (stale) => {
      if (token === stale) token = `after ${stale}`;
      return token;
    },
    position: () => position,
    onReady: async ({ seq }) => {
      position = seq;
    },
    onFrame: () => true,
    onLost: () => {},
    onStatus: (now) => {
      status = now;
    },
    onOver,
  });
});
afterEach(() => {
  line.close();
  vi.useRealTimers();
});

/** The last line, once the server has said hello on it and was told who we are. */
async function greeted(): Promise<Socket> {
  await vi.advanceTimersByTimeAsync(PAUSE);
  const line = Socket.opened.at(-1) as Socket;
  line.say(HELLO);
  await vi.advanceTimersByTimeAsync(0);
  return line;
}

async function ready(): Promise<Socket> {
  const line = await greeted();
  line.say(READY);
  await vi.advanceTimersByTimeAsync(0);
  expect(status).toBe('live');
  return line;
}

test('asked for a fresh token, it brings another than the one it has shown', async () => {
  const line = await ready();
  line.say({ type: 'reauth' });
  await vi.advanceTimersByTimeAsync(0);
  expect(line.tokens).toEqual(['first', 'after first']);
  expect(status).toBe('live');
});

test('asked for a fresh token, it brings the one that the session has got meanwhile', async () => {
  const line = await ready();
  token = 'newer';
  line.say({ type: 'reauth' });
  await vi.advanceTimersByTimeAsync(0);
  expect(line.tokens).toEqual(['first', 'newer']);
});

test.each([4001, 4100])('closed with %i for its token, it comes back with another and resumes', async (code) => {
  (await ready()).end(code);
  expect(status).toBe('waiting');
  const line = await ready();
  expect(line.sent[0]).toEqual({ type: 'auth', token: 'after first', resume: 7 });
  expect(onOver).not.toHaveBeenCalled();
});

test('a token that ended while the line was away is replaced, and that says nothing of the session', async () => {
  (await greeted()).end(4100);
  expect((await ready()).tokens).toEqual(['after first']);
  expect(onOver).not.toHaveBeenCalled();
});

test('refused with a new token too, it stays away; whether the session is over is not its to say', async () => {
  (await greeted()).end(4100);
  (await greeted()).end(4100);
  expect(status).toBe('over');
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(Socket.opened).toHaveLength(2);
  expect(onOver).not.toHaveBeenCalled();
});

test('told that the session has ended, it says so and stays away', async () => {
  (await ready()).end(4101);
  expect(status).toBe('over');
  expect(onOver).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(Socket.opened).toHaveLength(1);
});

test('who lost the line together does not come back together', async () => {
  const pauses = new Set<number>();
  for (let n = 0; n < 20; n++) {
    (await ready()).end(1006);
    const [opened, lost] = [Socket.opened.length, Date.now()];
    while (Socket.opened.length === opened) await vi.advanceTimersByTimeAsync(1);
    const pause = Date.now() - lost;
    expect(pause).toBeGreaterThanOrEqual(125);
    expect(pause).toBeLessThanOrEqual(251);
    pauses.add(pause);
  }
  expect(pauses.size).toBeGreaterThan(5);
});

test('a server that stops says when to come back', async () => {
  const stopping = await ready();
  stopping.say({ type: 'drain', reconnect_after: 5_000 });
  stopping.end(4000);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(Socket.opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(Socket.opened).toHaveLength(2);
});

test('a line on which nothing is heard for two heartbeats is given up, and another is opened', async () => {
  const dead = await ready();
  // Its close is told when the system gives up, much later.
  dead.close = () => {};
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Socket.opened.length).toBeGreaterThan(1);
  expect(Socket.opened.at(-1)).not.toBe(dead);
});

test('a line that was closed is closed for good', async () => {
  await ready();
  line.close();
  expect(status).toBe('closed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Socket.opened).toHaveLength(1);
});
