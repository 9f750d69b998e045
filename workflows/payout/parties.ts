/** Whom a payout is for, and who else has a part in it. */
import { OUTSIDERS } from '../process/table.ts';

export const PARTIES = ['payee'] as const;

export const ROLES = [...PARTIES, ...OUTSIDERS] as const;
export type Role = (typeof ROLES)[number];
