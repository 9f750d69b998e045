import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBoost } from '#db/boost/boosts.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { newUser, SYSTEM } from '#db/deal/testing/dealing.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { findProcess } from '#db/process/processes.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startBoosts } from './boosts.ts';

// Boosts whose workflows come to nothing, as no Temporal is here at all.

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 8 });
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

/** One that ends so long from now, in ms. */
async function boost(leftMs: number): Promise<string> {
  const boosterId = await newUser(pool, 'influencer');
  const lasts = 3_600_000;
  const now = new Date(Date.now() + leftMs - lasts).toISOString();
  await pool.transaction((transaction) =>
    earnCredits(transaction, { userId: boosterId, amount: 10n, reason: 'a test', now }),
  );
  const opened = { target: 'profile' as const, target_id: boosterId, duration: 1, lasts };
  const { id } = await pool.transaction((transaction) =>
    openBoost(transaction, { boosterId, amount: 10n, opened, now }),
  );
  return id;
}

test('boosts whose workflows do not end them end in their time, each once however many workers look, and no others', async () => {
  const over = await Promise.all(Array.from({ length: 40 }, () => boost(-1_000)));
  const open = await boost(3_600_000);
  const ended = new Map<string, number>();
  const rung = Promise.withResolvers<void>();
  const ring = (id: string) => {
    ended.set(id, (ended.get(id) ?? 0) + 1);
    if (ended.size === over.length) rung.resolve();
  };
  const log = pino({ level: 'silent' });
  const workers = [1, 2].map(() => startBoosts({ pool, ring, systemUserId: SYSTEM, log, now: () => new Date() }));
  await rung.promise;
  await Promise.all(workers.map((worker) => worker.stop()));
  expect([...ended.keys()].sort()).toEqual([...over].sort());
  expect(new Set(ended.values())).toEqual(new Set([1]));
  for (const id of over) expect((await findProcess(pool, id))?.process).toMatchObject({ state: 'expired', version: 1 });
  expect((await findProcess(pool, open))?.process.state).toBe('active');
});
