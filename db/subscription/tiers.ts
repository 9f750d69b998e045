import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const tierRow = z.object({
  code: z.string(),
  name: z.string(),
  price: z.bigint().transform(Number),
  perks: z.array(z.string()),
});
export type TierRow = z.infer<typeof tierRow>;

/** What a creator sells by the month, in their order. */
export function listTiers(executor: Executor, creatorId: string): Promise<readonly TierRow[]> {
  return executor.any(sql.type(tierRow)`
    SELECT code, name, price, perks FROM subscription_tiers
    WHERE creator_id = ${creatorId} AND retired_at IS NULL ORDER BY place, code
  `);
}

/** One that is sold now. NOT_FOUND. */
export async function getTier(executor: Executor, creatorId: string, code: string): Promise<TierRow> {
  const found = await findTier(executor, creatorId, code);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such tier.');
  return found;
}

export function findTier(executor: Executor, creatorId: string, code: string): Promise<TierRow | null> {
  return executor.maybeOne(sql.type(tierRow)`
    SELECT code, name, price, perks FROM subscription_tiers
    WHERE creator_id = ${creatorId} AND code = ${code} AND retired_at IS NULL
  `);
}

/** These and no others are sold from now on. Whoever has another keeps it for as long as it is paid for. */
export async function putTiers(
  transaction: Transaction,
  creatorId: string,
  tiers: readonly TierRow[],
  now: string,
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE subscription_tiers SET retired_at = ${now}::timestamptz
    WHERE creator_id = ${creatorId} AND retired_at IS NULL AND code <> ALL(${sql.array(
      tiers.map(({ code }) => code),
      'text',
    )})
  `);
  const placed = tiers.map((tier, place) => ({ ...tier, place }));
  // In the order of their codes, as rows are locked.
  for (const { code, name, price, perks, place } of placed.sort((one, other) => (one.code < other.code ? -1 : 1))) {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO subscription_tiers AS kept (creator_id, code, name, price, perks, place, created_at, changed_at)
      VALUES (${creatorId}, ${code}, ${name}, ${price}, ${sql.array([...perks], 'text')}, ${place},
        ${now}::timestamptz, ${now}::timestamptz)
      ON CONFLICT (creator_id, code) DO UPDATE SET name = excluded.name, price = excluded.price, perks = excluded.perks,
        place = excluded.place, changed_at = excluded.changed_at, retired_at = NULL
    `);
  }
}
