/** "brand_owner_pricing" → "Brand owner pricing". */
export function words(name: string): string {
  const text = name
    .replaceAll('_', ' ')
    .replaceAll(/[a-z](?=[A-Z][a-z])/g, '$& ')
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ROLES: Readonly<Record<string, string>> = {
  admin: 'an administrator',
  provider: 'the payment provider',
  system: 'time',
};

export function roleWords(role: string): string {
  return ROLES[role] ?? `the ${role.replaceAll('_', ' ')}`;
}
