import type { Entry } from '../case/queries.ts';
import { sum } from './amounts.ts';

/** Entries that moved together: they sum to zero. */
export type Transfer = { id: string; reason: string; at: string; legs: Entry[] };

/** Entries, oldest first → the transfers they are of. An entry's id begins with its transfer's. */
export function transfersOf(entries: readonly Entry[]): Transfer[] {
  const transfers = new Map<string, Transfer>();
  for (const entry of entries) {
    const id = entry.id.split('.')[0] ?? entry.id;
    const transfer = transfers.get(id) ?? { id, reason: entry.reason, at: entry.occurred_at, legs: [] };
    transfer.legs.push(entry);
    transfers.set(id, transfer);
  }
  // What is taken is read before what is given.
  for (const { legs } of transfers.values()) legs.sort((a, b) => Number(isGiven(a)) - Number(isGiven(b)));
  return [...transfers.values()];
}

function isGiven({ amount }: Entry): boolean {
  return !amount.startsWith('-');
}

/** What each kind of account has of a deal, in the order in which money reaches them. */
export function totalsOf(entries: readonly Entry[]): { account: string; asset: string; amount: string }[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.account} ${entry.asset}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((group) => {
    const { account, asset } = group[0] as Entry;
    return { account, asset, amount: sum(group.map(({ amount }) => amount)) };
  });
}
