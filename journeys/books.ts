import { expect } from 'vitest';
import { listDealEntries } from '#db/money/ledger.ts';
import { listOpenPromises } from '#db/process/processes.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import type { Parts } from './parts.ts';
import { until } from './person.ts';

/** What a deal's entries add up to, in paise, per kind of account; accounts that are even are left out. */
export async function moneyOf(place: Parts, dealId: string): Promise<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const { account, amount } of await listDealEntries(place.pool, dealId)) {
    const kind = account.split('/')[0] as string;
    sums[kind] = (sums[kind] ?? 0n) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}

/** Waits until nothing is promised any more; then the deal's own accounts are empty. Answers where its money went. */
export async function untilSettled(place: Parts, dealId: string, withinMs?: number): Promise<Record<string, bigint>> {
  await until(
    () => listOpenPromises(place.pool, dealId),
    (open) => open.length === 0,
    withinMs,
  );
  const money = await moneyOf(place, dealId);
  expect(money).not.toHaveProperty('escrow');
  expect(money).not.toHaveProperty('refund_clearing');
  return money;
}

/** Everything that has to be true of the books and the deals of a place is. */
export async function expectBooksInOrder(place: Parts): Promise<void> {
  const broken = (await checkInvariants(place.pool)).filter((check) => !check.ok);
  expect(broken).toEqual([]);
}
