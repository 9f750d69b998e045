import { z } from 'zod';
import { invalidField } from './failure.ts';

/** Lists are read in pages by keyset: a cursor names the last entry seen, so nothing is skipped or shown twice. */

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Entries at most, 1 to 100'),
  cursor: z.string().max(512).optional().describe('`page.next_cursor` of the page before'),
});

/** For lists whose older clients count pages. A cursor goes before a page; far pages are for cursors. */
export const numberedPageQuery = pageQuery.extend({
  page: z.coerce.number().int().min(1).max(1000).optional().describe('Number of the page, from 1; 1000 at most'),
});

/**
 * Keys of a list by age: an instant in the one form that toISOString gives, of a year that Postgres has, and an id.
 * Other forms are instants too, but some of them Postgres does not read.
 */
export const cursorKeys = z.tuple([z.iso.datetime({ precision: 3 }).regex(/^(?!0000)/), z.uuid()]);

/** Keys of the last entry → an opaque text. */
export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

/** The keys of a cursor, or null without one. VALIDATION_FAILED for a text that is not a cursor of this list. */
export function decodeCursor<Keys extends z.ZodType>(cursor: string | undefined, keys: Keys): z.output<Keys> | null {
  if (cursor === undefined) return null;
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw invalidField('cursor', 'is not a cursor of this list');
  }
  const result = keys.safeParse(read);
  if (!result.success) throw invalidField('cursor', 'is not a cursor of this list');
  return result.data;
}

/**
 * An answer's `data` and `page` from up to `limit + 1` rows: ask the database for one more than a page holds, and
 * whether there is a next page is known without counting.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keys: (row: Row) => readonly (string | number)[],
  view: (row: Row) => Item,
): { success: true; data: Item[]; page: { limit: number; next_cursor: string | null } } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    success: true,
    data: shown.map(view),
    page: { limit, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keys(last)) : null },
  };
}
