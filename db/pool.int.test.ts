import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { createPool, type Executor, type Pool, sql, type Transaction, Undone } from './pool.ts';

const pid = (executor: Executor) =>
  executor.oneFirst(sql.type(z.object({ pid: z.int() }))`SELECT pg_backend_pid() AS pid`);
const run = (executor: Executor, what: string) =>
  executor.query({ ...sql.typeAlias('void')`SELECT`, sql: what } as ReturnType<typeof ofNothing>);
const ofNothing = () => sql.typeAlias('void')`SELECT`;
const no = () => new Failure('CONFLICT', 'No.');

/** With one connection, whoever asks next is on the one that was asked before. */
let pool: Pool;
beforeEach(async () => {
  pool = createPool(await createTestDatabase(), { size: 1, deadline: 2_000 });
  await run(pool, 'CREATE TABLE things (name text PRIMARY KEY)');
});
afterEach(() => pool.end());

describe('a connection is kept for the next', () => {
  const refusals: Record<string, (on: Pool) => Promise<unknown>> = {
    'when we said no in a transaction': (on) =>
      on.transaction(async (transaction) => {
        await run(transaction, "INSERT INTO things VALUES ('written before the no')");
        throw no();
      }),
    'when all was only to be seen and undone': (on) =>
      on.transaction(async (transaction) => {
        await run(transaction, "INSERT INTO things VALUES ('seen')");
        throw new Undone('seen');
      }),
    'when Postgres said no in a transaction': (on) =>
      on.transaction(async (transaction) => {
        await run(transaction, "INSERT INTO things VALUES ('twice')");
        await run(transaction, "INSERT INTO things VALUES ('twice')");
      }),
    'when Postgres said no to a statement': (on) => run(on, 'INSERT INTO things VALUES (NULL)'),
    'when there was no row': (on) => on.one(sql.typeAlias('id')`SELECT name AS id FROM things`),
    'when a lock was not free': (on) => run(on, "DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"),
  };

  test.each(Object.entries(refusals))('%s', async (_, refused) => {
    const before = await pid(pool);
    await expect(refused(pool)).rejects.toThrow();
    expect(await pid(pool)).toBe(before);
    // And nothing is left of what was refused, nor of its transaction.
    expect(await pool.any(sql.typeAlias('id')`SELECT name AS id FROM things`)).toEqual([]);
    await pool.transaction((transaction) => run(transaction, "INSERT INTO things VALUES ('kept')"));
    expect(await pool.any(sql.typeAlias('id')`SELECT name AS id FROM things`)).toEqual([{ id: 'kept' }]);
  });
});

test('a connection that did not answer in time is nobody else’s', async () => {
  const before = await pid(pool);
  await expect(run(pool, 'SELECT pg_sleep(10)')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await pid(pool)).not.toBe(before);
});

test('what is asked on a transaction that is over is in nobody else’s', async () => {
  let late: Transaction | undefined;
  const refused = pool.transaction(async (transaction) => {
    late = transaction;
    throw no();
  });
  await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' });
  await pool.transaction(async (transaction) => {
    await run(transaction, 'SELECT');
    await expect(run(late as Transaction, "INSERT INTO things VALUES ('late')")).rejects.toThrow('is over');
  });
  expect(await pool.any(sql.typeAlias('id')`SELECT name AS id FROM things`)).toEqual([]);
});

describe('what is asked again and again', () => {
  const named = (executor: Executor) =>
    executor.any(sql.typeAlias('id')`SELECT name AS id FROM pg_prepared_statements WHERE statement LIKE '%things%'`);
  const asked = (executor: Executor, what: string) =>
    executor.any(sql.type(z.object({ name: z.unknown() }))`SELECT name FROM things WHERE name::text = ${what}`);

  test('is planned once a connection, and what is asked seldom is not kept', async () => {
    await asked(pool, 'nothing');
    expect(await named(pool)).toEqual([]);
    for (let time = 0; time < 5; time++) await asked(pool, 'nothing');
    expect(await named(pool)).toHaveLength(1);
  });

  test('is planned anew after a migration that changed its answer, at the cost of one call', async () => {
    for (let time = 0; time < 8; time++) await asked(pool, 'nothing');
    const before = await pid(pool);
    await run(pool, 'ALTER TABLE things ALTER COLUMN name TYPE int8 USING 0');
    await expect(asked(pool, 'nothing')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1 });
    expect(await asked(pool, 'nothing')).toEqual([]);
    expect(await pid(pool)).not.toBe(before);
  });
});
