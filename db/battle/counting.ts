import { z } from 'zod';
import type { Party, Tallies } from '#workflows/battle/terms.ts';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql } from '../pool.ts';
import { noBattle, TALLIES } from './battles.ts';

/** What counts in a battle: a vote of each who watches, and gifts to the two, which the gift's own transaction counts. */

const two = z.object({ challenger_id: z.string(), opponent_id: z.string(), status: z.string() });
const outcome = z.object({ outcome: z.enum(['counted', 'again', 'other', 'over']) });

/**
 * Votes for one of the two, of somebody who may see the battle; the same again changes nothing. FORBIDDEN (one of the
 * two), VALIDATION_FAILED (for neither), FLOW_STATE_INVALID (it does not run, or its time is up), CONFLICT (for the other before).
 */
export async function voteInBattle(
  executor: Executor,
  { battleId, voterId, participantId, now }: { battleId: string; voterId: string; participantId: string; now: string },
): Promise<void> {
  const battle = await executor.maybeOne(sql.type(two)`
    SELECT challenger_id, opponent_id, status FROM battles WHERE process_id = ${battleId}
  `);
  if (!battle) throw noBattle();
  const participants = [battle.challenger_id, battle.opponent_id];
  if (participants.includes(voterId)) throw new Failure('FORBIDDEN', 'The two do not vote in their own battle.');
  if (!participants.includes(participantId)) {
    throw new Failure('VALIDATION_FAILED', 'One votes for one of the two.', {
      details: { fields: [{ field: 'participantId', problem: 'is none of the two' }] },
    });
  }
  const { outcome: came } = await executor.one(sql.type(outcome)`
    SELECT vote_in_battle(${battleId}, ${voterId}, ${participantId}, ${now}::timestamptz) AS outcome
  `);
  if (came === 'other') throw new Failure('CONFLICT', 'You have voted for the other one. A vote is not changed.');
  if (came !== 'over') return;
  const current = battle.status === 'running' ? 'ended' : battle.status;
  throw new Failure('FLOW_STATE_INVALID', 'One votes while the battle runs.', {
    details: { current_state: current, required_state: 'running', required_states: ['running'] },
  });
}

const talliesRow = z.object({
  challenger_votes: z.bigint().transform(Number),
  challenger_tokens: z.bigint().transform(Number),
  opponent_votes: z.bigint().transform(Number),
  opponent_tokens: z.bigint().transform(Number),
});
type TalliesRow = z.infer<typeof talliesRow>;

export function talliesOf(row: TalliesRow): Tallies {
  return {
    challenger: { votes: row.challenger_votes, tokens: row.challenger_tokens },
    opponent: { votes: row.opponent_votes, tokens: row.opponent_tokens },
  };
}

/**
 * Closes the counting for good, once what is being counted is committed, and answers what the two have. Before anything
 * that others wait for is locked after the process.
 */
export async function countOut(executor: Executor, battleId: string, now: string): Promise<Tallies> {
  await executor.query(sql.typeAlias('void')`SELECT FROM close_battle(${battleId}, ${now}::timestamptz)`);
  // A statement of its own, which sees what was committed before it was closed.
  const row = await executor.one(sql.type(talliesRow)`SELECT ${TALLIES} FROM battles WHERE process_id = ${battleId}`);
  return talliesOf(row);
}

/** Whose stream it is that a battle is fought in. */
export async function hostOf(executor: Executor, battleId: string): Promise<Party | null> {
  const row = await executor.maybeOne(sql.type(z.object({ host: z.enum(['challenger', 'opponent']).nullable() }))`
    SELECT CASE creator_id WHEN challenger_id THEN 'challenger' WHEN opponent_id THEN 'opponent' END AS host
    FROM battles JOIN streams ON streams.process_id = stream_id WHERE battles.process_id = ${battleId}
  `);
  return row?.host ?? null;
}
