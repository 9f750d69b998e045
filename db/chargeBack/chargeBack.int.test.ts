import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { chargeBackMachine } from '#workflows/chargeBack/machine.ts';
import { asChargeBack, type ChargeBack } from '#workflows/chargeBack/terms.ts';
import { newUser, SYSTEM, startDealing } from '../deal/testing/dealing.ts';
import { verbatim } from '../invariants.ts';
import { accounts, listBalances, transfer } from '../money/ledger.ts';
import { newPayee, openPayoutOf } from '../payout/testing/payouts.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess, listOpenPromises, listSteps } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { listDebts } from './chargeBacks.ts';
import { claimEvidence, endEvidence, listEvidenceDue } from './evidence.ts';
import { insertFile, listFiles, type Side } from './files.ts';
import { followDisputes } from './following.ts';
import { recoverLosses } from './tending.ts';
import { carry, dispute, hear, idOf, type Paid, paidTopUp, unpaidTopUp } from './testing/chargeBacks.ts';

const played = new Map<string, Paid>();

describeProcess({
  kind: 'chargeBack',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: { add_evidence: { text: 'All of it was delivered' }, concede: { reason: 'It was not' } },
  adminId: (pool) => newUser(pool, 'admin'),
  async open(pool, now) {
    const origin = { now, systemUserId: SYSTEM, correlationId: null };
    const paid = await paidTopUp(pool, origin, Math.random() < 0.5 ? 'INR' : 'TOKEN');
    const id = (await dispute(pool, origin, paid, { outcome: null })) as string;
    // The one who has paid is another here, so that all sides take part.
    await pool.query(sql.typeAlias('void')`
      INSERT INTO seats (process_id, role, user_id) VALUES (${id}, 'payer', ${await newUser(pool, 'brand_owner')})
    `);
    played.set(id, paid);
    return id;
  },
  async answered(pool, id, origin) {
    const paid = played.get(id) as Paid;
    // Of some the bank says this, of others the other, of a third nothing.
    const says = Number.parseInt(id.slice(-1), 16) % 3;
    if (says < 2) await dispute(pool, origin, paid, { outcome: says === 0 ? 'won' : 'lost' });
    await recoverLosses(pool, origin);
  },
});

describe('a charge-back', () => {
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

  const pass = (days: number) => {
    clock.now = new Date(clock.now.getTime() + days * 86_400_000);
  };

  test('each side has room for files of its own, however many the others bring', async () => {
    const id = (await dispute(pool, origin(), await paidTopUp(pool, origin(), 'INR'), { outcome: null })) as string;
    const userId = await newUser(pool, 'brand_owner');
    const add = (by: Side) =>
      pool.transaction((transaction) =>
        insertFile(transaction, {
          ...{ processId: id, by, userId, name: 'a.png', mediaType: 'image/png', bytes: Buffer.from('a'), now: iso() },
        }),
      );
    const shares: [Side, number][] = [
      ['payee', 3],
      ['payer', 2],
      ['admin', 1],
    ];
    for (const [by, max] of shares) {
      for (let n = 0; n < max; n += 1) await add(by);
      await expect(add(by)).rejects.toMatchObject({ code: 'LIMIT_REACHED', details: { limit: 'files', max } });
    }
    expect((await listFiles(pool, id, null)).map(({ by_role }) => by_role)).toEqual([
      ...['payee', 'payee', 'payee', 'payer', 'payer', 'admin'],
    ]);
    expect((await listFiles(pool, id, 'payer')).map(({ by_role }) => by_role)).toEqual(['payer', 'payer']);
  });

  async function stateOf(id: string | null): Promise<ChargeBack> {
    const stored = id && (await findProcess(pool, id));
    if (!stored) throw new Error('no charge-back');
    return asChargeBack(stored.process);
  }

  async function expire(id: string | null): Promise<void> {
    const stored = id && (await findProcess(pool, id));
    const deadline = stored && chargeBackMachine.deadlineOf(stored.process as never);
    if (deadline && iso() < deadline) clock.now = new Date(deadline);
    if (stored) await expireIfDue(pool, stored, origin());
  }

  /** Whether nothing keeps it from its end. */
  async function settle(id: string | null): Promise<ChargeBack> {
    const stored = id && (await findProcess(pool, id));
    if (stored) await expireIfDue(pool, stored, origin());
    return stateOf(id);
  }

  const walletOf = async (userId: string, asset = 'INR') => {
    const found = (await listBalances(pool, userId, iso())).find((balance) => balance.asset === asset);
    return [found?.available ?? 0n, found?.held ?? 0n];
  };

  /** Of accounts of a kind: what they come to now. */
  const sumOf = (kind: string, asset = 'INR') =>
    pool.oneFirst(sql.type(z.object({ sum: z.bigint() }))`
      SELECT coalesce(sum(balance), 0)::bigint AS sum FROM ledger_accounts WHERE kind = ${kind} AND asset = ${asset}
    `);
  async function changes<T>(work: () => Promise<T>): Promise<Record<string, bigint>> {
    const kinds = ['recovery', 'debt', 'loss', 'charge_back', 'spent'];
    const before = await Promise.all(kinds.map((kind) => sumOf(kind)));
    await work();
    const after = await Promise.all(kinds.map((kind) => sumOf(kind)));
    return Object.fromEntries(kinds.map((kind, n) => [kind, (after[n] as bigint) - (before[n] as bigint)]));
  }

  async function give(userId: string, amount: bigint, asset = 'INR'): Promise<void> {
    await transfer(pool, {
      key: `given_${userId}_${iso()}_${amount}`,
      reason: 'test_money',
      conversationId: null,
      occurredAt: iso(),
      legs: [
        { account: accounts.issuance(asset, userId), amount: -amount },
        { account: accounts.wallet(userId, asset), amount },
      ],
    });
  }
  const spend = (userId: string, amount: bigint, asset = 'INR') =>
    transfer(pool, {
      key: `spent_${userId}_${iso()}_${amount}`,
      reason: 'test_money',
      conversationId: null,
      occurredAt: iso(),
      legs: [
        { account: accounts.wallet(userId, asset), amount: -amount },
        { account: accounts.spent(userId, asset), amount },
      ],
    });

  test('sets aside what its payee has of the payment, until its provider’s date and no later than that', async () => {
    const paid = await paidTopUp(pool, origin());
    await spend(paid.userId, 30_000n);
    const respondBy = '2026-03-05T00:00:00.000Z';
    const id = await dispute(pool, origin(), paid, { outcome: null, respondBy });
    expect(await walletOf(paid.userId)).toEqual([0n, 70_000n]);
    expect(await stateOf(id)).toMatchObject({ state: 'open', held: '70000', terms: { respond_by: respondBy } });
    const told = await pool.anyFirst(sql.type(z.object({ text: z.string() }))`
      SELECT events::text AS text FROM outbox WHERE user_id = ${paid.userId}
    `);
    expect(told.join()).toContain('charge_back_update');
  });

  test('that is won gives back what was set aside', async () => {
    const paid = await paidTopUp(pool, origin());
    const id = await dispute(pool, origin(), paid, { outcome: null });
    await dispute(pool, origin(), paid, { outcome: 'won' });
    expect(await stateOf(id)).toMatchObject({ state: 'won', held: '0' });
    await carry(pool, id as string, origin());
    expect(await walletOf(paid.userId)).toEqual([100_000n, 0n]);
  });

  test('that is lost takes what was set aside, once, and is settled at once', async () => {
    const paid = await paidTopUp(pool, origin());
    const id = await dispute(pool, origin(), paid, { outcome: null });
    const moved = await changes(async () => {
      await dispute(pool, origin(), paid, { outcome: 'lost' });
      await dispute(pool, origin(), paid, { outcome: 'lost' });
    });
    expect(moved).toEqual({ recovery: 100_000n, debt: 0n, loss: 0n, charge_back: -100_000n, spent: 0n });
    expect((await settle(id)).state).toBe('settled');
    expect(await walletOf(paid.userId)).toEqual([0n, 0n]);
  });

  test('that is lost partly takes that part, and gives back the rest', async () => {
    const paid = await paidTopUp(pool, origin());
    const id = await dispute(pool, origin(), paid, { outcome: null });
    await dispute(pool, origin(), paid, { outcome: 'partly', deducted: '40000' });
    expect((await listOpenPromises(pool, id as string)).map(({ amount }) => amount)).toEqual(['60000']);
    await carry(pool, id as string, origin());
    expect(await walletOf(paid.userId)).toEqual([60_000n, 0n]);
  });

  test('of money that is gone makes a debt, which is shown, stands in the way of a payout, and is taken from what comes in', async () => {
    const paid = await paidTopUp(pool, origin());
    await spend(paid.userId, 90_000n);
    const id = await dispute(pool, origin(), paid, { outcome: null });
    const moved = await changes(() => dispute(pool, origin(), paid, { outcome: 'lost' }));
    expect(moved).toMatchObject({ recovery: 100_000n, debt: -90_000n, loss: 0n });
    expect(await listDebts(pool, paid.userId)).toMatchObject([{ asset: 'INR', owed: 90_000n, charge_back_id: id }]);
    expect((await settle(id)).state).toBe('lost');

    await give(paid.userId, 25_000n);
    // Whoever looks at the same time: what came in is taken once.
    await Promise.all(Array.from({ length: 4 }, () => recoverLosses(pool, origin())));
    expect(await walletOf(paid.userId)).toEqual([0n, 0n]);
    expect(await listDebts(pool, paid.userId)).toMatchObject([{ owed: 65_000n }]);
    expect((await stateOf(id)).terms.owed).toBe('65000');
    await give(paid.userId, 70_000n);
    await recoverLosses(pool, origin());
    expect(await listDebts(pool, paid.userId)).toEqual([]);
    expect(await walletOf(paid.userId)).toEqual([5_000n, 0n]);
    expect((await settle(id)).state).toBe('settled');
  });

  test('whoever owes is paid nothing out before', async () => {
    const payee = await newPayee(pool, iso());
    const paid = await paidTopUp(pool, origin());
    await spend(paid.userId, 100_000n);
    await dispute(pool, origin(), paid, { outcome: 'lost' });
    await pool.query(sql.typeAlias('void')`
      INSERT INTO payees (user_id, kyc) SELECT ${paid.userId}, kyc FROM payees WHERE user_id = ${payee.userId}
    `);
    await pool.query(sql.typeAlias('void')`
      UPDATE payout_destinations SET user_id = ${paid.userId} WHERE id = ${payee.destinationId}
    `);
    await give(paid.userId, 50_000n);
    const asked = { userId: paid.userId, destinationId: payee.destinationId };
    await expect(openPayoutOf(pool, asked, 10_000n, iso())).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'debt', owed: '1000.00' },
    });
    await recoverLosses(pool, origin());
    expect(await walletOf(paid.userId)).toEqual([0n, 0n]);
  });

  test('beyond what anybody may owe is a loss at once, on a named account', async () => {
    const paid = await paidTopUp(pool, origin(), 'INR', 60_000_000n);
    await spend(paid.userId, 60_000_000n);
    const moved = await changes(() => dispute(pool, origin(), paid, { outcome: 'lost', amount: '60000000' }));
    expect(moved).toMatchObject({ debt: -50_000_000n, loss: -10_000_000n, recovery: 60_000_000n });
  });

  test('whose debt is a year old is written off, and is ours to bear', async () => {
    // Whoever owes from before is let off, too.
    pass(366);
    await recoverLosses(pool, origin());
    const paid = await paidTopUp(pool, origin());
    await spend(paid.userId, 100_000n);
    const id = await dispute(pool, origin(), paid, { outcome: 'lost' });
    pass(366);
    const moved = await changes(() => recoverLosses(pool, origin()));
    expect(moved).toMatchObject({ debt: 100_000n, loss: -100_000n, recovery: 0n });
    expect(await settle(id)).toMatchObject({ state: 'settled', terms: { owed: '0' } });
  });

  test('that was lost and is won after all puts everybody where they were, whatever was recovered meanwhile', async () => {
    const paid = await paidTopUp(pool, origin());
    await spend(paid.userId, 60_000n);
    const id = await dispute(pool, origin(), paid, { outcome: null });
    await dispute(pool, origin(), paid, { outcome: 'lost' });
    await give(paid.userId, 10_000n);
    await recoverLosses(pool, origin());
    expect(await listDebts(pool, paid.userId)).toMatchObject([{ owed: 50_000n }]);
    await dispute(pool, origin(), paid, { outcome: 'won' });
    expect(await stateOf(id)).toMatchObject({ state: 'won', terms: { owed: '0', lost: null } });
    expect(await walletOf(paid.userId)).toEqual([50_000n, 0n]);
    expect(await listDebts(pool, paid.userId)).toEqual([]);
  });

  test('of tokens takes the tokens back, and undoes the sale', async () => {
    const paid = await paidTopUp(pool, origin(), 'TOKEN');
    await spend(paid.userId, 120n, 'TOKEN');
    await dispute(pool, origin(), paid, { outcome: null, amount: '50001' });
    // Half of them and a part of one.
    expect(await walletOf(paid.userId, 'TOKEN')).toEqual([229n, 251n]);
    const moved = await changes(() => dispute(pool, origin(), paid, { outcome: 'lost', amount: '50001' }));
    expect(moved).toMatchObject({ recovery: 50_001n, charge_back: -50_001n, spent: -50_001n, loss: 0n });
    expect(await walletOf(paid.userId, 'TOKEN')).toEqual([229n, 0n]);
  });

  test('two of one payment never take more of it than there was', async () => {
    const paid = await paidTopUp(pool, origin());
    await dispute(pool, origin(), paid, { outcome: null, amount: '70000', disputeId: `dp_a_${paid.paymentId}` });
    await dispute(pool, origin(), paid, { outcome: null, amount: '70000', disputeId: `dp_b_${paid.paymentId}` });
    expect(await walletOf(paid.userId)).toEqual([0n, 100_000n]);
    const moved = await changes(async () => {
      await dispute(pool, origin(), paid, { outcome: 'lost', amount: '70000', disputeId: `dp_b_${paid.paymentId}` });
      await dispute(pool, origin(), paid, { outcome: 'lost', amount: '70000', disputeId: `dp_a_${paid.paymentId}` });
    });
    expect(moved).toMatchObject({ recovery: 140_000n, charge_back: -140_000n, loss: -40_000n, debt: 0n });
  });

  test('of a payment that nobody knows is borne by us', async () => {
    const paymentId = 'pay_of_nobody';
    const moved = await changes(async () => {
      const about = { paymentId, topUpId: null };
      await dispute(pool, origin(), about, { outcome: null, amount: '7000' });
      await dispute(pool, origin(), about, { outcome: 'lost', amount: '7000' });
    });
    expect(moved).toMatchObject({ loss: -7_000n, recovery: 7_000n });
    expect(await stateOf(await idOf(pool, `dp_${paymentId}`))).toMatchObject({ state: 'lost', terms: { about: null } });
  });

  test('of a payment that comes to be known after it was disputed is its payee’s from then on', async () => {
    const userId = await newUser(pool, 'influencer');
    const { topUpId, orderId } = await unpaidTopUp(pool, origin(), userId, 'INR', 100_000n);
    const paymentId = `pay_${topUpId}`;
    const id = await dispute(pool, origin(), { paymentId, topUpId: null }, { outcome: null });
    expect((await findProcess(pool, id as string))?.seats).toEqual({});
    await hear(pool, origin(), { kind: 'captured', orderId, paymentId, amount: '100000' }, topUpId);
    await followDisputes(pool, origin());
    expect((await findProcess(pool, id as string))?.seats).toEqual({ payee: userId });
    const moved = await changes(() => dispute(pool, origin(), { paymentId, topUpId }, { outcome: 'lost' }));
    // What was paid is still on its way to the wallet: nobody has it yet.
    expect(moved).toMatchObject({ recovery: 0n, loss: 0n, debt: 0n });
    expect((await stateOf(id)).terms.pending).toBe('100000');
  });

  test('is followed once, whoever follows it, and none is opened for what was won before it was heard of', async () => {
    const paid = await paidTopUp(pool, origin());
    const disputeId = `dp_${paid.paymentId}`;
    const opened = { kind: 'charge_back_opened', paymentId: paid.paymentId, disputeId, amount: '100000' } as const;
    await hear(pool, origin(), opened, paid.topUpId);
    const followed = await Promise.all(Array.from({ length: 6 }, () => followDisputes(pool, origin())));
    expect(followed.flat()).toHaveLength(1);
    expect(await walletOf(paid.userId)).toEqual([0n, 100_000n]);
    const other = await paidTopUp(pool, origin());
    expect(await dispute(pool, origin(), other, { outcome: 'won' })).toBeNull();
  });

  test('whatever banks say in whatever order, at once and repeated, the books agree and nobody has more than they had', async () => {
    const word = fc.constantFrom('won' as const, 'lost' as const, 'partly' as const, null);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        fc.bigInt(0n, 100_000n),
        async (rounds, gone) => {
          const paid = await paidTopUp(pool, origin());
          if (gone > 0n) await spend(paid.userId, gone);
          for (const words of rounds) {
            await Promise.all(
              words.map((outcome) => dispute(pool, origin(), paid, { outcome, deducted: '30000' }).catch(rethrow)),
            );
            await recoverLosses(pool, origin());
            expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
          }
          const id = await idOf(pool, `dp_${paid.paymentId}`);
          if (id) await carry(pool, id, origin());
          const said = rounds.flat();
          const state = id ? (await stateOf(id)).state : 'won';
          const [available, held] = (await walletOf(paid.userId)) as [bigint, bigint];
          if (said.includes('won')) expect([state, available, held]).toEqual(['won', 100_000n - gone, 0n]);
          else if (said.every((outcome) => outcome === null)) expect([state, available]).toEqual(['open', 0n]);
          else expect(['lost', 'settled']).toContain(state);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  }, 240_000);

  const rethrow = (error: unknown) => {
    throw error;
  };

  describe('its evidence', () => {
    test('is handed in when its date has come, with what was done and what was said, once and under one key', async () => {
      const paid = await paidTopUp(pool, origin());
      const id = (await dispute(pool, origin(), paid, { outcome: null })) as string;
      await expire(id);
      expect(await stateOf(id)).toMatchObject({ state: 'submitted', held: '100000' });
      expect(await listEvidenceDue(pool, iso(), 100)).toContain(id);
      const evidence = await claimEvidence(pool, id, origin());
      expect(evidence).toMatchObject({ key: `evidence_${id}`, disputeId: `dp_${paid.paymentId}` });
      expect(evidence?.text).toContain('payment captured, by the provider');
      // Nobody hands it in meanwhile; if nothing was heard for long, it is handed in again under its key.
      expect(await listEvidenceDue(pool, iso(), 100)).not.toContain(id);
      clock.now = new Date(clock.now.getTime() + 600_000);
      expect(await listEvidenceDue(pool, iso(), 100)).toContain(id);
      await endEvidence(pool, id, { status: 'sent' }, origin());
      expect(await listEvidenceDue(pool, iso(), 100)).not.toContain(id);
      expect((await listSteps(pool, id, 0, 10)).map(({ on }) => on)).toEqual(['expire', 'evidence_sent']);
    });

    test('is not handed in where nobody contests it', async () => {
      const paid = await paidTopUp(pool, origin());
      const id = (await dispute(pool, origin(), paid, { outcome: null })) as string;
      await pool.query(sql.typeAlias('void')`
        UPDATE processes SET terms = jsonb_set(terms::jsonb, '{contested}', 'false')::json WHERE id = ${id}
      `);
      await expire(id);
      expect(await claimEvidence(pool, id, origin())).toBeNull();
      expect(await listEvidenceDue(pool, iso(), 100)).not.toContain(id);
    });

    test('that a bank decides nothing about for half a year leaves what was set aside free', async () => {
      const paid = await paidTopUp(pool, origin());
      const id = (await dispute(pool, origin(), paid, { outcome: null })) as string;
      await expire(id);
      await expire(id);
      expect(await stateOf(id)).toMatchObject({ state: 'undecided', held: '0' });
      await carry(pool, id, origin());
      expect(await walletOf(paid.userId)).toEqual([100_000n, 0n]);
      await dispute(pool, origin(), paid, { outcome: 'lost' });
      expect(await walletOf(paid.userId)).toEqual([0n, 0n]);
    });
  });

  describe('of a deal', () => {
    async function inEscrow() {
      const dealing = startDealing(pool, await newUser(pool, 'admin'));
      dealing.clock.now = clock.now;
      const pair = await dealing.newPair();
      const id = await dealing.open('campaign', pair);
      await dealing.give(id, 'brand_owner', 'accept_application');
      await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
      await dealing.give(id, 'influencer', 'accept_price');
      const orderId = await dealing.order(id);
      const paymentId = `pay_${id}`;
      await dealing.hear({ kind: 'captured', orderId, paymentId });
      await dealing.book(id);
      const says = async (outcome: 'won' | 'lost' | null) => {
        const kind = outcome === null ? ('charge_back_opened' as const) : ('charge_back_closed' as const);
        await dealing.hear({ kind, paymentId, disputeId: `dp_${id}`, outcome });
        await dealing.book(id);
        await followDisputes(pool, origin());
        return idOf(pool, `dp_${id}`);
      };
      const approve = async () => {
        await dealing.give(id, 'influencer', 'start_work');
        await dealing.give(id, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
        await dealing.give(id, 'brand_owner', 'approve_work');
      };
      return { dealing, id, pair, says, approve };
    }

    test('that was released takes the influencer’s part of them, and the fee is ours to bear', async () => {
      const { dealing, id, pair, says, approve } = await inEscrow();
      await approve();
      await dealing.carry(id, 'processed');
      expect(await walletOf(pair.influencer)).toEqual([450_000n, 0n]);
      const chargeBackId = await says(null);
      expect(await walletOf(pair.influencer)).toEqual([0n, 450_000n]);
      expect((await findProcess(pool, chargeBackId as string))?.seats).toEqual({
        payer: pair.brand_owner,
        payee: pair.influencer,
      });
      expect(await changes(() => says('lost'))).toMatchObject({ recovery: 500_000n, loss: -50_000n, debt: 0n });
    });

    test('that still has the money is pending, and is made up for by a refund that need not be made', async () => {
      const { dealing, id, says } = await inEscrow();
      await says(null);
      const moved = await changes(() => says('lost'));
      expect(moved).toMatchObject({ recovery: 0n, loss: 0n, charge_back: -500_000n });
      const chargeBackId = await idOf(pool, `dp_${id}`);
      expect((await stateOf(chargeBackId)).terms.pending).toBe('500000');
      await recoverLosses(pool, origin());
      expect((await stateOf(chargeBackId)).terms.pending).toBe('500000');
      await dealing.give(id, 'influencer', 'decline_work');
      await dealing.carry(id, 'processed');
      const after = await changes(() => recoverLosses(pool, origin()));
      expect(after).toMatchObject({ recovery: 0n, loss: 0n });
      expect((await settle(chargeBackId)).state).toBe('settled');
    });

    test('that an operator lets go on all the same is ours to bear, and asks nobody for it', async () => {
      const { dealing, id, pair, says, approve } = await inEscrow();
      await approve();
      const chargeBackId = await says('lost');
      await dealing.carry(id, 'processed');
      const task = await pool.oneFirst(sql.typeAlias('id')`SELECT id FROM tasks WHERE key = ${`held_up_${id}`}`);
      await dealing.decide(task, 'go_on');
      await dealing.carry(id, 'processed');
      expect(await changes(() => recoverLosses(pool, origin()))).toMatchObject({ loss: -500_000n, recovery: 500_000n });
      expect(await walletOf(pair.influencer)).toEqual([450_000n, 0n]);
      expect((await settle(chargeBackId)).state).toBe('settled');
    });
  });

  /** Damage that these invariants see; all of it is undone. */
  const DAMAGE: Record<string, string> = {
    recoveries_follow_disputes: `UPDATE disputes SET state = 'lost' WHERE state = 'won'; DELETE FROM dispute_news`,
    recoveries_stand_against_losses: `UPDATE charge_backs SET settled = settled + 1, borne = borne + 1`,
    recoveries_are_whole: `UPDATE charge_backs SET borne = borne + 1`,
    debts_are_owed: `UPDATE charge_backs SET owed = owed + 1, due = due + 1`,
    losses_are_borne: `UPDATE charge_backs SET written_off = written_off + 1, due = due + 1`,
  };

  test.each(Object.entries(DAMAGE))('damage is seen by %s', async (name, damage) => {
    const names = await pool
      .transaction(async (transaction) => {
        for (const statement of damage.split(';')) {
          await transaction.query(sql.typeAlias('void')(verbatim(statement)));
        }
        const broken = (await checkInvariants(transaction)).filter(({ ok }) => !ok);
        throw Object.assign(new Error('undone'), { names: broken.map((check) => check.name) });
      })
      .catch((error) => error.names as string[]);
    expect(names).toContain(name);
  });
});
