import { z } from 'zod';
import { type Check, check, QUERIES, verbatim } from '../invariants.ts';
import { type Executor, type HeldConnection, isPool, type Pool, sql } from '../pool.ts';

const INVARIANTS = QUERIES.filter(({ kind }) => kind === 'invariant');

/** Which of them find something. Under a name, so that a connection that is asked again has it planned. */
const BROKEN = sql.prepared(
  'broken_invariants',
  z.object({ n: z.number() }),
)(
  verbatim(`SELECT n FROM (VALUES
${INVARIANTS.map(({ query }, n) => `(${n}, EXISTS (\n${query}\n))`).join(',\n')}) AS asked (n, broken) WHERE broken`),
);

/**
 * What `checkInvariants` of the database answers, for books as small as a test's: all of it is asked with one statement,
 * and those that are broken once more with their own. A statement each, after every test, was most of what Postgres and
 * this process did in a run of the tests.
 */
export async function checkInvariants(executor: Executor): Promise<Check[]> {
  const found = await (isPool(executor) ? askHeld(executor) : executor.any(BROKEN));
  const broken = INVARIANTS.filter((_, place) => found.some(({ n }) => n === place));
  const details = await check(executor, broken);
  return INVARIANTS.map(({ name, meaning }) => {
    const rows = details.find((each) => each.name === name)?.rows;
    return { name, meaning, ok: rows === undefined, rows: rows ?? [] };
  });
}

type Asking = { held: HeldConnection | null; last: Promise<unknown> };
const askings = new WeakMap<Pool, Asking>();

/**
 * On one connection of the pool, which goes back when that ends: to plan all of it takes Postgres many times what it
 * takes to answer, and a pool gives its connections out in turn. One at a time, as a connection answers.
 */
function askHeld(pool: Pool): Promise<readonly { n: number }[]> {
  const asking = askings.get(pool) ?? { held: null, last: Promise.resolve() };
  askings.set(pool, asking);
  const asked = asking.last.then(async () => {
    if (asking.held?.isLost()) asking.held = null;
    asking.held ??= await pool.hold();
    try {
      return await asking.held.connection.any(BROKEN);
    } catch (error) {
      asking.held.release(false);
      asking.held = null;
      throw error;
    }
  });
  asking.last = asked.catch(() => {});
  return asked;
}
