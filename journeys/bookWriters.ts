import { z } from 'zod';
import { type Pool, sql } from '#db/pool.ts';

/** Who has written pairs' books, as Postgres saw it: every change of each book, and on whose connection it was made. */

/** What was seen of a pair's book: whose it was, one after the other, how often it was written, and what may not be. */
export type Written = { holders: string[]; batches: number; wrong: string[] };

const change = z.object({
  ...{ at: z.string(), writer: z.string(), holder: z.string().nullable(), fence: z.bigint(), n: z.bigint() },
  ...{ was_holder: z.string().nullable(), was_fence: z.bigint(), was_n: z.bigint(), lease_over: z.boolean() },
});

/** Has Postgres write down from here on what becomes of books. The row's lock puts the changes of one in their order. */
export async function watchBooks(pool: Pool): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    CREATE TABLE book_changes (
      id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), pair_id text NOT NULL,
      writer text NOT NULL DEFAULT current_setting('application_name'), holder uuid, fence bigint, n bigint,
      was_holder uuid, was_fence bigint, was_n bigint, lease_over boolean
    )
  `);
  await pool.query(sql.typeAlias('void')`
    CREATE FUNCTION note_book_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO book_changes (pair_id, holder, fence, n, was_holder, was_fence, was_n, lease_over)
      VALUES (NEW.pair_id, NEW.holder, NEW.fence, NEW.n, OLD.holder, OLD.fence, OLD.n,
        OLD.lease_until < clock_timestamp());
      RETURN NULL;
    END $$
  `);
  await pool.query(sql.typeAlias('void')`
    CREATE TRIGGER note_book_change AFTER UPDATE ON trading_books FOR EACH ROW EXECUTE FUNCTION note_book_change()
  `);
}

/**
 * One writer at each time: whoever takes a book takes the next number, where its lease is over or it was given back; and
 * under a number nobody writes but who took it.
 */
export async function listWritten(pool: Pool, pairId: string): Promise<Written> {
  const changes = await pool.any(sql.type(change)`
    SELECT at, writer, holder, fence, n, was_holder, was_fence, was_n, lease_over FROM book_changes
    WHERE pair_id = ${pairId} ORDER BY id
  `);
  const written: Written = { holders: [], batches: 0, wrong: [] };
  /** Whose the number is that is valid now: the first who is seen took it before it was watched. */
  let current: string | null = null;
  for (const each of changes) {
    const complain = (what: string) => written.wrong.push(`${each.at}: ${each.writer} ${what} of ${pairId}`);
    const isOwn = current === null || current === each.writer;
    if (each.fence === each.was_fence) {
      if (each.holder === null) complain('wrote what nobody held,');
      else if (current === null) {
        current = each.writer;
        written.holders.push(current);
      }
      if (!isOwn) complain(`wrote under number ${each.fence}, which is ${current}'s,`);
      if (each.n < each.was_n) complain(`went back from ${each.was_n} to ${each.n}`);
      if (each.n > each.was_n) written.batches += 1;
      continue;
    }
    if (each.fence !== each.was_fence + 1n) complain(`skipped from number ${each.was_fence} to ${each.fence}`);
    if (each.n !== each.was_n) complain(`wrote before it had the book`);
    if (each.holder === null) {
      if (!isOwn) complain('gave back a book that it did not hold');
    } else if (each.was_holder !== null && each.was_holder !== each.holder && !each.lease_over) {
      complain('took the book from a holder that was there');
    }
    current = each.holder === null ? null : each.writer;
    if (current !== null) written.holders.push(current);
  }
  return written;
}
