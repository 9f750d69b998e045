/** Who trades with whom, and who else has a part in it. */
import { OUTSIDERS } from '../process/table.ts';

export const PARTIES = ['buyer', 'seller'] as const;
export type Party = (typeof PARTIES)[number];

export const ROLES = [...PARTIES, ...OUTSIDERS] as const;
export type Role = (typeof ROLES)[number];

export const OTHER: Record<Party, Party> = { buyer: 'seller', seller: 'buyer' };

export function isParty(role: string): role is Party {
  return (PARTIES as readonly string[]).includes(role);
}
