import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { stakeLegs } from '#workflows/battle/machine.ts';
import { type BattleOpening, STATES } from '#workflows/battle/terms.ts';
import { Failure } from '#workflows/failures.ts';
import type { Process } from '#workflows/process/machine.ts';
import { notify } from '../notification/notify.ts';
import { refuseBlocked } from '../people/blocks.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { shareProcesses } from '../process/locks.ts';
import { openProcess } from '../process/opening.ts';
import { keepOpening } from '../stream/openings.ts';
import { requireCreator } from '../stream/streams.ts';
import { FROM_STREAMS, knownTo, watchableBy } from '../stream/watching.ts';
import { challengedNote } from './noting.ts';

export type NewBattle = {
  challenger: { id: string; handle: string };
  opponentId: string;
  /** TOKEN, of each of the two; 0: for nothing. */
  stake: bigint;
  opened: BattleOpening;
  now: string;
};

/**
 * Asks somebody to a battle, with what the challenger puts up set aside in the same transaction, and tells them.
 * FORBIDDEN (oneself, or whom one has blocked), NOT_FOUND (nobody, or a stream that is not one's own), FLOW_STATE_INVALID (the stream is not live),
 * CONFLICT (there is another in it), INSUFFICIENT_FUNDS. Last in its transaction.
 */
export async function openBattle(transaction: Transaction, battle: NewBattle): Promise<Process> {
  const { challenger, opponentId, stake, opened, now } = battle;
  if (opponentId === challenger.id) throw new Failure('FORBIDDEN', 'Nobody battles themselves.');
  await requireOpponent(transaction, challenger.id, opponentId);
  const id = uuid();
  if (opened.stream_id !== null) {
    await requireCreator(transaction, opened.stream_id, challenger.id);
    // Before what is set aside, in the order of locks.
    await shareProcesses(transaction, [opened.stream_id]);
  }
  const process = await openProcess(transaction, {
    ...{ id, kind: 'battle', by: challenger.id, variant: null, opened, held: stake.toString(), asset: 'TOKEN', now },
    seats: { challenger: challenger.id, opponent: opponentId },
    legs: stakeLegs('challenger', stake.toString()),
  });
  if (opened.stream_id !== null) {
    await keepOpening(transaction, { processId: id, kind: 'battle', streamId: opened.stream_id, word: null, now });
  }
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO battles (process_id, challenger_id, opponent_id, stream_id, stake, created_at)
    VALUES (${id}, ${challenger.id}, ${opponentId}, ${opened.stream_id}, ${stake}, ${now}::timestamptz)
  `);
  const invite = { user_id: opponentId, name: 'battle_invite' as const, data: inviteOf(id, battle) };
  await notify(transaction, [noteFor(id, battle)], { now, beside: [invite] });
  return process;
}

function noteFor(id: string, { challenger, opponentId, stake, opened }: NewBattle) {
  const { stream_id: streamId, lasts } = opened;
  return challengedNote({
    id,
    challengerId: challenger.id,
    opponentId,
    streamId,
    durationSeconds: lasts / 1_000,
    stake,
  });
}

function inviteOf(battleId: string, { challenger, stake, opened, now }: NewBattle) {
  return {
    ...{ battleId, challengerId: challenger.id, challengerHandle: challenger.handle, streamId: opened.stream_id },
    durationSeconds: opened.lasts / 1_000,
    stake: stake === 0n ? null : stake.toString(),
    answerBy: new Date(Date.parse(now) + opened.answer_within).toISOString(),
  };
}

async function requireOpponent(executor: Executor, userId: string, opponentId: string): Promise<void> {
  const isThere = await executor.exists(sql.typeAlias('void')`
    SELECT FROM users WHERE id = ${opponentId} AND deleted_at IS NULL
  `);
  if (!isThere) throw new Failure('NOT_FOUND', 'There is no such user.');
  await refuseBlocked(executor, userId, opponentId);
}

const battleRow = z.object({
  id: z.string(),
  challenger_id: z.string(),
  challenger_handle: z.string(),
  opponent_id: z.string(),
  opponent_handle: z.string(),
  stream_id: z.string().nullable(),
  stake: z.bigint(),
  status: z.enum(STATES),
  lasts: z.number(),
  deadline: z.string().nullable(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  created_at: z.string(),
  winner: z.enum(['challenger', 'opponent']).nullable(),
  forfeited_by: z.enum(['challenger', 'opponent']).nullable(),
  challenger_votes: z.bigint().transform(Number),
  challenger_tokens: z.bigint().transform(Number),
  opponent_votes: z.bigint().transform(Number),
  opponent_tokens: z.bigint().transform(Number),
  my_vote: z.string().nullable(),
});
export type BattleRow = z.infer<typeof battleRow>;

const votesFor = (of: 'challenger_id' | 'opponent_id') => sql.fragment`
  (SELECT count(*) FROM battle_votes
    WHERE battle_id = battles.process_id AND participant_id = battles.${sql.identifier([of])})`;
const tokensOf = (of: 'challenger_id' | 'opponent_id') => sql.fragment`
  (SELECT coalesce(sum(tokens), 0)::bigint FROM battle_gifts
    WHERE battle_id = battles.process_id AND participant_id = battles.${sql.identifier([of])})`;

/** What the two have, of each battle that is read from `battles`. */
export const TALLIES = sql.fragment`
  ${votesFor('challenger_id')} AS challenger_votes, ${tokensOf('challenger_id')} AS challenger_tokens,
  ${votesFor('opponent_id')} AS opponent_votes, ${tokensOf('opponent_id')} AS opponent_tokens`;

const battleColumns = (readerId: string) => sql.fragment`
  battles.process_id AS id, challenger_id, challenger.handle AS challenger_handle, opponent_id,
  opponent.handle AS opponent_handle, battles.stream_id, stake, status, (terms ->> 'lasts')::float8 AS lasts, deadline,
  started_at, ended_at, battles.created_at, terms -> 'result' ->> 'winner' AS winner,
  terms -> 'result' ->> 'forfeited_by' AS forfeited_by, ${TALLIES},
  (SELECT participant_id FROM battle_votes WHERE battle_id = battles.process_id AND voter_id = ${readerId}) AS my_vote`;

const FROM_BATTLES = sql.fragment`
  battles JOIN processes ON processes.id = battles.process_id
  JOIN users AS challenger ON challenger.id = challenger_id JOIN users AS opponent ON opponent.id = opponent_id`;

/**
 * Whom a battle may be known to: the two; and once it has begun whoever may watch its stream, or, where it is fought in
 * none, may know of both.
 */
const seenBy = (readerId: string) => sql.fragment`
  (${readerId} IN (challenger_id, opponent_id) OR (started_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM users AS creator
      WHERE creator.id IN (challenger_id, opponent_id) AND NOT ${knownTo(readerId)})
    AND (battles.stream_id IS NULL OR EXISTS (
      SELECT FROM ${FROM_STREAMS} WHERE streams.process_id = battles.stream_id AND ${watchableBy(readerId)}))))`;

/** Whether somebody may know of a battle, and so be in its room. False where there is none. */
export function maySeeBattle(executor: Executor, id: string, readerId: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM battles WHERE process_id = ${id} AND ${seenBy(readerId)}
  `);
}

/** A battle that the reader may know of. NOT_FOUND. */
export async function getBattle(
  executor: Executor,
  id: string,
  reader: { id: string; isAdmin: boolean },
): Promise<BattleRow> {
  const found = await executor.maybeOne(sql.type(battleRow)`
    SELECT ${battleColumns(reader.id)} FROM ${FROM_BATTLES}
    WHERE battles.process_id = ${id} AND (${reader.isAdmin} OR ${seenBy(reader.id)})
  `);
  if (!found) throw noBattle();
  return found;
}

/** Somebody's own, the newest first. */
export function listBattles(
  executor: Executor,
  userId: string,
  { status, limit, before }: { status: string | null; limit: number; before: string | null },
): Promise<readonly BattleRow[]> {
  return executor.any(sql.type(battleRow)`
    SELECT ${battleColumns(userId)} FROM ${FROM_BATTLES}
    WHERE (challenger_id = ${userId} OR opponent_id = ${userId})
      AND (${status}::text IS NULL OR status = ${status}) AND (${before}::uuid IS NULL OR battles.process_id < ${before}::uuid)
    ORDER BY battles.process_id DESC LIMIT ${limit}
  `);
}

/** The one that runs in a stream, as somebody sees it who may watch that; null where none does. */
export function findBattleIn(executor: Executor, streamId: string, readerId: string): Promise<BattleRow | null> {
  return executor.maybeOne(sql.type(battleRow)`
    SELECT ${battleColumns(readerId)} FROM ${FROM_BATTLES}
    WHERE status = 'running' AND battles.process_id = (
      SELECT process_id FROM stream_openings WHERE stream_id = ${streamId} AND kind = 'battle' AND closed_at IS NULL)
  `);
}

export function noBattle(): Failure {
  return new Failure('NOT_FOUND', 'There is no such battle.');
}
