import { z } from 'zod';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { type Gain, grantXp } from '../xp/granting.ts';

/** Experience for challenges that were won: their creators, and those who gave or voted in them. */

const open = z.object({ id: z.string() });

export function listUnrewarded(executor: Executor, limit: number): Promise<readonly { id: string }[]> {
  return executor.any(sql.type(open)`
    SELECT process_id AS id FROM challenges WHERE status = 'won' AND rewarded_at IS NULL ORDER BY process_id LIMIT ${limit}
  `);
}

const wonRow = z.object({ creator_id: z.string(), rewarded_up_to: z.string().nullable() });

/** Granted in one transaction: each locks a person. */
const CHUNK = 100;

/**
 * Grants the next of those who took part what they gain, each once. Null where another process does, or nothing is left;
 * else whether there are more. Last in its transaction.
 */
export async function rewardChallenge(
  transaction: Transaction,
  id: string,
  now: string,
): Promise<{ more: boolean } | null> {
  const won = await transaction.maybeOne(sql.type(wonRow)`
    SELECT creator_id, rewarded_up_to FROM challenges
    WHERE process_id = ${id} AND status = 'won' AND rewarded_at IS NULL FOR NO KEY UPDATE SKIP LOCKED
  `);
  if (!won) return null;
  const { creator_id, rewarded_up_to } = won;
  const some = await nextOfCrowd(transaction, id, rewarded_up_to);
  const more = some.length === CHUNK;
  await transaction.query(sql.typeAlias('void')`
    UPDATE challenges SET rewarded_up_to = coalesce(${some.at(-1) ?? null}::uuid, rewarded_up_to),
      rewarded_at = CASE WHEN ${more} THEN NULL ELSE ${now}::timestamptz END
    WHERE process_id = ${id}
  `);
  const people = rewarded_up_to === null ? [creator_id, ...some] : some;
  const gains = people.map((userId): Gain => ({ userId, action: 'challenge_won', about: id, many: 1 }));
  await announce(transaction, await grantXp(transaction, gains, now));
  return { more };
}

/** Those whose gifts or votes counted, by their ids. Who reacts and watches is known to nobody. */
function nextOfCrowd(executor: Executor, id: string, after: string | null): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    WITH won AS (SELECT * FROM challenges WHERE process_id = ${id})
    SELECT from_user_id AS id FROM won JOIN gift_events AS gift ON gift.stream_id = won.stream_id
    WHERE type = 'gifts' AND gift.created_at >= starts_at AND gift.created_at < coalesce(ended_at, ends_at)
      AND (${after}::uuid IS NULL OR from_user_id > ${after}::uuid)
    UNION
    SELECT user_id FROM won JOIN polls ON polls.stream_id = won.stream_id JOIN poll_votes ON poll_id = polls.process_id
    WHERE type = 'votes' AND at >= starts_at AND at < coalesce(won.ended_at, ends_at)
      AND (${after}::uuid IS NULL OR user_id > ${after}::uuid)
    ORDER BY id LIMIT ${CHUNK}
  `);
}
