import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import type { PayoutState } from '#workflows/payment/fact.ts';
import { payoutMachine } from '#workflows/payout/machine.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { INVARIANTS } from '../invariants.ts';
import { listBalances } from '../money/ledger.ts';
import { undone } from '../money/testing/undone.ts';
import { letPayoutGoOn, setPapers } from '../payment/payees.ts';
import { claimPayout, settlePayout } from '../payment/payouts.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { commandAsOperator } from '../process/operators.ts';
import { findProcess, listOpenPromises, listSteps, lockProcess } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { setClaim } from '../task/notes.ts';
import { listTasks } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { pausePayouts, resumePayouts } from './pauses.ts';
import { answerWith, newPayee, openPayoutOf, SETTINGS } from './testing/payouts.ts';

describeProcess({
  kind: 'payout',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: { reject: { reason: 'No' } },
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const payee = await newPayee(pool, now);
    // Every other one is looked at by a second pair of eyes.
    const limitsPercent = Number.parseInt(payee.userId.slice(-1), 16) % 2 === 0 ? 100 : 1;
    return openPayoutOf(pool, payee, 70_000n, now, { ...SETTINGS, limitsPercent });
  },
  async answered(pool, id, origin) {
    const states: PayoutState[] = ['processed', 'failed', 'reversed'];
    await answerWith(pool, id, states[Number.parseInt(id.slice(-1), 16) % 3] as PayoutState, origin);
  },
});

describe('a payout', () => {
  let pool: Pool;
  const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
  const iso = () => clock.now.toISOString();
  const origin = () => ({ now: iso(), systemUserId: SYSTEM, correlationId: null });

  beforeAll(async () => {
    pool = createPool(await createTestDatabase(), { size: 12 });
  });
  afterEach(async () => {
    expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  });
  afterAll(() => pool?.end());

  async function stateOf(id: string): Promise<string | undefined> {
    return (await findProcess(pool, id))?.process.state;
  }

  async function pass(id: string): Promise<void> {
    const stored = await findProcess(pool, id);
    const deadline = stored && payoutMachine.deadlineOf(stored.process as never);
    if (deadline && iso() < deadline) clock.now = new Date(deadline);
    if (stored) await expireIfDue(pool, stored, origin());
  }

  async function carry(id: string): Promise<void> {
    for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin());
  }

  async function sent(gross = 70_000n): Promise<{ id: string; userId: string; destinationId: string }> {
    const payee = await newPayee(pool, iso());
    const id = await openPayoutOf(pool, payee, gross, iso());
    await pass(id);
    await pass(id);
    await carry(id);
    return { id, ...payee };
  }

  const walletOf = async (userId: string) =>
    (await listBalances(pool, userId)).find(({ asset }) => asset === 'INR') ?? { available: 0n, held: 0n };

  test('asked for many times in the same instant by one account is one, and sets its money aside once', async () => {
    const payee = await newPayee(pool, iso());
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => openPayoutOf(pool, payee, 10_000n, iso())));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of asked) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'CONFLICT' });
    }
    expect(await walletOf(payee.userId)).toMatchObject({ available: 90_000n, held: 10_000n });
  });

  const told = fc.constantFrom<PayoutState>('queued', 'pending', 'processed', 'failed', 'reversed', 'cancelled');

  test('whatever its provider says in whatever order, at once and repeated, it is paid once or back once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(told, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          const { id, userId } = await sent();
          await claimPayout(pool, id);
          await answerWith(pool, id, 'queued', origin());
          for (const states of rounds) {
            const says = (state: PayoutState) =>
              settlePayout(
                pool,
                id,
                { state, payoutId: `pout_${id}`, reason: null, destinationFailed: false },
                origin(),
              );
            await Promise.all(states.map(says));
            expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
          }
          const state = await stateOf(id);
          const { available, held } = await walletOf(userId);
          // A plain sum beside the ledger: what is under way or paid has left the wallet, whatever else is there again.
          expect([available, held]).toEqual([state === 'failed' || state === 'reversed' ? 100_000n : 30_000n, 0n]);
          const said = rounds.flat();
          if (said.includes('reversed') && !said.some((each) => each === 'failed' || each === 'cancelled')) {
            expect(state).toBe('reversed');
          }
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  }, 60_000);

  test('while payouts are paused none leaves, it can be taken back, and it goes on by itself afterwards', async () => {
    const admin = await newUser(pool, 'admin');
    await pool.transaction((transaction) => pausePayouts(transaction, admin, 'Looking', iso()));
    const payee = await newPayee(pool, iso());
    const id = await openPayoutOf(pool, payee, 5_000n, iso());
    await pass(id);
    await pass(id);
    expect(await stateOf(id)).toBe('held');
    await pool.transaction((transaction) => resumePayouts(transaction, admin, iso()));
    await pool.transaction((transaction) => letPayoutGoOn(transaction, id, origin()));
    await pass(id);
    expect(await stateOf(id)).toBe('processing');
    await carry(id);
    await answerWith(pool, id, 'processed', origin());
    expect(await stateOf(id)).toBe('paid');
  });

  test('whoever is restricted after asking waits with the money set aside, goes on when cleared, and gives up in the end', async () => {
    const restricted = {
      status: 'restricted' as const,
      currently_due: ['proof_of_address'],
      past_due: [],
      eventually_due: [],
      deadline: null,
      disabled_reason: 'address',
    };
    for (const clears of [true, false]) {
      const payee = await newPayee(pool, iso());
      const id = await openPayoutOf(pool, payee, 5_000n, iso());
      const papers = (kyc: Parameters<typeof setPapers>[1]['kyc']) =>
        pool.transaction((transaction) =>
          setPapers(
            transaction,
            { userId: payee.userId, provider: 'sandbox', accountId: `sandbox_${payee.userId}`, kyc },
            origin(),
          ),
        );
      await papers(restricted);
      await pass(id);
      await pass(id);
      expect(await stateOf(id)).toBe('held');
      if (clears) {
        expect(await papers({ ...restricted, status: 'verified', currently_due: [], disabled_reason: null })).toEqual([
          id,
        ]);
        await pass(id);
        expect(await stateOf(id)).toBe('processing');
        await carry(id);
        await answerWith(pool, id, 'processed', origin());
      } else {
        clock.now = new Date(clock.now.getTime() + 31 * 86_400_000);
        await pass(id);
        expect(await stateOf(id)).toBe('cancelled');
        await carry(id);
        expect(await walletOf(payee.userId)).toMatchObject({ available: 100_000n, held: 0n });
      }
    }
  });

  test('a call is a row before it is made, and no row is lost to those who call at once', async () => {
    const { id } = await sent();
    await Promise.all(Array.from({ length: 6 }, () => answerWith(pool, id, 'pending', origin())));
    const numbers = await pool.anyFirst(sql.type(z.object({ n: z.int() }))`
      SELECT n FROM payout_attempts WHERE process_id = ${id} ORDER BY n
    `);
    expect(numbers).toEqual(numbers.map((_, place) => place + 1));
    await answerWith(pool, id, 'processed', origin());
    expect(await stateOf(id)).toBe('paid');
    expect((await listSteps(pool, id, 0, 20)).filter(({ on }) => on === 'payout_paid')).toHaveLength(1);
  });

  test('an account has one payout in the making: another is told which, and goes when that is over', async () => {
    const payee = await newPayee(pool, iso());
    const id = await openPayoutOf(pool, payee, 10_000n, iso());
    await expect(openPayoutOf(pool, payee, 100n, iso())).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'in_the_making', payout_id: id },
    });
    await pass(id);
    await pass(id);
    await carry(id);
    await expect(openPayoutOf(pool, payee, 100n, iso())).rejects.toMatchObject({ details: { payout_id: id } });
    await answerWith(pool, id, 'processed', origin());
    expect(await stateOf(await openPayoutOf(pool, payee, 100n, iso()))).toBe('requested');
  });

  test('a step of a payout that was paid while another said that it failed is refused by the lock, not by luck', async () => {
    const { id } = await sent();
    await answerWith(pool, id, 'pending', origin());
    await Promise.all(
      (['processed', 'failed'] as const).map((state) =>
        settlePayout(pool, id, { state, payoutId: `pout_${id}`, reason: null, destinationFailed: false }, origin()),
      ),
    );
    expect(['failed', 'reversed']).toContain(await stateOf(id));
    await expect(
      pool.transaction(async (transaction) => {
        const stored = await lockProcess(transaction, id);
        if (stored) await appendOwnStep(transaction, stored, { on: 'payout_paid', by: 'provider', data: {} }, origin());
      }),
    ).rejects.toThrow('does not fit');
  });

  test('what an administrator is at is decided by no operator who has no account here, unless it is they', async () => {
    const admin = await newUser(pool, 'admin');
    const payee = await newPayee(pool, iso());
    const id = await openPayoutOf(pool, payee, 100_000n, iso(), { ...SETTINGS, limitsPercent: 1 });
    const [task] = await listTasks(pool, { open: true, kind: 'payout_approval', limit: 1, before: null });
    expect(task?.process_id).toBe(id);
    await pool.transaction((transaction) =>
      setClaim(transaction, task?.id as string, { claims: true, by: admin, now: iso() }),
    );
    const { handle } = await pool.one(sql.type(z.object({ handle: z.string() }))`
      SELECT handle FROM users WHERE id = ${admin}
    `);
    const cancel = (identity: string) =>
      commandAsOperator(pool, { processId: id, known: 0, on: 'cancel', data: {}, identity }, origin());
    await expect(cancel('ops@example.com')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `${handle} is at this task.`,
      details: { claimed_by: admin },
    });
    expect(await stateOf(id)).toBe('requested');
    await cancel(handle);
    expect(await stateOf(id)).toBe('cancelled');
    await carry(id);
  });

  describe('damage is seen by the invariant that is about it, and by no other of payouts', () => {
    /** One that is paid, one that failed, one that nobody approved, and two that are under way, each of another account. */
    type Ids = Record<'paid' | 'failed' | 'cancelled' | 'due' | 'other', string>;
    let ids: Ids;

    beforeAll(async () => {
      const [paid, failed, due, other] = [await sent(), await sent(), await sent(), await sent()];
      await answerWith(pool, paid.id, 'processed', origin());
      await answerWith(pool, failed.id, 'failed', origin());
      const unseen = await openPayoutOf(pool, await newPayee(pool, iso()), 100_000n, iso(), {
        ...SETTINGS,
        limitsPercent: 1,
      });
      await pass(unseen);
      await carry(unseen);
      expect(await stateOf(unseen)).toBe('cancelled');
      ids = { paid: paid.id, failed: failed.id, cancelled: unseen, due: due.id, other: other.id };
    });

    const DAMAGE: Record<string, (ids: Ids) => string> = {
      payouts_stand_where_their_processes_do: ({ cancelled }) =>
        `UPDATE payouts SET status = 'failed' WHERE process_id = '${cancelled}'`,
      payouts_are_of_what_was_set_aside: ({ cancelled }) =>
        `UPDATE payouts SET fee = fee + 1, gross = gross + 1 WHERE process_id = '${cancelled}'`,
      payout_clearing_is_payouts_under_way: ({ due }) =>
        `UPDATE ledger_accounts SET balance = balance - 1 WHERE code = 'payout_clearing/${due}'`,
      payouts_leave_once: ({ paid }) =>
        `UPDATE ledger_transfers SET conversation_id = NULL WHERE key = 'payout_paid_${paid}'`,
      payouts_come_back_whole: ({ failed }) =>
        `UPDATE ledger_transfers SET conversation_id = NULL WHERE key = 'payout_failed_${failed}'`,
      payouts_are_written_down_before_they_are_asked_for: ({ due }) =>
        `UPDATE payouts SET status = 'asked' WHERE process_id = '${due}'`,
      payouts_are_made_one_after_the_other: ({ due, other }) => `
        UPDATE payouts SET user_id = first.user_id FROM payouts AS first
        WHERE first.process_id = '${due}' AND payouts.process_id = '${other}'`,
      payouts_are_stated: ({ paid }) =>
        `UPDATE payout_statement_lines SET amount = amount - 1 WHERE process_id = '${paid}' AND what = 'fee'`,
    };
    const names = INVARIANTS.filter((name) => /^payouts?_/.test(name));

    test('there is damage for every invariant of payouts', () => {
      expect(Object.keys(DAMAGE).sort()).toEqual([...names].sort());
    });

    test.each(names)('%s', async (name) => {
      const { seen, touched } = await undone(pool, [DAMAGE[name]?.(ids) ?? ''], checkInvariants);
      expect(touched, 'the damage was done').toEqual([1]);
      const broken = seen.filter(({ ok }) => !ok).map((check) => check.name);
      expect(broken.filter((each) => names.includes(each))).toEqual([name]);
    });
  });
});
