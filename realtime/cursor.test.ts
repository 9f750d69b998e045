import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance } from './cursor.ts';

const events = (...seqs: number[]) => seqs.map((seq) => ({ seq }));

test('a reader gets what follows its cursor and nothing before', () => {
  expect(advance(2, events(1, 2, 3, 4))).toEqual({ events: events(3, 4), cursor: 4, gap: false });
});

test('nothing is sent past a gap', () => {
  expect(advance(2, events(3, 5, 6))).toEqual({ events: events(3), cursor: 3, gap: true });
  expect(advance(0, events(4))).toEqual({ events: [], cursor: 0, gap: true });
});

test('whatever pages are offered, in any order and as often as you like, each event is sent once and in order', () => {
  const page = fc
    .record({ from: fc.nat(30), length: fc.nat(10), hole: fc.option(fc.nat(40)) })
    .map(({ from, length, hole }) =>
      events(...Array.from({ length }, (_, n) => from + n + 1).filter((seq) => seq !== hole)),
    );
  fc.assert(
    fc.property(fc.nat(20), fc.array(page, { maxLength: 30 }), (start, pages) => {
      let cursor = start;
      const sent: number[] = [];
      for (const offered of pages) {
        const step = advance(cursor, offered);
        sent.push(...step.events.map(({ seq }) => seq));
        expect(step.cursor).toBe(sent.at(-1) ?? start);
        // Only what would leave a hole is held back.
        const next = offered.find(({ seq }) => seq > step.cursor);
        expect(step.gap).toBe(next !== undefined);
        cursor = step.cursor;
      }
      expect(sent).toEqual(sent.map((_, n) => start + n + 1));
    }),
  );
});
