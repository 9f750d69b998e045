/** Who deals with whom, and who else has a part in it. */
import { OUTSIDERS } from '../process/table.ts';

export const PARTIES = ['influencer', 'brand_owner'] as const;
export type Party = (typeof PARTIES)[number];

export const ROLES = [...PARTIES, ...OUTSIDERS] as const;
export type Role = (typeof ROLES)[number];

export const OTHER: Record<Party, Party> = { influencer: 'brand_owner', brand_owner: 'influencer' };

/** At the beginning of a sentence. */
export const NAMES: Record<Party, string> = { influencer: 'The influencer', brand_owner: 'The brand owner' };

/** Which way a deal goes: its process's variant. */
export const DEAL_KINDS = ['campaign', 'bid'] as const;
export type DealKind = (typeof DEAL_KINDS)[number];

export function isParty(role: string): role is Party {
  return (PARTIES as readonly string[]).includes(role);
}
