import { z } from 'zod';
import { STATES } from '#workflows/battle/terms.ts';
import { type Note, notify } from '../notification/notify.ts';
import { sql, type Transaction } from '../pool.ts';
import { takingFor } from './taking.ts';

/** What the two of a battle are told in their inboxes and on their devices: whoever is asked may look elsewhere. */

const told = z.object({
  id: z.string(),
  status: z.enum(STATES),
  stream_id: z.string().nullable(),
  stake: z.bigint(),
  challenger_id: z.string(),
  challenger_handle: z.string(),
  opponent_id: z.string(),
  opponent_handle: z.string(),
  winner: z.enum(['challenger', 'opponent']).nullable(),
  fought: z.boolean(),
});
type Told = z.infer<typeof told>;

/** To whom it was said. */
export function challengedNote(battle: {
  id: string;
  challengerId: string;
  opponentId: string;
  streamId: string | null;
  durationSeconds: number;
  stake: bigint;
}): Note {
  const { id: battleId, challengerId, opponentId, streamId, durationSeconds, stake } = battle;
  return {
    ...{
      userId: opponentId,
      kind: 'battle_challenged' as const,
      key: `battle_challenged_${battleId}`,
      actorId: challengerId,
    },
    target: { type: 'battle', id: battleId },
    body:
      stake === 0n ? 'You have a minute to accept' : `Each of you puts up ${stake} TOKEN. You have a minute to accept`,
    data: { battleId, streamId, durationSeconds, stake: stake === 0n ? null : stake.toString() },
  };
}

/**
 * Notifies the two of battles that were accepted or are over, each once a battle and status, whichever workers do it.
 * What came and went before anybody looked is passed over. Whether there may be more. Last in its transaction.
 */
export async function noteBattles(transaction: Transaction, now: string, limit: number): Promise<boolean> {
  const rows = await transaction.any(sql.type(told)`
    WITH taken AS (${takingFor('noted', limit)})
    SELECT battles.process_id AS id, status, stream_id, stake, challenger_id, challenger.handle AS challenger_handle,
      opponent_id, opponent.handle AS opponent_handle, terms -> 'result' ->> 'winner' AS winner,
      started_at IS NOT NULL AS fought
    FROM taken JOIN battles ON battles.process_id = taken.process_id
    JOIN processes ON processes.id = battles.process_id
    JOIN users AS challenger ON challenger.id = challenger_id JOIN users AS opponent ON opponent.id = opponent_id
  `);
  await notify(transaction, rows.flatMap(notesOf), { now });
  return rows.length === limit;
}

function notesOf(battle: Told): Note[] {
  const { id: battleId, status, stream_id: streamId, challenger_id, opponent_id, opponent_handle } = battle;
  const about = { target: { type: 'battle', id: battleId }, data: { battleId, streamId, status } };
  if (status === 'running') {
    const key = `battle_accepted_${battleId}`;
    return [{ ...about, userId: challenger_id, kind: 'battle_accepted', key, actorId: opponent_id }];
  }
  const ended = { ...about, kind: 'battle_ended' as const, key: `battle_ended_${battleId}`, actorId: null };
  if (battle.fought) return [resultNote(battle, 'challenger', ended), resultNote(battle, 'opponent', ended)];
  // Of one that was not fought whoever did not end it is told.
  const back = stakeBack(battle);
  switch (status) {
    case 'declined':
      return [{ ...ended, userId: challenger_id, title: `@${opponent_handle} declined your battle`, body: back }];
    case 'expired':
      return [{ ...ended, userId: challenger_id, title: `@${opponent_handle} did not answer your battle`, body: back }];
    default:
      return [
        { ...ended, userId: opponent_id, title: `The battle with @${battle.challenger_handle} is off`, body: '' },
      ];
  }
}

type Side = 'challenger' | 'opponent';

function resultNote(battle: Told, side: Side, ended: Omit<Note, 'userId' | 'title' | 'body'>): Note {
  const { challenger_id, challenger_handle, opponent_id, opponent_handle, winner, status, stake } = battle;
  const [userId, other] = side === 'challenger' ? [challenger_id, opponent_handle] : [opponent_id, challenger_handle];
  const winnerId = winner === null ? null : winner === 'challenger' ? challenger_id : opponent_id;
  const note = { ...ended, userId, data: { ...ended.data, winnerId } };
  if (status === 'cancelled') {
    return { ...note, title: `Your battle with @${other} was called off`, body: stakeBack(battle) };
  }
  if (winner === null) return { ...note, title: `You and @${other} came out even`, body: stakeBack(battle) };
  if (winner !== side) return { ...note, title: `@${other} won your battle`, body: '' };
  const body = stake === 0n ? '' : `${2n * stake} TOKEN are yours`;
  return { ...note, title: `You won your battle with @${other}`, body };
}

function stakeBack({ stake }: Told): string {
  return stake === 0n ? '' : `Your ${stake} TOKEN are yours again`;
}
