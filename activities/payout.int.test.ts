import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { SYSTEM } from '#db/deal/testing/dealing.ts';
import { listBalances } from '#db/money/ledger.ts';
import { ASKED_AGAIN, ATTEMPTS_AT_MOST } from '#db/payment/payouts.ts';
import { newPayee, openPayoutOf } from '#db/payout/testing/payouts.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { expireIfDue } from '#db/process/step.ts';
import { listTasks } from '#db/task/tasks.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { NewPayout, Payout, PayoutProvider } from '#payments/payout.ts';
import { ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import { minor } from '#workflows/money.ts';
import { payoutMachine } from '#workflows/payout/machine.ts';
import { carryPayout } from './payout.ts';

// A payout whose provider says what a test has it say: what is asked again, what is final, and what frees nothing.

let pool: Pool;
const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
const origin = () => ({ now: clock.now.toISOString(), systemUserId: SYSTEM, correlationId: null });

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

/** What the provider was called with, what it says to the next calls, and what it knows when it is asked. */
let calls: NewPayout[];
let says: (() => Payout)[];
let knows: Payout | null;
let has: bigint;
/** What the provider calls it: no two payouts of theirs are called alike. */
let pout: string;
beforeEach(() => {
  [calls, says, knows, has] = [[], [], null, 1_000_000n];
  pout = `pout_${randomUUID()}`;
});
afterEach(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

const nothing = () => Promise.reject(new Error('nobody asks for this here'));
const provider: PayoutProvider = {
  name: 'sandbox',
  terms: { INR: { minPayout: 1n } },
  checkDestination: nothing,
  cancelPayout: nothing,
  async *listPayouts() {},
  balance: async () => minor(has),
  findPayout: async () => knows,
  async createPayout(payout) {
    calls.push(payout);
    return (says.shift() ?? paid)();
  },
};

const paid = (): Payout => ({ status: 'processed', payoutId: pout, reason: null });
const unknown = (): Payout => ({ status: 'unknown', payoutId: null, reason: 'the line broke' });
const refuses = (code: string) => (): Payout => {
  throw new ProviderRefused('sandbox', code, `it says ${code}`);
};
const isAway = (): Payout => {
  throw new ProviderUnavailable('sandbox', 'not_done', 'nobody is there');
};

/** One of 70,000 paise that is to leave now. */
async function due(): Promise<{ id: string; userId: string; destinationId: string }> {
  const payee = await newPayee(pool, origin().now);
  const id = await openPayoutOf(pool, payee, 70_000n, origin().now);
  for (let n = 0; n < 2; n += 1) {
    const stored = await findProcess(pool, id);
    const deadline = stored && payoutMachine.deadlineOf(stored.process as never);
    if (deadline && origin().now < deadline) clock.now = new Date(deadline);
    if (stored) await expireIfDue(pool, stored, origin());
  }
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin());
  return { id, ...payee };
}

const carry = (id: string) => carryPayout({ pool, payoutProvider: () => provider }, id, origin());
const stateOf = async (id: string) => (await findProcess(pool, id))?.process.state;
/** Of a hundred thousand. */
const left = async (userId: string) =>
  (await listBalances(pool, userId)).find(({ asset }) => asset === 'INR')?.available;
const stuckOf = async (id: string) =>
  (await listTasks(pool, { open: true, kind: 'stuck_payout', limit: 100, before: null })).filter(
    (task) => task.process_id === id,
  );
const keysOf = () => new Set(calls.map(({ key, reference }) => `${key} ${reference}`));

test('a no is final: what was set aside is back whole, and nobody is asked again', async () => {
  const { id, userId, destinationId } = await due();
  says = [refuses('LIMIT_OF_THEIRS')];
  await carry(id);
  expect([await stateOf(id), await left(userId)]).toEqual(['failed', 100_000n]);
  await carry(id);
  expect(calls).toHaveLength(1);
  const status = await pool.oneFirst(sql.typeAlias('id')`
    SELECT status AS id FROM payout_destinations WHERE id = ${destinationId}
  `);
  expect(status).toBe('valid');
});

test('a no that is about where it was to go is not gone to by itself again', async () => {
  const { id, userId, destinationId } = await due();
  says = [refuses('DESTINATION_INVALID')];
  await carry(id);
  expect([await stateOf(id), await left(userId)]).toEqual(['failed', 100_000n]);
  const status = await pool.oneFirst(sql.typeAlias('id')`
    SELECT status AS id FROM payout_destinations WHERE id = ${destinationId}
  `);
  expect(status).toBe('failed');
});

test.each([...ASKED_AGAIN])('%s is asked again, under the same key, and paid once', async (code) => {
  const { id, userId } = await due();
  says = [refuses(code), refuses(code)];
  for (let n = 0; n < 2; n += 1) {
    await carry(id);
    expect([await stateOf(id), await left(userId)]).toEqual(['processing', 30_000n]);
  }
  await carry(id);
  expect([await stateOf(id), await left(userId), calls.length, keysOf().size]).toEqual(['paid', 30_000n, 3, 1]);
});

test.each(['INSUFFICIENT_BALANCE', 'balance_insufficient'])(
  'a float that its provider finds too low (%s) has it wait until it is funded, however long, with an operator told',
  async (code) => {
    const { id, userId } = await due();
    says = [refuses(code)];
    for (let n = 0; n < 9; n += 1) {
      await carry(id);
      expect([await stateOf(id), await left(userId)]).toEqual(['processing', 30_000n]);
      // What there is says so too by now.
      has = 1n;
    }
    // Somebody else took it in the moment in which it was there.
    has = 1_000_000n;
    says = Array.from({ length: 9 }, () => refuses(code));
    for (let n = 0; n < 9; n += 1) await carry(id);
    expect([await stateOf(id), await left(userId)]).toEqual(['processing', 30_000n]);
    expect(await listTasks(pool, { open: true, kind: 'low_float', limit: 9, before: null })).toMatchObject([
      { details: { provider: 'sandbox', currency: 'INR', needed_minor: '69300' } },
    ]);
    says = [];
    await carry(id);
    expect([await stateOf(id), await left(userId), keysOf().size]).toEqual(['paid', 30_000n, 1]);
    expect(await listTasks(pool, { open: true, kind: 'low_float', limit: 9, before: null })).toEqual([]);
  },
);

test('not for ever: after five tries a no is final', async () => {
  const { id, userId } = await due();
  says = Array.from({ length: 9 }, () => refuses('RATE_LIMITED'));
  for (let n = 0; n < ATTEMPTS_AT_MOST; n += 1) {
    expect(await stateOf(id)).toBe('processing');
    await carry(id);
  }
  expect([await stateOf(id), await left(userId), calls.length]).toEqual(['failed', 100_000n, 5]);
});

test('waiting for a float takes none of the tries that a busy provider has', async () => {
  const { id, userId } = await due();
  says = Array.from({ length: ATTEMPTS_AT_MOST }, () => refuses('INSUFFICIENT_BALANCE'));
  for (let n = 0; n < ATTEMPTS_AT_MOST; n += 1) await carry(id);
  says = Array.from({ length: ATTEMPTS_AT_MOST - 1 }, () => refuses('SERVER_BUSY'));
  for (let n = 1; n < ATTEMPTS_AT_MOST; n += 1) await carry(id);
  expect([await stateOf(id), await left(userId)]).toEqual(['processing', 30_000n]);
  await carry(id);
  expect([await stateOf(id), await left(userId), keysOf().size]).toEqual(['paid', 30_000n, 1]);
});

test('one that is away was not asked, however often: it is neither failed nor stuck', async () => {
  const { id, userId } = await due();
  says = Array.from({ length: 7 }, () => isAway);
  for (let n = 0; n < 7; n += 1) await expect(carry(id)).rejects.toThrow('nobody is there');
  expect([await stateOf(id), await left(userId), await stuckOf(id)]).toEqual(['processing', 30_000n, []]);
  await carry(id);
  expect([await stateOf(id), keysOf().size]).toEqual(['paid', 1]);
});

test('what is not known to have failed is asked about first, and not called for where it was made', async () => {
  const { id } = await due();
  says = [unknown];
  await carry(id);
  knows = { status: 'pending', payoutId: pout, reason: null };
  await carry(id);
  expect([await stateOf(id), calls.length]).toEqual(['processing', 1]);
  knows = paid();
  await carry(id);
  expect([await stateOf(id), calls.length]).toEqual(['paid', 1]);
});

test('a no after a call of which nothing is known is no proof: what was set aside stays, and somebody looks', async () => {
  const { id, userId } = await due();
  says = [unknown, refuses('LIMIT_OF_THEIRS')];
  await carry(id);
  await carry(id);
  expect([await stateOf(id), await left(userId)]).toEqual(['processing', 30_000n]);
  expect(await stuckOf(id)).toMatchObject([{ details: { why: expect.stringContaining('it says LIMIT_OF_THEIRS') } }]);
  // It had paid after all.
  knows = paid();
  await carry(id);
  expect([await stateOf(id), await stuckOf(id)]).toEqual(['paid', []]);
});

test('of which nothing is known for long somebody looks, and nothing of it is freed', async () => {
  const { id, userId } = await due();
  says = Array.from({ length: 9 }, () => unknown);
  for (let n = 0; n < ATTEMPTS_AT_MOST; n += 1) await carry(id);
  expect(await stuckOf(id)).toEqual([]);
  await carry(id);
  expect(await stuckOf(id)).toMatchObject([{ details: { why: 'no answer for long' } }]);
  expect([await stateOf(id), await left(userId), keysOf().size]).toEqual(['processing', 30_000n, 1]);
});

test('one that was named and is found no more is not made a second time', async () => {
  const { id, userId } = await due();
  says = [() => ({ status: 'pending', payoutId: pout, reason: null })];
  await carry(id);
  await carry(id);
  expect(await stuckOf(id)).toMatchObject([{ details: { why: 'not found any more' } }]);
  expect([await stateOf(id), await left(userId), calls.length]).toEqual(['processing', 30_000n, 1]);
});
