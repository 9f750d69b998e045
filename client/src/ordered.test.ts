import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurableEvent } from './frames.ts';
import { Ordered } from './ordered.ts';

const event = (seq: number) => ({ type: 'event', name: 'message_seen', seq }) as DurableEvent;
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);

/** A server that has given out `last` numbers and keeps those from `kept` on, two to a page. */
class Server {
  last = 0;
  kept = 1;
  away = false;

  read = async (after: number) => {
    await Promise.resolve();
    if (this.away) throw new Error('away');
    const found = range(Math.max(after + 1, this.kept), this.last);
    return { events: found.slice(0, 2).map(event), more: found.length > 2 };
  };
}

function reader(server: Server, after: number | null) {
  const heard: (number | 'gap')[] = [];
  const events = new Ordered({
    ...{ after, read: server.read },
    onEvent: ({ seq }) => heard.push(seq),
    onGap: () => heard.push('gap'),
  });
  return { events, heard };
}

test('who has had nothing yet begins with what comes, and is told that what was before is not', async () => {
  const { events, heard } = reader(new Server(), null);
  await events.begin({ seq: 7, resumed: false });
  expect(events.take(event(8))).toBe(true);
  expect(heard).toEqual(['gap', 8]);
  expect(events.position).toBe(8);
});

test('what comes again is passed over, and what comes over a gap is not taken', async () => {
  const { events, heard } = reader(new Server(), 3);
  await events.begin({ seq: 5, resumed: true });
  for (const seq of [4, 3, 4, 5]) expect(events.take(event(seq))).toBe(true);
  expect(events.take(event(7))).toBe(false);
  expect(heard).toEqual([4, 5]);
});

test('what a line does not bring is read, page by page, before what it brings', async () => {
  const server = new Server();
  server.last = 9;
  const { events, heard } = reader(server, 2);
  const beginning = events.begin({ seq: 8, resumed: false });
  events.take(event(9));
  server.last = 10;
  events.take(event(10));
  await beginning;
  expect(heard).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
});

test('what nobody keeps any more is a gap, told where it is', async () => {
  const server = Object.assign(new Server(), { last: 9, kept: 7 });
  const { events, heard } = reader(server, 2);
  await events.begin({ seq: 9, resumed: false });
  expect(heard).toEqual(['gap', 7, 8, 9]);
  const nothing = reader(Object.assign(new Server(), { last: 9, kept: 10 }), 2);
  await nothing.events.begin({ seq: 9, resumed: false });
  expect(nothing.heard).toEqual(['gap']);
  expect(nothing.events.position).toBe(9);
});

test('numbers that were given out to somebody else are a gap: what follows counts from the server’s', async () => {
  const { events, heard } = reader(new Server(), 40);
  await events.begin({ seq: 3, resumed: false });
  events.take(event(4));
  expect(heard).toEqual(['gap', 4]);
});

test('who throws at an event is not told it again', async () => {
  const events = new Ordered({
    ...{ after: 0, read: new Server().read, onGap: () => {} },
    onEvent: () => {
      throw new Error('of the page');
    },
  });
  expect(() => events.take(event(1))).toThrow('of the page');
  expect(events.position).toBe(1);
});

type Happening = { kind: 'made' | 'line' | 'brought' | 'again' | 'lost' | 'awayRead'; many: number };

test('whatever lines bring, break and leave out, each event is heard once and in order', async () => {
  const kinds = fc.constantFrom<Happening['kind']>('made', 'line', 'brought', 'again', 'lost', 'awayRead');
  const happening = fc.record({ kind: kinds, many: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.boolean(), async (happenings, resumes) => {
      const server = new Server();
      const { events, heard } = reader(server, 0);
      /** What the line has brought; null without one. */
      let brought: number | null = null;
      const open = async () => {
        const resumed = resumes && server.last % 2 === 0;
        brought = resumed ? (events.position as number) : server.last;
        const begun = events.begin({ seq: server.last, resumed });
        // While it reads, the line goes on.
        server.last++;
        bring();
        await begun.catch(() => {
          events.drop();
          brought = null;
        });
      };
      const bring = () => {
        while (brought !== null && brought < server.last) events.take(event(++brought));
      };
      for (const { kind, many } of happenings) {
        server.away = kind === 'awayRead';
        if (kind === 'made') server.last += many;
        if (kind === 'line' || kind === 'awayRead') await open();
        if (kind === 'brought') bring();
        if (kind === 'again' && brought !== null) for (const seq of range(1, brought)) events.take(event(seq));
        if (kind === 'lost') {
          brought = null;
          events.drop();
        }
      }
      server.away = false;
      await open();
      bring();
      expect(heard).toEqual(range(1, server.last));
    }),
  );
});
