import type { Flow } from '../deal/queries.ts';

export type State = Flow['states'][number];
export type Role = Flow['transitions'][number]['by'][number];

/** "brand_owner_pricing" → "Brand owner pricing". */
export function words(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A state's name where it already stands with whoever is awaited: "influencer_price_response" → "Price response". */
export function shortWords({ name, awaiting_role: role }: Pick<State, 'name' | 'awaiting_role'>): string {
  return words(role && name.startsWith(`${role}_`) ? name.slice(role.length + 1) : name);
}

const ROLES: Record<Role, string> = {
  brand_owner: 'the brand owner',
  influencer: 'the influencer',
  admin: 'an administrator',
  provider: 'the payment provider',
  system: 'time',
};

export function roleWords(role: Role): string {
  return ROLES[role];
}
