import { stakeLegs } from '#workflows/battle/machine.ts';
import { asBattle, PARTIES } from '#workflows/battle/terms.ts';
import { Failure } from '#workflows/failures.ts';
import { transfer } from '../money/ledger.ts';
import { sql } from '../pool.ts';
import type { Prepare } from '../process/kind.ts';
import { accountsOf } from '../process/places.ts';

/**
 * What the opponent's acceptance needs: neither of the two is in another battle, and what they put up is set aside.
 * CONFLICT, INSUFFICIENT_FUNDS. Under the battle's lock, in the step's own transaction.
 */
export const acceptBattle: Prepare = async (transaction, { process, seats }, { now }) => {
  const { id, terms, state } = asBattle(process);
  if (state !== 'invited') return {};
  const two = PARTIES.map((party) => seats[party] as string).sort();
  // In the order of ids: of two battles with the same person one is accepted after the other.
  for (const userId of two) {
    await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`battling_${userId}`}, 0))`);
  }
  const isBusy = await transaction.exists(sql.typeAlias('void')`
    SELECT FROM battle_sides WHERE user_id = ANY(${sql.array(two, 'uuid')})
  `);
  if (isBusy) throw new Failure('CONFLICT', 'One of you is in a battle already.');
  const legs = stakeLegs('opponent', terms.stake);
  if (legs.length > 0) {
    await transfer(transaction, {
      ...{ key: `accepted_${id}`, reason: 'battle_accepted', conversationId: id, occurredAt: now },
      legs: accountsOf(legs, { process, seats }),
    });
  }
  return {};
};
