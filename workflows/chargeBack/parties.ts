/** Between whom a payment was made that is charged back. Either may be nobody of ours. */
import { OUTSIDERS } from '../process/table.ts';

/** `payer` asked their bank for it; `payee` has what it paid for, or is to have it. */
export const PARTIES = ['payer', 'payee'] as const;
export type Party = (typeof PARTIES)[number];

export const ROLES = [...PARTIES, ...OUTSIDERS] as const;
export type Role = (typeof ROLES)[number];
