import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startHousekeeping } from './housekeeping.ts';

const log = pino({ level: 'silent' });
const NOW = new Date('2026-03-01T09:00:00Z');
let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

async function insertAnswers(many: number, at: string): Promise<void> {
  const account = uuid();
  await pool.query(sql.typeAlias('void')`
    INSERT INTO answers (account_id, path, key, body_hash, status, answer, created_at)
    SELECT ${account}::uuid, '/api/things', n::text, '', 200, '{}', ${at}::timestamptz
    FROM generate_series(1, ${many}::integer) AS n
  `);
}
const countAnswers = async () =>
  Number(await pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`SELECT count(*) AS many FROM answers`));

test('whatever has gathered is forgotten in one go, but what is to be remembered', async () => {
  await insertAnswers(12_001, '2026-01-01T00:00:00Z');
  await insertAnswers(3, '2026-02-28T00:00:00Z');
  const housekeeping = startHousekeeping(pool, log, () => NOW);
  try {
    await expect.poll(countAnswers, { timeout: 20_000 }).toBe(3);
  } finally {
    await housekeeping.stop();
  }
});

test('when it is stopped it begins no other round', async () => {
  await insertAnswers(12_001, '2026-01-01T00:00:00Z');
  const before = await countAnswers();
  await startHousekeeping(pool, log, () => NOW).stop();
  expect(await countAnswers()).toBe(before - 5_000);
});
