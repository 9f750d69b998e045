import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { listOpenPromises } from '../process/processes.ts';
import { listTasks, type TaskKind } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { claimRefund, findRefund } from './refunds.ts';

// A bank takes a payment back, in disputes of their own and in any order, and nobody is paid out of it meanwhile.

let pool: Pool;
let dealing: Dealing;
/** A deal that was paid, with its payment in escrow. */
let id: string;
let paymentId: string;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());
beforeEach(async () => {
  id = await dealing.open('campaign', await dealing.newPair());
  paymentId = `pay_${id}`;
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  const orderId = await dealing.order(id);
  await dealing.hear({ kind: 'captured', orderId, paymentId });
  await dealing.book(id);
});

async function dispute(disputeId: string, outcome: 'won' | 'lost' | null, amount = '500000'): Promise<void> {
  const kind = outcome === null ? 'charge_back_opened' : 'charge_back_closed';
  await dealing.hear({ kind, paymentId, disputeId, outcome, amount, reason: 'a payment lost in the mail' });
  await dealing.book(id);
}

async function approve(): Promise<void> {
  await dealing.give(id, 'influencer', 'start_work');
  await dealing.give(id, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(id, 'brand_owner', 'approve_work');
}

const tasks = async (kind: TaskKind) =>
  (await listTasks(pool, { open: true, kind, limit: 100, before: null })).filter((task) => task.process_id === id);
const brokenInvariants = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);
const chargedBack = () =>
  pool.oneFirst(sql.type(z.object({ balance: z.bigint() }))`
    SELECT coalesce(sum(entry.amount), 0)::bigint AS balance
    FROM ledger_transfers AS transfer
    JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
    JOIN ledger_accounts AS account ON account.id = entry.account_id
    WHERE account.kind = 'charge_back' AND transfer.conversation_id = ${id}
  `);
const said = () =>
  pool.anyFirst(sql.type(z.object({ message: z.string() }))`
    SELECT message FROM messages WHERE conversation_id = ${id} ORDER BY position
  `);

test('two disputes of one payment are two losses, each booked once whatever order their events come in', async () => {
  await dispute('dp_1', 'lost', '100000');
  await dispute('dp_2', null, '400000');
  await dispute('dp_1', null, '100000');
  await dispute('dp_2', 'lost', '400000');
  await dispute('dp_2', 'lost', '400000');
  expect(await chargedBack()).toBe(-500_000n);
  expect(await tasks('charge_back')).toHaveLength(2);
  expect(await brokenInvariants()).toEqual([]);
});

test('lost is a state and no word in a reason', async () => {
  await dispute('dp_words', 'won');
  expect(await chargedBack()).toBe(0n);
  expect(await tasks('charge_back')).toEqual([]);
});

test('a dispute that was lost and is won after all gives back what was booked', async () => {
  await dispute('dp_turned', 'lost');
  await dispute('dp_turned', 'won');
  await dispute('dp_turned', 'lost');
  expect(await chargedBack()).toBe(0n);
  expect(await brokenInvariants()).toEqual([]);
});

test('a loss told of before its payment is known, and again after, is one loss and holds up nothing', async () => {
  const late = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(late, 'brand_owner', 'accept_application');
  await dealing.give(late, 'brand_owner', 'accept_proposed_price');
  const orderId = await dealing.order(late);
  const lost = { kind: 'charge_back_closed', paymentId: 'pay_early', amount: '600000', outcome: 'lost' } as const;
  await dealing.hear(lost);
  await dealing.book(null);
  await dealing.hear({ kind: 'captured', orderId, paymentId: 'pay_early', amount: '600000' });
  await dealing.book(late);
  await dealing.hear(lost);
  await dealing.book(late);
  const { waiting, disputes } = await pool.one(sql.type(z.object({ waiting: z.bigint(), disputes: z.bigint() }))`
    SELECT (SELECT count(*) FROM inbox WHERE booked_at IS NULL) AS waiting,
      (SELECT count(*) FROM disputes WHERE payment_id = 'pay_early' AND process_id = ${late}) AS disputes
  `);
  expect({ waiting, disputes }).toEqual({ waiting: 0n, disputes: 1n });
  expect(await brokenInvariants()).toEqual([]);
});

test('nobody is paid out of a payment that its bank was asked to take back; both sides and an operator know', async () => {
  await dispute('dp_open', null);
  await approve();
  await dealing.carry(id, 'processed');
  await dealing.carry(id, 'processed');
  expect(await listOpenPromises(pool, id)).toMatchObject([{ kind: 'release', moved: false, held_up: true }]);
  expect(await dealing.deal(id)).toMatchObject({ state: 'work_approved' });
  expect(await tasks('held_up')).toHaveLength(1);
  expect((await said()).filter((words) => words.includes('waits until that is decided'))).toHaveLength(2);
  expect(await brokenInvariants()).toEqual([]);
});

test('what waited goes on when the dispute is won', async () => {
  await dispute('dp_won', null);
  await approve();
  await dealing.carry(id, 'processed');
  await dispute('dp_won', 'won');
  expect(await tasks('held_up')).toEqual([]);
  await dealing.carry(id, 'processed');
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await dealing.deal(id)).toMatchObject({ state: 'real_time' });
  expect(await brokenInvariants()).toEqual([]);
});

test('what waits for a dispute that was lost goes on when an operator decides so, and no sooner', async () => {
  await approve();
  await dispute('dp_lost', 'lost');
  await dealing.carry(id, 'processed');
  expect(await listOpenPromises(pool, id)).toMatchObject([{ held_up: true }]);
  const [task] = await tasks('held_up');
  expect(await dealing.decide(task?.id as string, 'go_on')).toBe(true);
  await dealing.carry(id, 'processed');
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await brokenInvariants()).toEqual([]);
});

test('what the bank gave back is not given back a second time: the refund is settled by that', async () => {
  await dispute('dp_taken', 'lost');
  await dealing.give(id, 'influencer', 'decline_work');
  await dealing.carry(id, 'processed');
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await chargedBack()).toBe(0n);
  const outside = await pool.oneFirst(sql.type(z.object({ n: z.bigint() }))`
    SELECT count(*) AS n FROM refunds JOIN captures ON captures.id = capture_id
    WHERE captures.process_id = ${id} AND covers
  `);
  expect(outside).toBe(1n);
  expect(await brokenInvariants()).toEqual([]);
});

test('a refund that is due when its payment is disputed is not asked for, and is settled by the loss', async () => {
  await dealing.give(id, 'influencer', 'decline_work');
  await dealing.carry(id, null);
  const [promise] = await listOpenPromises(pool, id);
  const refundId = promise?.call?.id as string;
  await dispute('dp_race', null);
  expect(await claimRefund(pool, refundId, dealing.clock.now.toISOString())).toBeNull();
  await dispute('dp_race', 'lost');
  expect(await findRefund(pool, refundId)).toMatchObject({ status: 'processed' });
  expect(await listOpenPromises(pool, id)).toEqual([]);
  expect(await brokenInvariants()).toEqual([]);
});

test('a lost charge-back names its deal on the transfer and stays on the list until somebody looked', async () => {
  await dispute('dp_named', 'lost');
  const [task] = await tasks('charge_back');
  expect(task).toMatchObject({ details: { dispute_id: 'dp_named', state: 'lost', lost_minor: '500000' } });
  expect(await chargedBack()).toBe(-500_000n);
  await dealing.decide(task?.id as string, 'dismiss');
  expect(await tasks('charge_back')).toEqual([]);
});
