import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { KINDS, MACHINES } from '#workflows/kinds.ts';
import { createPool, type Pool, sql } from '../pool.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

test('Postgres knows the kinds of process that the code knows, and where each holds its money', async () => {
  const rows = await pool.any(sql.type(z.object({ kind: z.string(), held_at: z.string() }))`
    SELECT kind, held_at FROM machines ORDER BY kind
  `);
  expect(rows).toEqual([...KINDS].sort().map((kind) => ({ kind, held_at: MACHINES[kind].heldAt })));
});

const stateRow = z.object({ kind: z.string(), state: z.string(), rests: z.boolean(), ends: z.boolean() });

test('Postgres knows the states of every machine, which of them rest, and which end it', async () => {
  const rows = await pool.any(sql.type(stateRow)`SELECT kind, state, rests, ends FROM machine_states`);
  const byName = (one: { kind: string; state: string }, other: { kind: string; state: string }) =>
    `${one.kind} ${one.state}` < `${other.kind} ${other.state}` ? -1 : 1;
  const expected = KINDS.flatMap((kind) =>
    Object.entries(MACHINES[kind].table.states).map(([state, { rests = false, ends = false }]) => ({
      kind,
      state,
      rests: rests || ends,
      ends,
    })),
  );
  expect([...rows].sort(byName)).toEqual(expected.sort(byName));
});
