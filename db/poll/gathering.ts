import type { Failure } from '#workflows/failures.ts';
import { asNewcomer } from '../line.ts';
import type { Pool } from '../pool.ts';
import { type Ballot, castVotes, type Voted } from './voting.ts';

/** Votes of one statement at most: longer ones make those that come meanwhile wait longer than they save. */
const MOST = 128;
/** Statements under way. */
const LANES = 2;

type Waiting = { ballot: Ballot; since: number; settle: (outcome: Voted | Error) => void };

/** As `vote`, where many vote at once. */
export type BallotBox = { cast(ballot: Ballot): Promise<Voted> };

/**
 * Casts votes that come at the same time together: what comes while a statement is under way goes with the next, one of
 * each person. Alone a vote goes at once.
 */
export function createBallotBox(pool: Pool, now: () => string): BallotBox {
  // Many are asked for as one: who votes stands in a line of their own.
  const line = pool.line?.beside();
  const voting = new Set<string>();
  let waiting: Waiting[] = [];
  let underWay = 0;

  function depart(): void {
    while (underWay < LANES) {
      const group = take();
      if (group.length === 0) return;
      underWay += 1;
      void count(group);
    }
  }

  /** The first that wait, of each person one: so that their last vote is the one that counts. */
  function take(): Waiting[] {
    const group: Waiting[] = [];
    waiting = waiting.filter((each) => {
      const { id } = each.ballot.reader;
      if (voting.has(id) || group.length === MOST) return true;
      voting.add(id);
      group.push(each);
      return false;
    });
    return group;
  }

  async function count(group: readonly Waiting[]): Promise<void> {
    try {
      const ballots = group.map(({ ballot }) => ballot);
      const outcomes = await asNewcomer({ served: true }, () => castVotes(pool, ballots, now()));
      for (const [place, { settle }] of group.entries()) settle(outcomes[place] as Voted | Failure);
    } catch (error) {
      // Nobody knows whether they are counted: each may vote again, and their last one counts.
      for (const { settle } of group) settle(error as Error);
    }
    for (const { ballot } of group) voting.delete(ballot.reader.id);
    underWay -= 1;
    line?.moved(group.length, waiting.length, waiting[0] ? performance.now() - waiting[0].since : 0);
    depart();
  }

  return {
    cast: (ballot) =>
      new Promise((resolve, reject) => {
        line?.admit(waiting.length);
        const settle = (outcome: Voted | Error) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
        waiting.push({ ballot, since: performance.now(), settle });
        depart();
      }),
  };
}
