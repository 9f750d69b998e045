import type { Client } from 'pg';
import { remindOfExpiries } from '#db/money/expiryReminders.ts';
import { listBalances } from '#db/money/ledger.ts';
import { sweepMoney } from '#db/money/sweep.ts';
import type { Hot } from './asking.ts';
import { inPieces } from './size.ts';

/** Points that end by and by, and money that was set aside: the data, and what is asked of it. */

/** Of each person: points of so many days, and holds of which one is open. */
const LOTS = 10;
const HOLDS = 10;

/** By the ledger's own function. */
export async function fillWallets(client: Client, people: number): Promise<string> {
  await inPieces(people, 200, async (from, to) => {
    await client.query(POINTS, [from, to]);
    await client.query(HELD, [from, to]);
    await client.query(OVER, [from, to]);
  });
  return `${people * LOTS} lots of points and ${people * HOLDS} holds`;
}

/** The next of somebody's ends within the month. */
const POINTS = `
  SELECT count(ledger_transfer('growth_points_' || n || '_' || place, 'test_money', NULL, now(),
    ARRAY['issuance/LYK', 'wallet/' || growth_person(n)], '{issuance,wallet}', '{LYK,LYK}', ARRAY[NULL, growth_person(n)]::uuid[],
    '{-100,100}', jsonb_build_object('expires_at', date_trunc('day', now(), 'UTC') + (n % 30 + 1 + 30 * place) * interval '1 day')))
  FROM generate_series($1::bigint, $2::bigint) AS n, generate_series(0, ${LOTS - 1}) AS place`;

const HOLD = `(
  SELECT n, growth_id(growth_at(n), 4000000000 + n) AS id, growth_person(n) AS user_id, growth_at(n) AS at
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS hold`;

const HELD = `
  WITH hold AS MATERIALIZED (SELECT * FROM ${HOLD}), moved AS MATERIALIZED (
    SELECT count(ledger_transfer('growth_hold_' || n, 'hold', NULL, at, ARRAY['hold/' || user_id, 'wallet/' || user_id],
      '{hold,wallet}', '{TOKEN,TOKEN}', ARRAY[user_id, user_id], '{10,-10}')) AS many FROM hold
  )
  INSERT INTO ledger_holds (id, user_id, asset, amount, reason, made_at, expires_at)
  SELECT id, user_id, 'TOKEN', 10, 'a test', at, now() + (n % 14 + 1) * interval '1 day' FROM hold, moved`;

/** They went back long ago: nothing of them is to be seen in the books but what was set aside and came back. */
const OVER = `
  INSERT INTO ledger_holds (id, user_id, asset, amount, returned, reason, state, made_at, expires_at, ended_at)
  SELECT growth_id(at, 5000000000 + n * ${HOLDS} + place), user_id, 'TOKEN', 10, 10, 'a test', 'expired', at, at + interval '1 day', at + interval '1 day'
  FROM ${HOLD}, generate_series(1, ${HOLDS - 1}) AS place`;

export const WALLETS: readonly Hot[] = [
  {
    name: 'balances of a person',
    used: 'every page',
    ask: (pool, { somebody, now }) => listBalances(pool, somebody, now),
  },
  {
    name: 'holds and points that have ended',
    used: 'hourly',
    ask: (pool, { now }) => sweepMoney(pool, now),
  },
  {
    name: 'points that are about to end',
    used: 'hourly',
    // One is told each time, after all were looked at.
    ask: (pool, { now }) => remindOfExpiries(pool, now, 1),
  },
];
