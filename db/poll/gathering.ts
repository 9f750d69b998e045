import { createGatherer } from '../gathering.ts';
import { asNewcomer } from '../line.ts';
import type { Pool } from '../pool.ts';
import { type Ballot, castVotes, type Voted } from './voting.ts';

/** Votes of one statement at most. */
const MOST = 128;
/** Statements under way. */
const LANES = 2;

/** As `vote`, where many vote at once. */
export type BallotBox = { cast(ballot: Ballot): Promise<Voted> };

/**
 * Casts votes that come at the same time together, so that somebody's last one counts. Where a statement fails nobody
 * knows whether they are counted: each may vote again.
 */
export function createBallotBox(pool: Pool, now: () => string): BallotBox {
  return {
    cast: createGatherer<Ballot, Voted>({
      ...{ pool, most: MOST, lanes: LANES },
      personOf: ({ reader }) => reader.id,
      // Those it is asked for were let in already.
      write: (ballots) => asNewcomer({ served: true }, () => castVotes(pool, ballots, now())),
    }),
  };
}
