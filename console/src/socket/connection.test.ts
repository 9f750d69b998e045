import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Connection, type Status } from './connection.ts';

/** The other end of each line, played by hand. */
class Line extends EventTarget {
  static readonly OPEN = 1;
  static opened: Line[] = [];
  readyState = 1;
  readonly sent: { type: string; token?: string; resume?: number }[] = [];

  constructor() {
    super();
    Line.opened.push(this);
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

let connection: Connection;
let token: string;
let status: Status;
const onOver = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Line);
  vi.stubGlobal('window', Object.assign(new EventTarget(), { location: { origin: 'http://tandem.test' } }));
  Line.opened = [];
  onOver.mockClear();
  token = 'first';
  connection = new Connection({
    // As a session whose token seems good for long: it gives another only where it has to.
    token: async (stale) => {
      if (token === stale) token = `after ${stale}`;
      return token;
    },
    onEvent: () => {},
    onLive: () => {},
    onStatus: (now) => {
      status = now;
    },
    onGap: () => {},
    onOver,
  });
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

/** The last line, once the server has said hello on it and was told who we are. */
async function greeted(): Promise<Line> {
  await vi.advanceTimersByTimeAsync(PAUSE);
  const line = Line.opened.at(-1) as Line;
  line.say(HELLO);
  await vi.advanceTimersByTimeAsync(0);
  return line;
}

async function ready(): Promise<Line> {
  const line = await greeted();
  line.say(READY);
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
  expect(Line.opened).toHaveLength(2);
  expect(onOver).not.toHaveBeenCalled();
});

test('told that the session has ended, it says so and stays away', async () => {
  (await ready()).end(4101);
  expect(status).toBe('over');
  expect(onOver).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(Line.opened).toHaveLength(1);
});
