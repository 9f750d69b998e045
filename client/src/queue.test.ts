import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Call, Queue, type Store } from './queue.ts';
import { Refusal } from './refusal.ts';

const away = new Refusal('It is away.', 'UNREACHABLE', 0);
const call = (key: string, room = 'one'): Call => ({ key, name: 'rooms.send', path: { roomId: room } });

/** The other end: does each key once, and may be away, before a call comes to it or before its answer does. */
class World {
  readonly done: string[] = [];
  readonly sent: string[] = [];
  state: 'there' | 'away' | 'answerLost' = 'there';

  send = async ({ key }: Call, signal?: AbortSignal): Promise<unknown> => {
    await Promise.resolve();
    signal?.throwIfAborted();
    this.sent.push(key);
    if (this.state === 'away') throw away;
    if (!this.done.includes(key)) this.done.push(key);
    if (this.state === 'answerLost') throw away;
    return `answer to ${key}`;
  };
}

function memory(): Store {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
  };
}

let world: World;
beforeEach(() => {
  vi.useFakeTimers();
  world = new World();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Longer than any pause, in ms. */
const PAUSE = 11_000;

test('calls of one lane are done in the order in which they were asked for, of others beside them', async () => {
  const queue = new Queue({ send: world.send });
  const answers = await Promise.all([queue.add(call('a')), queue.add(call('b')), queue.add(call('c', 'two'))]);
  expect(answers).toEqual(['answer to a', 'answer to b', 'answer to c']);
  expect(world.done).toEqual(['a', 'c', 'b']);
  expect(queue.length).toBe(0);
});

test('while the line is away they wait, and are sent in their order when it is back', async () => {
  const queue = new Queue({ send: world.send });
  world.state = 'away';
  const asked = ['a', 'b', 'c'].map((key) => queue.add(call(key)));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(queue.length).toBe(3);
  expect(new Set(world.sent)).toEqual(new Set(['a']));
  world.state = 'there';
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(await Promise.all(asked)).toHaveLength(3);
  expect(world.done).toEqual(['a', 'b', 'c']);
});

test('that the line is back may be said, and ends the pause', async () => {
  const queue = new Queue({ send: world.send });
  world.state = 'away';
  const asked = queue.add(call('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  world.state = 'there';
  queue.hurry();
  expect(await asked).toBe('answer to a');
});

test('what was done, and whose answer was lost, is sent again under its key and done once', async () => {
  const queue = new Queue({ send: world.send });
  world.state = 'answerLost';
  const asked = queue.add(call('a'));
  await vi.advanceTimersByTimeAsync(1_000);
  world.state = 'there';
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(await asked).toBe('answer to a');
  expect(world.done).toEqual(['a']);
  expect(world.sent.length).toBeGreaterThan(1);
});

test('what is refused holds nobody up, and is told to whoever asked', async () => {
  const refusal = new Refusal('Not yours.', 'FORBIDDEN', 403);
  const send = async (asked: Call) => (asked.key === 'a' ? Promise.reject(refusal) : world.send(asked));
  const queue = new Queue({ send });
  const [first, second] = [queue.add(call('a')), queue.add(call('b'))];
  await expect(first).rejects.toBe(refusal);
  expect(await second).toBe('answer to b');
});

test('who is asked to come later comes no sooner', async () => {
  let refused = 0;
  const late = new Refusal('Too many.', 'RATE_LIMITED', 429, { retry_after: 30 });
  const queue = new Queue({ send: async (asked) => (refused++ === 0 ? Promise.reject(late) : world.send(asked)) });
  const asked = queue.add(call('a'));
  await vi.advanceTimersByTimeAsync(29_000);
  expect(world.sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await asked).toBe('answer to a');
});

test('what is aborted while it waits is not sent, and what waits behind it is', async () => {
  const queue = new Queue({ send: world.send });
  world.state = 'away';
  const [abortsFirst, abortsSecond] = [new AbortController(), new AbortController()];
  const asked = [
    queue.add(call('a'), abortsFirst.signal),
    queue.add(call('b'), abortsSecond.signal),
    queue.add(call('c')),
  ];
  const [first, second] = [expect(asked[0]).rejects.toThrow('no more'), expect(asked[1]).rejects.toThrow('no more')];
  await vi.advanceTimersByTimeAsync(1_000);
  abortsFirst.abort(new Error('no more'));
  abortsSecond.abort(new Error('no more'));
  await Promise.all([first, second]);
  world.state = 'there';
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(await asked[2]).toBe('answer to c');
  expect(world.done).toEqual(['c']);
  await expect(queue.add(call('d'), abortsFirst.signal)).rejects.toThrow('no more');
});

test('what waits when a page goes is sent by the next, and its end told there', async () => {
  const store = memory();
  world.state = 'away';
  const before = new Queue({ send: world.send, store });
  const asked = [before.add(call('a')), before.add(call('b'))];
  await vi.advanceTimersByTimeAsync(1_000);
  before.close();
  for (const each of await Promise.allSettled(asked)) expect(each.status).toBe('rejected');
  world.state = 'there';
  const left: unknown[] = [];
  const after = new Queue({ send: world.send, store, onLeft: ({ key }, refusal) => left.push([key, refusal]) });
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(world.done).toEqual(['a', 'b']);
  expect(left).toEqual([
    ['a', null],
    ['b', null],
  ]);
  expect(after.length).toBe(0);
  expect(store.getItem('tandem.queue')).toBeNull();
});

test('what is kept and cannot be read is nothing', () => {
  const store = memory();
  store.setItem('tandem.queue', '{');
  expect(new Queue({ send: world.send, store }).length).toBe(0);
});
