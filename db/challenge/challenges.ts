import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { asChallenge, type ChallengeOpening, STATES, TYPES } from '#workflows/challenge/terms.ts';
import { startOf } from '#workflows/challenge/view.ts';
import { Failure } from '#workflows/failures.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { keepOpening } from '../stream/openings.ts';
import { requireCreator } from '../stream/streams.ts';
import { PROGRESS } from './counting.ts';

export type NewChallenge = {
  creatorId: string;
  opened: ChallengeOpening;
  /** What they promise, in their words. */
  reward: string | null;
  /** Of likes: where the stream's count of them stands; null where nobody knows. */
  counter: number | null;
  now: string;
};

/**
 * Opens a challenge in a stream, by its creator alone, and tells them. Its id. NOT_FOUND; FLOW_STATE_INVALID where the
 * stream is not live; CONFLICT where another is open in it. Last in its transaction.
 */
export async function openChallenge(transaction: Transaction, challenge: NewChallenge): Promise<string> {
  const { creatorId, opened, reward, counter, now } = challenge;
  const { stream_id, type, target, lasts } = opened;
  await requireCreator(transaction, stream_id, creatorId);
  const id = uuid();
  const process = await openProcess(transaction, {
    ...{ id, kind: 'challenge', by: creatorId, variant: null, opened, held: '0', asset: 'TOKEN', now },
    seats: { creator: creatorId },
  });
  const word = { name: 'challenge:start' as const, data: startOf(asChallenge(process), reward) };
  await keepOpening(transaction, { processId: id, kind: 'challenge', streamId: stream_id, word, now });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO challenges (process_id, stream_id, creator_id, type, target, reward, starts_at, ends_at, counter)
    VALUES (${id}, ${stream_id}, ${creatorId}, ${type}, ${target}, ${reward}, ${now}::timestamptz,
      ${now}::timestamptz + ${lasts} * interval '1 ms', ${counter})
  `);
  await announce(transaction, [{ user_id: creatorId, ...word }]);
  return id;
}

const challengeRow = z.object({
  id: z.string(),
  stream_id: z.string(),
  type: z.enum(TYPES),
  target: z.bigint().transform(Number),
  progress: z.bigint().transform(Number),
  reward: z.string().nullable(),
  status: z.enum(STATES),
  starts_at: z.string(),
  ends_at: z.string(),
  ended_at: z.string().nullable(),
});
export type ChallengeRow = z.infer<typeof challengeRow>;

const CHALLENGE = sql.fragment`
  process_id AS id, stream_id, type, target, reward, status, starts_at, ends_at, ended_at,
  CASE status WHEN 'open' THEN ${PROGRESS} ELSE progress END AS progress`;

/** A stream's challenges, the latest first. */
export function listChallenges(
  executor: Executor,
  streamId: string,
  { limit, before }: { limit: number; before: string | null },
): Promise<readonly ChallengeRow[]> {
  return executor.any(sql.type(challengeRow)`
    SELECT ${CHALLENGE} FROM challenges
    WHERE stream_id = ${streamId} AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
}

/** The one that is open in a stream; null where none is. */
export function findOpenChallenge(executor: Executor, streamId: string): Promise<ChallengeRow | null> {
  return executor.maybeOne(sql.type(challengeRow)`
    SELECT ${CHALLENGE} FROM challenges
    WHERE status = 'open' AND process_id = (
      SELECT process_id FROM stream_openings WHERE stream_id = ${streamId} AND kind = 'challenge' AND closed_at IS NULL)
  `);
}

export async function getChallenge(executor: Executor, id: string): Promise<ChallengeRow> {
  return executor.one(sql.type(challengeRow)`SELECT ${CHALLENGE} FROM challenges WHERE process_id = ${id}`);
}

/** NOT_FOUND where it is none of this stream, or that is not the creator's. */
export async function requireChallenge(
  executor: Executor,
  { id, streamId, creatorId }: { id: string; streamId: string; creatorId: string | null },
): Promise<void> {
  const isTheirs = await executor.exists(sql.typeAlias('void')`
    SELECT FROM challenges WHERE process_id = ${id} AND stream_id = ${streamId}
      AND (${creatorId}::uuid IS NULL OR creator_id = ${creatorId}::uuid)
  `);
  if (!isTheirs) throw new Failure('NOT_FOUND', 'There is no such challenge.');
}
