import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { INVARIANTS } from './invariants.ts';
import { checkFrom, createLooking, type Patiently, patientlyAt } from './looking.ts';
import { getBooks, noteChecks } from './operation/books.ts';
import { createPool, type Pool, sql } from './pool.ts';

// Looks that take longer than whoever asks may wait, and what others know of them.

const PATIENCE = { timeout: 20_000, interval: 20 };
let url: string;
let pool: Pool;
const ends: Pool[] = [];

beforeEach(async () => {
  url = await createTestDatabase();
  pool = another();
});
afterEach(async () => {
  for (const each of ends.splice(0)) await each.end();
});

function another(): Pool {
  const made = createPool(url, { size: 2 });
  ends.push(made);
  return made;
}

/** Looks of a process, of which each waits at a gate. */
function process(waitsMs?: number) {
  const gate = Promise.withResolvers<void>();
  let looks = 0;
  const patiently: Patiently = async (work) => {
    looks += 1;
    await gate.promise;
    return patientlyAt(url, 60_000)(work);
  };
  const failures: unknown[] = [];
  const looking = createLooking({
    pool,
    patiently,
    failed: (error) => failures.push(error),
    ...(waitsMs && { waitsMs }),
  });
  return { look: looking.look, open: () => gate.resolve(), looks: () => looks, failures };
}

const refused = { code: 'UNAVAILABLE', retryAfter: 5 };
const breakBooks = () =>
  pool.query(sql.typeAlias('void')`
    INSERT INTO ledger_accounts (code, kind, asset, overdraft, balance) VALUES ('wallet/x', 'wallet', 'INR', false, 7)
  `);

test('who asks while a look is under way has part in it', async () => {
  const here = process();
  const one = here.look({ whole: true });
  await vi.waitFor(() => expect(here.looks()).toBe(1), PATIENCE);
  // Had it asked as early, it could have been the first to look, and for less than the other asks.
  const other = here.look({ whole: false });
  here.open();
  expect(await one).toEqual(await other);
  expect((await one).invariants.map(({ name }) => name)).toEqual(INVARIANTS);
  expect(here.looks()).toBe(1);
});

test('a whole look is not answered with less', async () => {
  const here = process();
  const less = here.look({ whole: false });
  await vi.waitFor(() => expect(here.looks()).toBe(1), PATIENCE);
  await expect(here.look({ whole: true })).rejects.toMatchObject(refused);
  here.open();
  await less;
});

test('what takes too long goes on, and whoever asks next is given what was found, once, at any process', async () => {
  const here = process(1);
  const there = process();
  there.open();
  await expect(here.look({ whole: true })).rejects.toMatchObject(refused);
  here.open();
  await vi.waitFor(async () => {
    expect(await pool.any(sql.typeAlias('void')`SELECT FROM book_answers`)).toHaveLength(1);
  }, PATIENCE);
  expect(await there.look({ whole: false })).toMatchObject({ at: expect.any(String), reports: expect.any(Array) });
  expect(there.looks()).toBe(0);
  await there.look({ whole: false });
  expect(there.looks()).toBe(1);
});

test('a look that nobody waits for any more says why it failed', async () => {
  const failures: unknown[] = [];
  const gate = Promise.withResolvers<never>();
  const { look } = createLooking({
    pool,
    patiently: () => gate.promise,
    failed: (error) => failures.push(error),
    waitsMs: 1,
  });
  await expect(look({ whole: false })).rejects.toMatchObject(refused);
  gate.reject(new Error('away'));
  await vi.waitFor(() => expect(failures).toEqual([new Error('away')]), PATIENCE);
});

test('while one process looks, another is told so', async () => {
  const [looking, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const elsewhere = pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SELECT FROM pg_advisory_xact_lock(hashtext('books'), 0)`);
    looking.resolve();
    await ends.promise;
  });
  await looking.promise;
  const there = process();
  there.open();
  await expect(there.look({ whole: false })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('Another process'),
  });
  ends.resolve();
  await elsewhere;
});

test('what one finds all know, until somebody finds otherwise, and who found it may be gone', async () => {
  const [worker, reader] = [another(), another()];
  await breakBooks();
  await checkFrom(worker, null);
  await worker.end();
  const broken = await getBooks(reader);
  expect(broken.broken).toBeGreaterThan(0);
  await pool.query(sql.typeAlias('void')`DELETE FROM ledger_accounts WHERE code = 'wallet/x'`);
  await checkFrom(another(), null);
  expect(await getBooks(reader)).toMatchObject({ broken: 0 });
  expect((await getBooks(reader)).checked_at).toBeGreaterThan(broken.checked_at);
});

test('who began earlier and ends later takes back nothing', async () => {
  const name = INVARIANTS[0] as string;
  await noteChecks(pool, [{ name, ok: false }], '2100-01-01T00:00:02.000Z');
  await noteChecks(pool, [{ name, ok: true }], '2100-01-01T00:00:01.000Z');
  expect(await getBooks(pool)).toMatchObject({ broken: 1 });
});

test('a part ends when it has taken long enough, and the next goes on there; only the last says that all was looked at', async () => {
  const before = (await getBooks(pool)).checked_at;
  const part = await checkFrom(pool, null, 0);
  expect(part).toMatchObject({ checks: [{ name: INVARIANTS[0] }], next: INVARIANTS[1] });
  expect((await getBooks(pool)).checked_at).toBe(before);
  const rest = await checkFrom(pool, part.next);
  expect(rest.checks.map(({ name }) => name)).toEqual(INVARIANTS.slice(1));
  expect(rest.next).toBeNull();
  expect((await getBooks(pool)).checked_at).toBeGreaterThan(before);
});

test('a part that is to begin where nothing is any more begins anew', async () => {
  expect((await checkFrom(pool, 'of_another_release')).checks).toHaveLength(INVARIANTS.length);
});
