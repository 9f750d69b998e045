import type { Party } from '#workflows/deal/table.ts';
import { Failure } from '#workflows/failures.ts';
import { words } from '#workflows/talk/contract.ts';
import type { Account } from '../people/account.ts';

/** What campaigns and bids have in common: things that are offered, found, and dealt about. */

export const tags = ['Market'];

export const title = words(200).meta({ examples: ['Monsoon collection'] });
export const description = words(5_000).meta({ examples: ['Three reels about our raincoats'] });

/** FORBIDDEN for accounts without the role. */
export function requireRole(account: Account, role: Party): void {
  if (!account.roles.includes(role)) {
    throw new Failure('FORBIDDEN', `This is for accounts with the role ${role}.`, { details: { required_role: role } });
  }
}

/** NOT_FOUND for null. */
export function found<T>(row: T | null): T {
  if (!row) throw new Failure('NOT_FOUND', 'There is no such thing.');
  return row;
}
