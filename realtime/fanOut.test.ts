import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { FanOut, type Gathering } from './fanOut.ts';
import { Rooms } from './rooms.ts';

type Member = { userId: string };
type Event = { rooms: string[]; except?: string; n: number };

function place(chunk: number, gathering: Gathering | null = null) {
  const rooms = new Rooms<Member>();
  const heard = new Map<Member, number[]>();
  const told: string[] = [];
  let inTurn = 0;
  const say = (member: Member, { n }: Event) => {
    inTurn++;
    told.push(`${member.userId} ${n}`);
    heard.set(member, [...(heard.get(member) ?? []), n]);
  };
  const fanOut = new FanOut<Member, Event>(rooms, chunk, say, gathering);
  const member = (userId: string, ...of: string[]) => {
    const one = { userId };
    for (const room of of) rooms.join(room, one);
    return one;
  };
  return { rooms, fanOut, heard, told, member, taken: () => inTurn };
}

test('a small room is told at once', () => {
  const { fanOut, heard, member } = place(10);
  const asha = member('asha', 'room');
  fanOut.say({ rooms: ['room'], n: 1 });
  expect(heard.get(asha)).toEqual([1]);
});

test('a popular room is told in turns, and others do not wait for it', async () => {
  const { fanOut, heard, member, taken } = place(100);
  const crowd = Array.from({ length: 5_000 }, (_, n) => member(`u${n}`, 'popular'));
  const [one, other] = [member('asha', 'small'), member('ben', 'small')];
  for (let n = 0; n < 3; n++) fanOut.say({ rooms: ['popular'], n });
  expect(taken()).toBe(0);
  fanOut.say({ rooms: ['small'], n: 7 });
  expect([heard.get(one), heard.get(other)]).toEqual([[7], [7]]);
  await turn();
  await turn();
  // Two turns' worth, and not a crowd's.
  expect(taken() - 2).toBeLessThanOrEqual(200);
  while (fanOut.behind > 0) await turn();
  for (const member of crowd) expect(heard.get(member)).toEqual([0, 1, 2]);
});

test('what waits for a popular room together is told to each member together, one after the other', async () => {
  const { fanOut, told, member } = place(30);
  const crowd = Array.from({ length: 100 }, (_, n) => member(`u${n}`, 'popular'));
  for (let n = 0; n < 3; n++) fanOut.say({ rooms: ['popular'], n });
  while (fanOut.behind > 0) await turn();
  expect(told).toEqual(crowd.flatMap(({ userId }) => [0, 1, 2].map((n) => `${userId} ${n}`)));
});

test('in a very popular room of a kind that gathers, what is said waits for more, in its order, and goes together', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { fanOut, told, member, heard } = place(40, { isOf: (room) => room === 'stream', members: 50, ms: 200 });
    const crowd = Array.from({ length: 51 }, (_, n) => member(`u${n}`, 'stream', 'other'));
    // As many in a room of another kind are told without waiting.
    fanOut.say({ rooms: ['other'], n: 0 });
    while (fanOut.behind > 0) await turn();
    expect(heard.size).toBe(51);
    told.length = 0;
    for (let n = 1; n <= 3; n++) {
      fanOut.say({ rooms: ['stream'], n });
      vi.advanceTimersByTime(60);
    }
    await turn();
    expect(told).toEqual([]);
    vi.advanceTimersByTime(20);
    while (fanOut.behind > 0) await turn();
    expect(told).toEqual(crowd.flatMap(({ userId }) => [1, 2, 3].map((n) => `${userId} ${n}`)));
    fanOut.say({ rooms: ['stream'], n: 4 });
    fanOut.close();
    vi.advanceTimersByTime(1_000);
    await turn();
    expect(told).toHaveLength(3 * 51);
  } finally {
    vi.useRealTimers();
  }
});

test('two popular rooms take turns', async () => {
  const { fanOut, heard, member } = place(10);
  const first = Array.from({ length: 1_000 }, (_, n) => member(`a${n}`, 'first'));
  const second = Array.from({ length: 20 }, (_, n) => member(`b${n}`, 'second'));
  fanOut.say({ rooms: ['first'], n: 1 });
  fanOut.say({ rooms: ['second'], n: 2 });
  while (second.some((member) => !heard.has(member))) await turn();
  expect(first.filter((member) => heard.has(member)).length).toBeLessThan(100);
});

test('who leaves while it goes on hears no more, and one’s own user is passed over', async () => {
  const { fanOut, heard, member, rooms } = place(10);
  const crowd = Array.from({ length: 100 }, (_, n) => member(`u${n}`, 'room'));
  const last = crowd.at(-1) as Member;
  fanOut.say({ rooms: ['room'], except: 'u3', n: 1 });
  await turn();
  rooms.forget(last);
  while (fanOut.behind > 0) await turn();
  expect(heard.has(last)).toBe(false);
  expect(heard.has(crowd[3] as Member)).toBe(false);
  expect(heard.size).toBe(98);
});

test('whatever is said in which rooms, each hears each event of a room once and in its order', async () => {
  const says = fc.array(fc.record({ room: fc.constantFrom('a', 'b', 'c'), pause: fc.boolean() }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(says, fc.integer({ min: 1, max: 7 }), async (steps, chunk) => {
      const { fanOut, heard, member } = place(chunk);
      const members = [5, 1, 12].flatMap((size, at) =>
        Array.from({ length: size }, (_, n) => [member(`${at}-${n}`, 'abc'[at] as string), 'abc'[at]] as const),
      );
      for (const [n, { room, pause }] of steps.entries()) {
        fanOut.say({ rooms: [room], n });
        if (pause) await turn();
      }
      while (fanOut.behind > 0) await turn();
      for (const [one, room] of members) {
        const own = steps.flatMap((step, n) => (step.room === room ? [n] : []));
        expect(heard.get(one) ?? []).toEqual(own);
      }
    }),
  );
});
