import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { damageOf } from './testing/damage.ts';
import { DEFECTS, defect } from './testing/defects.ts';
import { LAWS } from './testing/laws.ts';

// The fifteen that ledgers are judged by, each under its name. What damages books is in books.int.test.ts.

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 12 });
});
afterAll(async () => {
  await pool?.end();
});

const names = Object.keys(LAWS);

test.each(names)('%s', async (law) => {
  await LAWS[law]?.(pool);
});

test('and all invariants of the ledger hold after them', async () => {
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  expect(broken.filter((name) => name in damageOf('', '', ''))).toEqual([]);
});

/** Laws that a ledger offends. */
async function offended(ledger: Pool): Promise<string[]> {
  const found: string[] = [];
  for (const law of names) {
    const kept = await LAWS[law]?.(ledger).then(
      () => true,
      () => false,
    );
    if (!kept) found.push(law);
  }
  return found;
}

describe('a ledger with a defect offends one of them, and no other', () => {
  test('there is a defect for each', () => {
    expect(names).toHaveLength(15);
    expect(Object.keys(DEFECTS)).toEqual(names);
  });

  test.each(names)('%s', async (law) => {
    const ledger = createPool(await createTestDatabase(), { size: 12 });
    try {
      await defect(ledger, DEFECTS[law] ?? {});
      expect(await offended(ledger)).toEqual([law]);
    } finally {
      await ledger.end();
    }
  });
});
