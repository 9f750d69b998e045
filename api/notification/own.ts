import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import type { Account } from '../people/account.ts';

export const tags = ['Notifications'];
export const ofUser = z.strictObject({ userId: id });
export const byId = z.strictObject({ id });

/** NOT_FOUND for what is somebody else's, as for what is not there; administrators may look. */
export function requireOwn(account: Account, userId: string, may: 'look' | 'change' = 'look'): void {
  if (account.id === userId || (may === 'look' && account.roles.includes('admin'))) return;
  throw noSuch();
}

export function noSuch(): Failure {
  return new Failure('NOT_FOUND', 'There is no such notification.');
}
