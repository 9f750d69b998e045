import type { BattleRow } from '#db/battle/battles.ts';
import { talliesOf } from '#db/battle/counting.ts';
import type { BattleView } from '#workflows/battle/contract.ts';
import { pointsOf } from '#workflows/battle/scoring.ts';
import type { Party } from '#workflows/battle/terms.ts';

/** A battle as whoever may know of it sees it. */
export function viewBattle(row: BattleRow): BattleView {
  const { id, status, stream_id, lasts, stake, deadline, started_at, ended_at, created_at, my_vote } = row;
  const people: Record<Party, { id: string; handle: string }> = {
    challenger: { id: row.challenger_id, handle: row.challenger_handle },
    opponent: { id: row.opponent_id, handle: row.opponent_handle },
  };
  const tallies = talliesOf(row);
  const idOf = (party: Party | null) => (party === null ? null : people[party].id);
  const seen = (party: Party) => ({ ...people[party], ...tallies[party], points: pointsOf(tallies[party]) });
  return {
    ...{ id, status, stream_id, duration_seconds: lasts / 1_000, deadline, started_at, ended_at, created_at, my_vote },
    ...{ challenger: seen('challenger'), opponent: seen('opponent') },
    stake: stake === 0n ? null : { asset: 'TOKEN', amount: stake.toString() },
    ...{ winner_id: idOf(row.winner), forfeited_by: idOf(row.forfeited_by) },
  };
}
