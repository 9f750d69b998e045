/** Who wins a battle. */
import { OTHER, type Party, type Tallies, type Tally } from './terms.ts';

/** A vote and a token are a point each. */
export function pointsOf({ votes, tokens }: Tally): number {
  return votes + tokens;
}

/** Who has more points; null where both have as many. Whoever left has lost, whatever they have. */
export function winnerOf(tallies: Tallies, forfeitedBy: Party | null): Party | null {
  if (forfeitedBy !== null) return OTHER[forfeitedBy];
  const [ours, theirs] = [pointsOf(tallies.challenger), pointsOf(tallies.opponent)];
  if (ours === theirs) return null;
  return ours > theirs ? 'challenger' : 'opponent';
}

export const NO_TALLIES: Tallies = { challenger: { votes: 0, tokens: 0 }, opponent: { votes: 0, tokens: 0 } };
