import { z } from 'zod';
import { pointsOf } from '#workflows/battle/scoring.ts';
import { STATES } from '#workflows/battle/terms.ts';
import { type Executor, sql } from '../pool.ts';
import type { OpeningKind, Word } from '../stream/openings.ts';
import { TALLIES } from './battles.ts';
import { talliesOf } from './counting.ts';
import { takingFor } from './taking.ts';

/** A battle as what is open in a stream; what its rooms are told is told of those that are fought in none as well. */
export const battleOpening: OpeningKind = {
  closesBy: 'close',
  async takeStandings(executor, now, limit) {
    return [...(await takeChanged(executor, limit)), ...(await takeTallies(executor, now, limit))];
  },
  // Open from the invitation on, which is nobody's but the two's: they are told by the steps.
  lastWordOf: async () => null,
};

const changedRow = z.object({
  id: z.string(),
  stream_id: z.string().nullable(),
  challenger_id: z.string(),
  opponent_id: z.string(),
  status: z.enum(STATES),
  started_at: z.string().nullable(),
  ends_at: z.string().nullable(),
  winner: z.enum(['challenger', 'opponent']).nullable(),
  challenger_votes: z.bigint().transform(Number),
  challenger_tokens: z.bigint().transform(Number),
  opponent_votes: z.bigint().transform(Number),
  opponent_tokens: z.bigint().transform(Number),
});
type ChangedRow = z.infer<typeof changedRow>;

const CHANGED = sql.fragment`
  battles.process_id AS id, stream_id, challenger_id, opponent_id, status, started_at, ends_at,
  (SELECT terms -> 'result' ->> 'winner' FROM processes WHERE id = battles.process_id) AS winner, ${TALLIES}`;

/** Battles that have begun or are over, whose rooms have not been told so. */
async function takeChanged(executor: Executor, limit: number): Promise<Word[]> {
  const rows = await executor.any(sql.type(changedRow)`
    WITH taken AS (${takingFor('told', limit)})
    SELECT ${CHANGED} FROM battles JOIN taken ON taken.process_id = battles.process_id
  `);
  // Of one that was never fought nobody but the two has known.
  return rows.filter(({ started_at }) => started_at !== null).map(wordOf);
}

const standingRow = changedRow.extend({ told_points: z.array(z.bigint().transform(Number)) });

/** How those that run stand, where that is not what their rooms were told; each is looked at twice a second at most. */
async function takeTallies(executor: Executor, now: string, limit: number): Promise<Word[]> {
  const rows = await executor.any(sql.type(standingRow)`
    WITH battles AS (
      UPDATE battles SET looked_at = ${now}::timestamptz WHERE process_id IN (
        SELECT process_id FROM battles
        WHERE status = 'running' AND (looked_at IS NULL OR looked_at <= ${now}::timestamptz - interval '500 ms')
        ORDER BY looked_at NULLS FIRST LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
      ) RETURNING *
    )
    SELECT ${CHANGED}, told_points FROM battles
  `);
  const changed = rows.filter((row) => row.told_points.join() !== Object.values(pointsIn(row)).join());
  for (const row of changed) {
    await executor.query(sql.typeAlias('void')`
      UPDATE battles SET told_points = ${sql.array(Object.values(pointsIn(row)), 'int8')} WHERE process_id = ${row.id}
    `);
  }
  return changed.map((row) => ({
    rooms: roomsOf(row),
    name: 'battle_update',
    data: { battleId: row.id, tallies: pointsIn(row), endsAt: row.ends_at },
  }));
}

const roomsOf = ({ id, stream_id }: ChangedRow) => [
  `battle_${id}`,
  ...(stream_id === null ? [] : [`stream_${stream_id}`]),
];

function pointsIn(row: ChangedRow): Record<string, number> {
  const { challenger, opponent } = talliesOf(row);
  return { [row.challenger_id]: pointsOf(challenger), [row.opponent_id]: pointsOf(opponent) };
}

function wordOf(row: ChangedRow): Word {
  const { id, stream_id, status, challenger_id, opponent_id, ends_at, winner } = row;
  if (status === 'running') {
    const data = { battleId: id, participantIds: [challenger_id, opponent_id], streamId: stream_id, endsAt: ends_at };
    return { rooms: roomsOf(row), name: 'battle_start', data };
  }
  const winnerId = winner === null ? null : winner === 'challenger' ? challenger_id : opponent_id;
  return { rooms: roomsOf(row), name: 'battle_end', data: { battleId: id, status, winnerId, tallies: pointsIn(row) } };
}
