import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from './page.ts';

const keys = z.tuple([z.iso.datetime(), z.uuid()]);

test('a cursor gives back the keys it was made from', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.integer()), { maxLength: 4 }), (values) => {
      expect(decodeCursor(encodeCursor(values), z.array(z.union([z.string(), z.number()])))).toEqual(values);
    }),
  );
});

test('no cursor is the first page; anything that is not a cursor of this list is refused by name', () => {
  expect(decodeCursor(undefined, keys)).toBeNull();
  for (const junk of [
    '',
    'x',
    '%%%',
    encodeCursor([]),
    encodeCursor(['2026-01-01T00:00:00.000Z', 'no id']),
    encodeCursor([1, 2]),
  ]) {
    expect(() => decodeCursor(junk, keys)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: { fields: [{ field: 'cursor', problem: 'is not a cursor of this list' }] },
      }),
    );
  }
});

test('pages read one after the other show every row once, whatever their size', () => {
  const rows = Array.from({ length: 23 }, (_, at) => ({ at }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (limit) => {
      const seen: number[] = [];
      let after = -1;
      for (let pages = 0; pages <= 23; pages++) {
        const found = rows.filter((row) => row.at > after).slice(0, limit + 1);
        const { data, page } = pageOf(
          found,
          limit,
          (row) => [row.at],
          (row) => row.at,
        );
        seen.push(...data);
        expect(data.length).toBeLessThanOrEqual(limit);
        if (page.next_cursor === null) break;
        [after] = decodeCursor(page.next_cursor, z.tuple([z.number()])) as [number];
      }
      expect(seen).toEqual(rows.map((row) => row.at));
    }),
  );
});

test.each([{ limit: '0' }, { limit: '101' }, { limit: '1.5' }, { limit: 'all' }, { limit: '' }, { page: '1' }])(
  'a list is not asked for with %j',
  (query) => {
    expect(pageQuery.safeParse(query).success).toBe(false);
  },
);

test('a list is asked for with a limit of 1 to 100, 20 by default', () => {
  expect(pageQuery.parse({})).toEqual({ limit: 20 });
  expect(pageQuery.parse({ limit: '100' })).toEqual({ limit: 100 });
});
