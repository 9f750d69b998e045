import { v7 as uuid } from 'uuid';
import type { Account, Transfer } from '#db/money/ledger.ts';
import type { Pool } from '#db/pool.ts';
import { sql } from '#db/pool.ts';

/** The accounts of every variant, and which of them a transfer is between. */
export const ACCOUNTS = 10_000;
const HALF = ACCOUNTS / 2;
export const FUNDS = 1_000_000n;

export const codeOf = (n: number) => `bench/${String(n).padStart(5, '0')}`;
/** Before all others by name, as it is locked first. */
export const HOT = 'bench/-hot';

/** From one half of the accounts to the other, or back; or all of one account that everybody moves. */
export function pick(hot: boolean): { from: string; to: string; amount: bigint } {
  const lower = hot ? HOT : codeOf(Math.floor(Math.random() * HALF));
  const upper = codeOf(HALF + Math.floor(Math.random() * HALF));
  return { from: lower, to: upper, amount: Math.random() < 0.5 ? 1n : -1n };
}

const account = (code: string): Account => ({ code, kind: 'escrow', asset: 'INR', ownerId: null });

export function transferOf({ from, to, amount }: ReturnType<typeof pick>): Transfer {
  return {
    key: `bench_${uuid()}`,
    reason: 'bench',
    conversationId: null,
    occurredAt: new Date().toISOString(),
    legs: [
      { account: account(from), amount: -amount },
      { account: account(to), amount },
    ],
  };
}

/** Fills all accounts from outside, one transfer for a thousand. */
export async function fund(pool: Pool): Promise<void> {
  const codes = [HOT, ...Array.from({ length: ACCOUNTS }, (_, n) => codeOf(n))];
  for (let at = 0; at < codes.length; at += 1_000) {
    const some = codes.slice(at, at + 1_000);
    await pool.query(sql.typeAlias('void')`
      SELECT FROM ledger_transfer(${`fund_${at}`}, 'fund', NULL, now(),
        ${sql.array([...some, 'external/bench'], 'text')},
        ${sql.array([...some.map(() => 'escrow'), 'external'], 'text')},
        ${sql.array(
          [...some, ''].map(() => 'INR'),
          'text',
        )},
        ${sql.array(
          [...some, ''].map(() => null),
          'uuid',
        )},
        ${sql.array([...some.map(() => String(FUNDS)), String(-FUNDS * BigInt(some.length))], 'int8')})
    `);
  }
}

/** What pgbench runs: the same call of the same function, with the same choice of accounts. */
export function pgbenchScript(hot: boolean): string {
  const lower = hot ? `'${HOT}'` : `'bench/' || lpad(:a::text, 5, '0')`;
  return `\\set a random(0, ${HALF - 1})
\\set b random(${HALF}, ${ACCOUNTS - 1})
\\set s random(0, 1) * 2 - 1
SELECT ledger_transfer('bench_' || uuidv7(), 'bench', NULL, now(), ARRAY[${lower}, 'bench/' || lpad(:b::text, 5, '0')], ARRAY['escrow', 'escrow'], ARRAY['INR', 'INR'], ARRAY[NULL, NULL]::uuid[], ARRAY[:s::bigint, -(:s::bigint)]);
`;
}
