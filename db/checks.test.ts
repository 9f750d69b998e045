import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deadlineOf } from '#workflows/collaboration/flow.ts';
import { ROLES, STATES } from '#workflows/collaboration/table.ts';
import { ASSETS } from '#workflows/money.ts';
import { dealIn } from '#workflows/testing/deals.ts';
import { ROLES as ACCOUNT_ROLES } from './accounts.ts';

// The schema as the migrations make it: what Postgres really checks, whichever migration said it last.
const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');

/** The values of an enum type, in its order. */
function valuesOf(type: string): string[] {
  const line = new RegExp(`CREATE TYPE ${type} AS ENUM \\((.*)\\);$`, 'm').exec(schema)?.[1];
  if (!line) throw new Error(`no type ${type}`);
  return [...line.matchAll(/'([^']*)'/g)].map((match) => match[1] as string);
}

/** The values that a named constraint lists, in its order. */
function listed(constraint: string): string[] {
  const line = new RegExp(`CONSTRAINT ${constraint} CHECK \\((.*)\\),?$`, 'm').exec(schema)?.[1];
  if (!line) throw new Error(`no constraint ${constraint}`);
  return [...line.matchAll(/'([^']*)'::text/g)].map((match) => match[1] as string);
}

test('a deal in Postgres is in one of the states of the table, and all of them fit', () => {
  expect(valuesOf('flow_state')).toEqual([...STATES]);
});

test('a step is by one of the roles of the table', () => {
  expect(valuesOf('step_role').sort()).toEqual([...ROLES].sort());
});

test('the states that Postgres lets be without a deadline are those the machine gives none', () => {
  const without = STATES.filter((state) => deadlineOf(dealIn(state, 'bid')) === null);
  const body = /FUNCTION needs_no_deadline\([\s\S]*?p_state IN \((.*)\)/.exec(schema)?.[1] ?? '';
  const quoted = [...body.matchAll(/'([^']*)'/g)].map((match) => match[1] as string);
  expect(quoted.sort()).toEqual([...without].sort());
});

test('the ledger knows the assets that money has decimals for', () => {
  const assets = listed('ledger_accounts_asset_known').filter((word) => word === word.toUpperCase());
  expect(assets.sort()).toEqual(Object.keys(ASSETS).sort());
});

test('an account has the roles that registering offers', () => {
  expect(listed('users_roles_known').sort()).toEqual([...ACCOUNT_ROLES].sort());
});
