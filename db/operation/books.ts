import { z } from 'zod';
import { type Executor, sql } from '../pool.ts';

/** What came of looks at the books, for all processes. */

/** The instant by Postgres' clock, which all share. */
export async function nowOf(executor: Executor): Promise<string> {
  return executor.oneFirst(sql.type(z.object({ at: z.string() }))`SELECT clock_timestamp() AS at`);
}

/** Notes what was found of each that was looked at from `at` on; what somebody found who began later stays. */
export async function noteChecks(
  executor: Executor,
  checks: readonly { name: string; ok: boolean }[],
  at: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO book_checks AS kept (invariant, checked_at, broken)
    SELECT name, ${at}::timestamptz, NOT ok
    FROM unnest(${sql.array(
      checks.map(({ name }) => name),
      'text',
    )}, ${sql.array(
      checks.map(({ ok }) => ok),
      'bool',
    )}) AS found (name, ok)
    ORDER BY name
    ON CONFLICT (invariant) DO UPDATE SET checked_at = EXCLUDED.checked_at, broken = EXCLUDED.broken
    WHERE kept.checked_at <= EXCLUDED.checked_at
  `);
}

/** All others are gone, and are looked at no more. */
export async function keepChecksOf(executor: Executor, names: readonly string[]): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    DELETE FROM book_checks WHERE invariant <> ALL(${sql.array([...names], 'text')})
  `);
}

const books = z.object({ broken: z.number(), checked_at: z.number() });
export type Books = z.infer<typeof books>;

/** How many invariants were found broken, and when, in Unix seconds, that one was looked at which was longest ago. */
export async function getBooks(executor: Executor): Promise<Books> {
  return executor.one(sql.type(books)`
    SELECT (count(*) FILTER (WHERE broken))::integer AS broken,
      coalesce(extract(epoch FROM min(checked_at)), 0)::double precision AS checked_at
    FROM book_checks
  `);
}

/** An answer that was not given within this is one of long ago. */
const GIVEN_WITHIN = '15 minutes';

/** Keeps what nobody waits for any more for whoever asks next. */
export async function keepAnswer(executor: Executor, whole: boolean, found: object): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO book_answers (whole, found, at) VALUES (${whole}, ${JSON.stringify(found)}::json, clock_timestamp())
    ON CONFLICT (one) DO UPDATE SET whole = EXCLUDED.whole, found = EXCLUDED.found, at = EXCLUDED.at
  `);
}

/** Takes what was kept, once; null where there is nothing, or less than was asked for. */
export async function takeAnswer(executor: Executor, whole: boolean): Promise<unknown> {
  return executor.maybeOneFirst(sql.type(z.object({ found: z.unknown() }))`
    DELETE FROM book_answers WHERE (whole OR NOT ${whole}) AND at > clock_timestamp() - ${GIVEN_WITHIN}::interval
    RETURNING found
  `);
}
