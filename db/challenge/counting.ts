import { z } from 'zod';
import { type ChallengeType, TYPES } from '#workflows/challenge/terms.ts';
import { announce } from '../event/announce.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

/** How far challenges are: from the rows that there are, or from what was seen of that which is none. */

/** By how many per cent a gift lifts what is counted after it in its stream, and until when. */
const BOOSTS = sql.fragment`
  SELECT created_at, (triggered -> 'payload' ->> 'percent')::integer AS percent,
    created_at + (triggered -> 'payload' ->> 'seconds')::integer * interval '1 s' AS until
  FROM gift_events
  WHERE stream_id = challenges.stream_id AND created_at > challenges.starts_at - interval '1 hour'
    AND triggered ->> 'action' = 'challenge_boost'`;

/** Tokens of gifts in its time, with the strongest boost that was on when each was given; rounded down. */
const GIFTS = sql.fragment`
  (WITH boosts AS MATERIALIZED (${BOOSTS})
  SELECT coalesce(sum(tokens * (100 + coalesce(
    (SELECT max(percent) FROM boosts WHERE boosts.created_at <= gift.created_at AND until > gift.created_at), 0))), 0)::bigint / 100
  FROM gift_events AS gift
  WHERE stream_id = challenges.stream_id AND created_at >= challenges.starts_at AND created_at < challenges.ends_at)`;

/** Votes in the stream's polls, in its time; of one that was changed the last. */
const VOTES = sql.fragment`
  (SELECT count(*) FROM polls JOIN poll_votes ON poll_id = polls.process_id
  WHERE polls.stream_id = challenges.stream_id AND at >= challenges.starts_at AND at < challenges.ends_at)`;

/** What is no row anywhere. */
const NOTED = sql.fragment`noted`;

const BY_TYPE: Record<ChallengeType, typeof NOTED> = {
  gifts: GIFTS,
  likes: NOTED,
  viewers: NOTED,
  votes: VOTES,
};

/** How far a challenge that is read from `challenges` is. */
export const PROGRESS = sql.fragment`
  CASE type ${sql.join(
    TYPES.map((type) => sql.fragment`WHEN ${type} THEN ${BY_TYPE[type]}`),
    sql.fragment` `,
  )} END`;

const progressRow = z.object({ progress: z.bigint().transform(Number) });

/** How far one is. */
export async function progressOf(executor: Executor, id: string): Promise<number> {
  const { progress } = await executor.one(sql.type(progressRow)`
    SELECT ${PROGRESS} AS progress FROM challenges WHERE process_id = ${id}
  `);
  return progress;
}

const dueRow = z.object({
  id: z.string(),
  stream_id: z.string(),
  creator_id: z.string(),
  type: z.enum(TYPES),
  target: z.bigint().transform(Number),
  told: z.bigint().transform(Number),
  counter: z.bigint().transform(Number).nullable(),
});
export type DueChallenge = z.infer<typeof dueRow>;

/** Open challenges that are to be looked at: each twice a second at most, by whoever takes it first. */
export function takeDue(executor: Executor, now: string, limit: number): Promise<readonly DueChallenge[]> {
  return executor.any(sql.type(dueRow)`
    UPDATE challenges SET looked_at = ${now}::timestamptz WHERE process_id IN (
      SELECT process_id FROM challenges
      WHERE status = 'open' AND (looked_at IS NULL OR looked_at <= ${now}::timestamptz - interval '500 ms')
      ORDER BY looked_at NULLS FIRST LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING process_id AS id, stream_id, creator_id, type, target, progress AS told, counter
  `);
}

/** So many watch at once: the most of them counts. */
export async function noteViewers(executor: Executor, id: string, viewers: number): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE challenges SET noted = ${viewers}::bigint
    WHERE process_id = ${id} AND status = 'open' AND noted < ${viewers}::bigint
  `);
}

/**
 * The count of a stream's reactions stands there now: what came since it was looked at counts, lifted by the boost that
 * is on. A count that is less than it was has begun anew. Nothing where somebody else has looked meanwhile.
 */
export async function noteLikes(
  executor: Executor,
  { id, counter }: Pick<DueChallenge, 'id' | 'counter'>,
  count: number,
  now: string,
): Promise<void> {
  const came = counter === null ? 0 : count < counter ? count : count - counter;
  await executor.query(sql.typeAlias('void')`
    UPDATE challenges SET counter = ${count}::bigint, noted = noted + ${came}::bigint * (100 + coalesce((
      SELECT max(percent) FROM (${BOOSTS}) AS boosts
      WHERE boosts.created_at <= ${now}::timestamptz AND until > ${now}::timestamptz), 0)) / 100
    WHERE process_id = ${id} AND status = 'open' AND counter IS NOT DISTINCT FROM ${counter}::bigint
  `);
}

/** At each of these parts of the way its creator is told for good; everybody else hears it as it goes. */
const PARTS = 4;

/** Keeps how far one is, where that is not what was told. The creator hears of each quarter. False where it is the same. */
export async function noteProgress(pool: Pool, due: DueChallenge, progress: number): Promise<boolean> {
  const { id, stream_id: streamId, creator_id, target, told } = due;
  if (progress === told) return false;
  const part = (many: number) => Math.min(PARTS, Math.floor((PARTS * many) / target));
  return pool.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      UPDATE challenges SET progress = ${progress}::bigint
      WHERE process_id = ${id} AND status = 'open' AND progress = ${told}::bigint
    `);
    if (rowCount === 0) return false;
    const data = { streamId, challengeId: id, progress, target };
    if (part(progress) > part(told)) {
      await announce(transaction, [{ user_id: creator_id, name: 'challenge:update', data }]);
    }
    return true;
  });
}
