/** How a battle's process is seen by who gave it a command, and what is announced of it. */
import type { BattleEvents, BattleStanding } from './contract.ts';
import { battleMachine } from './machine.ts';
import { pointsOf } from './scoring.ts';
import { type Battle, PARTIES, type Party, type Tallies } from './terms.ts';

type Seats = Readonly<Record<Party, string>>;

export function viewStanding(battle: Battle): BattleStanding {
  const { id, state, entered_at } = battle;
  return { id, status: state, since: entered_at, deadline: battleMachine.deadlineOf(battle) };
}

/** Points by who has them, as pages have it. */
function pointsBy(seats: Seats, tallies: Tallies): Record<string, number> {
  return Object.fromEntries(PARTIES.map((party) => [seats[party], pointsOf(tallies[party])]));
}

export function startOf(battle: Battle, seats: Seats): BattleEvents['battle_start'] {
  return {
    ...{ battleId: battle.id, participantIds: PARTIES.map((party) => seats[party]), streamId: battle.terms.stream_id },
    endsAt: battleMachine.deadlineOf(battle) ?? battle.entered_at,
  };
}

export function endOf({ id, state, terms: { result } }: Battle, seats: Seats): BattleEvents['battle_end'] {
  return {
    ...{ battleId: id, status: state, winnerId: result?.winner ? seats[result.winner] : null },
    tallies: result ? pointsBy(seats, result.tallies) : {},
  };
}
