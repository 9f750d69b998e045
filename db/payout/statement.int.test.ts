import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { payoutMachine } from '#workflows/payout/machine.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { settlePayout } from '../payment/payouts.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess, listOpenPromises } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import { expireIfDue } from '../process/step.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { findPayoutStatement } from './statements.ts';
import { answerWith, newPayee, openPayoutOf } from './testing/payouts.ts';

let pool: Pool;
let now = '2026-03-01T09:00:00.000Z';
const origin = () => ({ now, systemUserId: SYSTEM, correlationId: null });

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
});
afterAll(() => pool?.end());

type Payee = { userId: string; destinationId: string };

async function move(userId: string, amount: bigint, reason: string, conversationId: string | null): Promise<void> {
  await transfer(pool, {
    key: `moved_${uuid()}`,
    reason,
    conversationId,
    occurredAt: now,
    legs: [
      { account: accounts.issuance('INR', userId), amount: -amount },
      { account: accounts.wallet(userId, 'INR'), amount },
    ],
  });
}

/** Asked for, and as far as its provider says. */
async function payOut(payee: Payee, gross: bigint, end: 'processed' | 'failed'): Promise<string> {
  const id = await openPayoutOf(pool, payee, gross, now);
  for (let states = 0; states < 2; states += 1) {
    const stored = await findProcess(pool, id);
    const deadline = stored && payoutMachine.deadlineOf(stored.process as never);
    if (deadline && now < deadline) now = deadline;
    if (stored) await expireIfDue(pool, stored, origin());
  }
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin());
  await answerWith(pool, id, end, origin());
  return id;
}

const comeBack = (id: string) =>
  settlePayout(
    pool,
    id,
    { state: 'reversed', payoutId: `pout_${id}`, reason: null, destinationFailed: false },
    origin(),
  );

type Credit = { source: string; left: bigint };

/** A wallet as a plain queue: what came first leaves first. */
function purse() {
  const queue: Credit[] = [];
  return {
    holds: () => queue.reduce((sum, { left }) => sum + left, 0n),
    come: (source: string, amount: bigint) => queue.push({ source, left: amount }),
    go(amount: bigint): Record<string, bigint> {
      const of: Record<string, bigint> = {};
      for (let rest = amount; rest > 0n; ) {
        const first = queue[0] as Credit;
        // biome-ignore lint/complexity/useMathMinMax: Math.min knows no bigint
        const part = first.left < rest ? first.left : rest;
        of[first.source] = (of[first.source] ?? 0n) + part;
        first.left -= part;
        rest -= part;
        if (first.left === 0n) queue.shift();
      }
      return of;
    },
  };
}

const act = fc.oneof(
  fc.record({
    on: fc.constant('earn' as const),
    amount: fc.bigInt(1n, 30_000n),
    source: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ on: fc.constant('spend' as const), percent: fc.integer({ min: 1, max: 100 }) }),
  fc.record({
    on: fc.constant('payout' as const),
    percent: fc.integer({ min: 1, max: 100 }),
    end: fc.constantFrom('processed' as const, 'failed' as const, 'reversed' as const),
  }),
);
const REASONS = ['money_released', 'money_released', 'transfer', 'top_up'] as const;

test('whatever came and went before, its lines sum to what arrived and are of what came first, and it never changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
      const payee = await newPayee(pool, now, 40_000n);
      const wallet = purse();
      wallet.come('test_money ', 40_000n);
      const sources = [uuid(), uuid(), null, null];
      const kept: { id: string; said: unknown }[] = [];
      for (const each of acts) {
        const part = 'percent' in each ? (wallet.holds() * BigInt(each.percent)) / 100n : 0n;
        if (each.on === 'earn') {
          const [reason, source] = [REASONS[each.source] ?? 'transfer', sources[each.source] ?? null];
          await move(payee.userId, each.amount, reason, source);
          wallet.come(`${reason} ${source ?? ''}`, each.amount);
        } else if (each.on === 'spend' && part > 0n) {
          await move(payee.userId, -part, 'spent', null);
          wallet.go(part);
        } else if (each.on === 'payout' && part > 100n) {
          const id = await payOut(payee, part, each.end === 'failed' ? 'failed' : 'processed');
          const of = wallet.go(part);
          if (each.end === 'failed') {
            expect(await findPayoutStatement(pool, id, 'paid')).toBeNull();
            wallet.come(`payout_failed ${id}`, part);
            continue;
          }
          const said = await findPayoutStatement(pool, id, 'paid');
          const earned = said?.lines.filter(({ what }) => what === 'earned') ?? [];
          expect(
            Object.fromEntries(earned.map((line) => [`${line.reason} ${line.source_id ?? ''}`, line.amount])),
          ).toEqual(of);
          expect(said?.lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(said?.net);
          expect(said).toMatchObject({ gross: part, fee: part / 100n, net: part - part / 100n });
          kept.push({ id, said });
          if (each.end === 'reversed') {
            await comeBack(id);
            const back = await findPayoutStatement(pool, id, 'came_back');
            expect(back?.lines.map(({ amount }) => -amount)).toEqual(said?.lines.map(({ amount }) => amount));
            expect(back?.net).toBe(-(said?.net ?? 0n));
            wallet.come(`payout_reversed ${id}`, part);
          }
        }
      }
      for (const { id, said } of kept) expect(await findPayoutStatement(pool, id, 'paid')).toEqual(said);
      expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 180_000);

test('a statement that is kept is changed by nobody', async () => {
  const id = await payOut(await newPayee(pool, now), 70_000n, 'processed');
  const change = sql.typeAlias('void')`UPDATE payout_statement_lines SET amount = amount + 1 WHERE process_id = ${id}`;
  await expect(pool.query(change)).rejects.toThrow();
  await expect(
    pool.query(sql.typeAlias('void')`DELETE FROM payout_statements WHERE process_id = ${id}`),
  ).rejects.toThrow();
});

test('of a wallet that hundreds of small amounts came into, it is read and told in one line', async () => {
  const payee = await newPayee(pool, now, 1n);
  await pool.transaction(async (transaction) => {
    for (let n = 0; n < 500; n += 1) {
      await transfer(transaction, {
        key: `small_${payee.userId}_${n}`,
        reason: 'tip',
        conversationId: null,
        occurredAt: now,
        legs: [
          { account: accounts.issuance('INR', payee.userId), amount: -7n },
          { account: accounts.wallet(payee.userId, 'INR'), amount: 7n },
        ],
      });
    }
  });
  const id = await payOut(payee, 3_000n, 'processed');
  const said = await findPayoutStatement(pool, id, 'paid');
  expect(said?.lines.map(({ what, reason, amount }) => [what, reason, amount])).toEqual([
    ['earned', 'test_money', 1n],
    ['earned', 'tip', 2_999n],
    ['fee', 'payout_fee', -30n],
  ]);
});
