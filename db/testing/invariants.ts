import { z } from 'zod';
import { type Check, check, QUERIES, verbatim } from '../invariants.ts';
import { type Executor, sql } from '../pool.ts';

const INVARIANTS = QUERIES.filter(({ kind }) => kind === 'invariant');

/** Which of them find something. */
const BROKEN = verbatim(`SELECT n FROM (VALUES
${INVARIANTS.map(({ query }, n) => `(${n}, EXISTS (\n${query}\n))`).join(',\n')}) AS asked (n, broken) WHERE broken`);

/**
 * What `checkInvariants` of the database answers, for books as small as a test's: all of it is asked with one statement,
 * and those that are broken once more with their own. A statement each, after every test, was most of what Postgres and
 * this process did in a run of the tests.
 */
export async function checkInvariants(executor: Executor): Promise<Check[]> {
  const found = await executor.any(sql.type(z.object({ n: z.number() }))(BROKEN));
  const broken = INVARIANTS.filter((_, place) => found.some(({ n }) => n === place));
  const details = await check(executor, broken);
  return INVARIANTS.map(({ name, meaning }) => {
    const rows = details.find((each) => each.name === name)?.rows;
    return { name, meaning, ok: rows === undefined, rows: rows ?? [] };
  });
}
