import { z } from 'zod';
import type { Party } from '#workflows/collaboration/table.ts';
import { Failure } from '#workflows/failures.ts';
import type { Account } from '../auth/account.ts';
import { cursorKeys, decodeCursor } from '../page.ts';

/** What campaigns and bids have in common: things that are offered, found, and dealt about. */

export const tags = ['Market'];

export const title = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ examples: ['Monsoon collection'] });
export const description = z
  .string()
  .trim()
  .min(1)
  .max(5_000)
  .meta({ examples: ['Three reels about our raincoats'] });

/** Where a page of a newest-first list begins. */
export function pageStart(cursor: string | undefined): { at: string; id: string } | null {
  const keys = decodeCursor(cursor, cursorKeys);
  return keys && { at: keys[0], id: keys[1] };
}

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
