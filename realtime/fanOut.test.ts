import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FanOut } from './fanOut.ts';
import { Rooms } from './rooms.ts';

type Member = { userId: string };
type Event = { rooms: string[]; except?: string; n: number };

function place(chunk: number) {
  const rooms = new Rooms<Member>();
  const heard = new Map<Member, number[]>();
  const told: string[] = [];
  let inTurn = 0;
  const made: Event[][] = [];
  const fanOut = new FanOut<Member, Event, readonly number[]>(rooms, chunk, {
    make(events) {
      made.push([...events]);
      return events.map(({ n }) => n);
    },
    say(member, together) {
      inTurn++;
      told.push(`${member.userId} ${together}`);
      heard.set(member, [...(heard.get(member) ?? []), ...together]);
    },
  });
  const member = (userId: string, ...of: string[]) => {
    const one = { userId };
    for (const room of of) rooms.join(room, one);
    return one;
  };
  return { rooms, fanOut, heard, told, made, member, taken: () => inTurn };
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

test('what waits for a popular room together is made once and told to each member at once', async () => {
  const { fanOut, told, made, member } = place(30);
  const crowd = Array.from({ length: 100 }, (_, n) => member(`u${n}`, 'popular'));
  for (let n = 0; n < 3; n++) fanOut.say({ rooms: ['popular'], n });
  while (fanOut.behind > 0) await turn();
  expect(told).toEqual(crowd.map(({ userId }) => `${userId} 0,1,2`));
  expect(made).toHaveLength(1);
});

test('of what is told together each is passed over in what is their own', async () => {
  const { fanOut, heard, made, member } = place(30);
  const crowd = Array.from({ length: 100 }, (_, n) => member(`u${n}`, 'popular'));
  for (let n = 0; n < 3; n++) fanOut.say({ rooms: ['popular'], except: `u${n % 2}`, n });
  while (fanOut.behind > 0) await turn();
  expect(crowd.slice(0, 3).map((one) => heard.get(one))).toEqual([[1], [0, 2], [0, 1, 2]]);
  // One for the two who are passed over in something each, and one for all others.
  expect(made).toHaveLength(3);
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
