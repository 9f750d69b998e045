import type { Leg, Place, Process } from '#workflows/process/machine.ts';
import { type Account, accounts, type Leg as LedgerLeg } from '../money/ledger.ts';
import type { StoredProcess } from './stored.ts';

type Whose = Pick<StoredProcess, 'seats'> & { process: Pick<Process, 'id' | 'asset'> };

/** The account that a place is, for a process. Throws RangeError for a role that nobody has. */
function accountOf(place: Place, { process: { id, asset }, seats }: Whose): Account {
  switch (place) {
    case 'escrow':
      return accounts.escrow(id, asset);
    case 'fee':
      return accounts.fee(id, asset);
    case 'spent':
      return accounts.spent(id, asset);
    case 'refund':
      return accounts.refundClearing(id, asset);
    case 'payout':
      return accounts.payoutClearing(id, asset);
    default: {
      const [where, role = ''] = place.split(':');
      const userId = seats[role];
      if (!userId) throw new RangeError(`nobody is ${role} in ${id}`);
      return where === 'hold'
        ? { code: `hold/${userId}`, kind: 'hold', asset, ownerId: userId }
        : accounts.wallet(userId, asset);
    }
  }
}

/** Legs as the ledger takes them: each account once, however many places it is. */
export function accountsOf(legs: readonly Leg[], whose: Whose): LedgerLeg[] {
  const sums = new Map<string, LedgerLeg>();
  for (const { place, amount } of legs) {
    const account = accountOf(place, whose);
    const key = `${account.code} ${account.asset}`;
    sums.set(key, { account, amount: (sums.get(key)?.amount ?? 0n) + BigInt(amount) });
  }
  return [...sums.values()];
}
