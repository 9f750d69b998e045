import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { giftCreation } from '#workflows/gift/contract.ts';
import { COMMAND_ACTIONS, RARITIES } from '#workflows/gift/giving.ts';
import { brokenConstraint, type Executor, type Pool, sql } from '../pool.ts';

const giftRow = z.object({
  code: z.string(),
  name: z.string(),
  token_cost: z.bigint().transform(Number),
  animation_key: z.string(),
  rarity: z.enum(RARITIES),
  command_action: z.enum(COMMAND_ACTIONS).nullable(),
  cooldown_seconds: z.int(),
  enabled: z.boolean(),
});
export type GiftRow = z.infer<typeof giftRow>;
export type NewGift = z.output<typeof giftCreation>;

const GIFT = sql.fragment`
  code, name, token_cost, animation_key, rarity, command_action, cooldown_seconds, enabled`;

const seeds = z.array(giftCreation);

/** Writes the file of gifts, once in the life of a database: what is changed or taken out later stays so. */
export async function seedGifts(pool: Pool, now: string): Promise<void> {
  await pool.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      INSERT INTO gift_seedings (at) VALUES (${now}::timestamptz) ON CONFLICT DO NOTHING
    `);
    if (rowCount === 0) return;
    const gifts = seeds.parse(JSON.parse(readFileSync(new URL('catalogue.json', import.meta.url), 'utf8')));
    for (const gift of gifts) await insertGift(transaction, gift, now);
  });
}

/** CONFLICT where there is one of this code. */
export async function insertGift(executor: Executor, gift: NewGift, now: string): Promise<GiftRow> {
  const { code, name, tokenCost, animationKey, rarity, commandAction = null, cooldownSeconds } = gift;
  try {
    return await executor.one(sql.type(giftRow)`
      INSERT INTO gifts (code, name, token_cost, animation_key, rarity, command_action, cooldown_seconds, created_at)
      VALUES (${code}, ${name}, ${tokenCost}, ${animationKey}, ${rarity}, ${commandAction}, ${cooldownSeconds},
        ${now}::timestamptz)
      RETURNING ${GIFT}
    `);
  } catch (error) {
    if (brokenConstraint(error) !== 'gifts_pkey') throw error;
    throw new Failure('CONFLICT', 'There is a gift of this code.', { details: { field: 'code' }, cause: error });
  }
}

export type GiftChange = { [Field in Exclude<keyof NewGift, 'code'>]?: NewGift[Field] | undefined } & {
  enabled?: boolean | undefined;
};

/** Changes a gift: what was given before stays as it was. NOT_FOUND. */
export async function changeGift(executor: Executor, code: string, change: GiftChange): Promise<GiftRow> {
  const { name = null, tokenCost = null, animationKey = null, rarity = null, commandAction } = change;
  const { cooldownSeconds = null, enabled = null } = change;
  const changed = await executor.maybeOne(sql.type(giftRow)`
    UPDATE gifts SET name = coalesce(${name}, name), token_cost = coalesce(${tokenCost}::bigint, token_cost),
      animation_key = coalesce(${animationKey}, animation_key), rarity = coalesce(${rarity}, rarity),
      command_action = CASE WHEN ${commandAction !== undefined} THEN ${commandAction ?? null}::text ELSE command_action END,
      cooldown_seconds = coalesce(${cooldownSeconds}::integer, cooldown_seconds),
      enabled = coalesce(${enabled}::boolean, enabled)
    WHERE code = ${code} RETURNING ${GIFT}
  `);
  if (!changed) throw noGift();
  return changed;
}

/** What may be given, the cheapest first. */
export function listGifts(executor: Executor): Promise<readonly GiftRow[]> {
  return executor.any(sql.type(giftRow)`SELECT ${GIFT} FROM gifts WHERE enabled ORDER BY token_cost, code`);
}

export function noGift(): Failure {
  return new Failure('NOT_FOUND', 'There is no such gift.');
}
