import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { OPEN_AT_ONCE } from '#workflows/process/machine.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { openErrand } from '../errand/testing/errands.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess } from './processes.ts';
import { expireIfDue } from './step.ts';

const NOW = '2026-03-01T09:00:00.000Z';
const LATER = '2026-03-03T09:00:00.000Z';
/** A thousandth of the usual. */
const MAX = OPEN_AT_ONCE / 1_000;

let url: string;
let pool: Pool;
let runner: string;

beforeAll(async () => {
  url = await createTestDatabase();
  // Whoever waits for a place waits for the others' commits: on a machine that others share, longer than usual.
  pool = createPool(url, { size: 20, openPercent: 0.1, deadline: 60_000 });
  runner = await newUser(pool, 'influencer');
});
afterAll(() => pool?.end());

const giver = () => newUser(pool, 'brand_owner');
const open = (by: string, within = 'P1D', on: Pool = pool) =>
  openErrand(on, { brand_owner: by, influencer: runner }, NOW, within);

async function openMany(by: string, many: number): Promise<string[]> {
  return Promise.all(Array.from({ length: many }, () => open(by)));
}

async function opened(by: string): Promise<number> {
  const { many } = await pool.one(sql.type(z.object({ many: z.bigint().transform(Number) }))`
    SELECT count(*) AS many FROM processes WHERE opened_by = ${by}
  `);
  return many;
}

async function end(id: string): Promise<void> {
  const stored = await findProcess(pool, id);
  if (!stored) throw new Error(`no process ${id}`);
  await expireIfDue(pool, stored, { now: LATER, systemUserId: SYSTEM, correlationId: null });
}

test('of 64 that are opened at once with one place left one is, and the others are told how many there may be', async () => {
  const by = await giver();
  await openMany(by, MAX - 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => open(by)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const details = { limit: 'open_at_once', kind: 'errand', max: MAX, open: MAX };
  for (const failure of refused) expect(failure).toMatchObject({ code: 'LIMIT_REACHED', details });
  expect(await opened(by)).toBe(MAX);
  const { counted } = await pool.one(sql.type(z.object({ counted: z.int() }))`
    SELECT counted FROM quotas WHERE user_id = ${by}
  `);
  expect(counted).toBe(MAX);
}, 60_000);

test('whatever has ended leaves its place, and no more than that, to those that come after', async () => {
  const by = await giver();
  const ids = await openMany(by, MAX);
  // The last and the first: where the next count begins is after what ended, never after what is open.
  for (const id of [ids.at(-1), ids[0]]) await end(id as string);
  const outcomes = await Promise.allSettled([open(by), open(by), open(by)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  for (const id of ids.slice(1, 4)) await end(id);
  await openMany(by, 3);
  await expect(open(by)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
}, 60_000);

test('one account takes no place of another, nor whoever is opened something with', async () => {
  const [one, other] = [await giver(), await giver()];
  await openMany(one, MAX);
  await expect(open(one)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  await expect(open(other)).resolves.toBeDefined();
  // The runner had a seat in all of them.
  await expect(openErrand(pool, { brand_owner: runner, influencer: one }, NOW)).resolves.toBeDefined();
}, 60_000);

test('an opening that is undone takes no place', async () => {
  const by = await giver();
  await openMany(by, MAX - 1);
  // Its runner is nobody, which is found after its place was taken.
  await expect(
    openErrand(pool, { brand_owner: by, influencer: '00000000-0000-7000-8000-00000000dead' }, NOW),
  ).rejects.toThrow();
  await expect(open(by)).resolves.toBeDefined();
}, 60_000);

test('a place may be had where a deployment allows more than is usual', async () => {
  const by = await giver();
  await openMany(by, MAX);
  const roomy = createPool(url, { openPercent: 0.2 });
  try {
    await expect(open(by, 'P1D', roomy)).resolves.toBeDefined();
  } finally {
    await roomy.end();
  }
}, 60_000);
