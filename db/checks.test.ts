import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KINDS, MACHINES } from '#workflows/kinds.ts';
import { ROLES as ACCOUNT_ROLES } from './people/accounts.ts';

// The schema as the migrations make it: what Postgres really checks, whichever migration said it last.
const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');

/** The values that a named constraint lists, in its order. */
function listed(constraint: string): string[] {
  const line = new RegExp(`CONSTRAINT ${constraint} CHECK \\((.*)\\),?$`, 'm').exec(schema)?.[1];
  if (!line) throw new Error(`no constraint ${constraint}`);
  return [...line.matchAll(/'([^']*)'::text/g)].map((match) => match[1] as string);
}

test('an account has the roles that registering offers', () => {
  expect(listed('users_roles_known').sort()).toEqual([...ACCOUNT_ROLES].sort());
});

test('every kind has a machine, under its own name', () => {
  for (const kind of KINDS) expect(MACHINES[kind].kind).toBe(kind);
});
