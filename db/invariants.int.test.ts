import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { checkInvariants, INVARIANTS, listReports, verbatim } from './invariants.ts';
import { createPool, type Pool, sql, type Transaction } from './pool.ts';
import { refundFromSuspense } from './suspense.ts';
import { type Dealing, newUser, startDealing } from './testing/dealing.ts';

let pool: Pool;
let dealing: Dealing;
/** Deals brought to where each kind of money is: see `beforeAll`. */
let paid: string;
let released: string;
let refunding: string;
let refunded: string;
let disputed: string;
let returned: string;
let waiting: string;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
  const pair = await dealing.newPair();
  const agree = async (kind: 'campaign' | 'bid' = 'campaign') => {
    const id = await dealing.open(kind, pair);
    if (kind === 'campaign') await dealing.give(id, 'brand_owner', 'accept_application');
    else {
      await dealing.give(id, 'influencer', 'accept_connection');
      await dealing.give(id, 'brand_owner', 'send_project_details', { details: 'Three reels' });
      await dealing.give(id, 'influencer', 'accept_project');
    }
    await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
    await dealing.give(id, 'influencer', 'accept_price');
    return { id, orderId: await dealing.order(id) };
  };
  const pay = async (kind?: 'campaign' | 'bid') => {
    const { id, orderId } = await agree(kind);
    await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
    await dealing.book(id);
    return { id, orderId };
  };
  ({ id: paid } = await pay('bid'));
  ({ id: released } = await pay());
  await dealing.give(released, 'influencer', 'start_work');
  await dealing.give(released, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(released, 'brand_owner', 'approve_work');
  await dealing.carry(released, null);
  ({ id: refunding } = await pay());
  await dealing.give(refunding, 'influencer', 'decline_work');
  await dealing.carry(refunding, 'failed');
  ({ id: refunded } = await pay());
  await dealing.give(refunded, 'influencer', 'open_dispute', { reason: 'No answer' });
  await dealing.give(refunded, 'admin', 'resolve_dispute', { release_percent: 33, reason: 'A third was done' });
  await dealing.carry(refunded, 'processed');
  ({ id: disputed } = await pay());
  await dealing.give(disputed, 'brand_owner', 'open_dispute', { reason: 'Late' });
  const twice = await pay();
  returned = twice.id;
  await dealing.hear({ kind: 'captured', orderId: twice.orderId, paymentId: `second_${returned}` });
  await dealing.book(returned);
  // Two captures that nothing explains; one of them is given back.
  for (const paymentId of ['stray_1', 'stray_2']) {
    await dealing.hear({ kind: 'captured', orderId: 'order_of_nobody', paymentId, amount: '12300', currency: 'JPY' });
  }
  await dealing.book(null);
  // The bank took back what was released, in two parts; the second is told of twice.
  for (const amount of ['100000', '400000', '400000']) {
    await dealing.hear({ kind: 'charge_back_closed', paymentId: `pay_${released}`, amount, reason: 'lost' });
  }
  await dealing.book(released);
  await pool.transaction(async (transaction) => {
    const capture = sql.typeAlias('id')`SELECT id FROM captures WHERE payment_id = 'stray_2'`;
    await refundFromSuspense(transaction, await transaction.oneFirst(capture), dealing.clock.now.toISOString());
  });
  ({ id: waiting } = await agree());
  await dealing.hear({ kind: 'failed', orderId: `order_of_${waiting}`, paymentId: 'pay_late' });
}, 60_000);
afterAll(() => pool?.end());

test('deals brought to every place where money can be break no invariant', async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  expect((await dealing.deal(released)).state).toBe('real_time');
  expect((await dealing.deal(refunded)).state).toBe('real_time');
});

test('money that waits for somebody is reported beside them, and fails nothing', async () => {
  const reports = Object.fromEntries((await listReports(pool)).map(({ name, rows }) => [name, rows]));
  expect(reports.money_in_suspense).toEqual([{ account: 'suspense/sandbox', asset: 'JPY', balance: '12300' }]);
  expect(reports.refunds_under_way).toContainEqual(
    expect.objectContaining({ conversation_id: refunding, amount: '500000', status: 'failed' }),
  );
  expect(reports.refunds_under_way).toContainEqual(expect.objectContaining({ conversation_id: returned }));
  expect(reports.facts_to_book).toEqual([expect.objectContaining({ kind: 'failed' })]);
  expect(reports.open_tasks?.map((task) => task.kind).sort()).toEqual([
    'dispute',
    'stuck_refund',
    'unmatched_capture',
    'unmatched_capture',
  ]);
  expect(reports.promises_to_carry_out).toEqual([]);
  expect(reports.money_charged_back).toEqual([{ account: 'charge_back/sandbox', asset: 'INR', balance: '-500000' }]);
});

test('answers are plain JSON, amounts as text', async () => {
  const all = [...(await checkInvariants(pool)), ...(await listReports(pool))];
  expect(JSON.parse(JSON.stringify(all))).toEqual(all);
});

/** What breaks each invariant. Triggers and foreign keys are off: each is damage that they would not have let happen. */
const DAMAGE: Record<string, (ids: Record<string, string>) => string> = {
  transfers_balance: ({ released }) => `
    UPDATE ledger_entries SET amount = amount + 1 WHERE (account_id, account_version) = (
      SELECT account_id, account_version FROM ledger_entries JOIN ledger_transfers ON id = transfer_id
      WHERE conversation_id = '${released}' LIMIT 1)`,
  transfers_move_something: () => `
    INSERT INTO ledger_transfers (key, input_hash, reason, occurred_at) VALUES ('nothing', '', 'nothing', now())`,
  books_sum_to_zero: ({ paid }) => `UPDATE ledger_accounts SET balance = balance + 1 WHERE code = 'escrow/${paid}'`,
  balances_are_sums: ({ paid }) => `UPDATE ledger_accounts SET version = version + 1 WHERE code = 'escrow/${paid}'`,
  entries_are_chained: ({ released }) => `
    UPDATE ledger_entries SET account_version = account_version + 10 WHERE account_version = 2 AND account_id =
      (SELECT id FROM ledger_accounts WHERE code = 'escrow/${released}')`,
  balances_were_never_negative: ({ paid }) => `
    UPDATE ledger_entries SET balance_after = -1 WHERE account_id =
      (SELECT id FROM ledger_accounts WHERE code = 'escrow/${paid}')`,
  steps_are_numbered: ({ paid }) => `UPDATE steps SET n = n + 1 WHERE conversation_id = '${paid}' AND n =
      (SELECT version FROM conversations WHERE id = '${paid}')`,
  steps_are_chained: ({ paid }) =>
    `UPDATE steps SET from_state = 'real_time' WHERE conversation_id = '${paid}' AND n = 3`,
  steps_are_in_time: ({ paid }) =>
    `UPDATE steps SET at = at - interval '1 ms' WHERE conversation_id = '${paid}' AND n = 1`,
  deals_stand_where_their_steps_led: ({ paid }) => `UPDATE conversations SET entry = entry + 1 WHERE id = '${paid}'`,
  deals_end_by_themselves: ({ paid }) => `UPDATE conversations SET deadline = NULL WHERE id = '${paid}'`,
  conversations_are_open_until_closed: ({ paid }) => `UPDATE conversations SET is_open = false WHERE id = '${paid}'`,
  steps_and_messages_have_a_conversation: ({ paid }) => `
    UPDATE messages SET conversation_id = '${uuid()}' WHERE conversation_id = '${paid}'`,
  deals_are_relayed: ({ paid }) => `DELETE FROM relays WHERE conversation_id = '${paid}'`,
  relays_are_looked_at: ({ paid }) => `UPDATE relays SET look_at = NULL WHERE conversation_id = '${paid}'`,
  questions_are_of_now: ({ paid }) => `
    UPDATE conversations SET asked_position = 1 WHERE id = '${paid}'`,
  messages_are_numbered: ({ paid }) =>
    `UPDATE messages SET position = 100 WHERE conversation_id = '${paid}' AND position = 2`,
  events_are_numbered: () => `
    DELETE FROM outbox WHERE (user_id, first_seq) IN (SELECT user_id, min(first_seq) FROM outbox GROUP BY user_id)`,
  events_are_as_many_as_numbered: () => `UPDATE outbox SET events = '[]'`,
  steps_that_are_told_are_kept: ({ paid }) => `
    UPDATE messages SET position = position + 1000 WHERE conversation_id = '${paid}' AND position = 3`,
  escrow_is_held_or_promised: ({ paid }) => `
    UPDATE conversations SET flow_data = jsonb_set(flow_data::jsonb, '{held}', '"499999"') WHERE id = '${paid}'`,
  held_money_has_a_deadline: ({ released }) => `
    UPDATE conversations SET flow_data = jsonb_set(flow_data::jsonb, '{held}', '"1"') WHERE id = '${released}'`,
  ended_deals_hold_nothing: ({ released }) =>
    `UPDATE ledger_accounts SET balance = 1 WHERE code = 'escrow/${released}'`,
  paid_is_held_or_promised: ({ refunded }) => `
    DELETE FROM promises WHERE conversation_id = '${refunded}' AND kind = 'refund'`,
  promises_are_made_once: ({ released }) => `
    INSERT INTO promises (id, conversation_id, step_n, kind, amount, fee, asset, made_at)
    SELECT '${uuid()}', conversation_id, step_n, kind, amount, fee, asset, made_at FROM promises
    WHERE conversation_id = '${released}'`,
  releases_cost_the_agreed_fee: ({ released }) =>
    `UPDATE promises SET fee = fee + 1 WHERE conversation_id = '${released}'`,
  releases_are_paid_out: ({ released }) => `UPDATE promises SET done_at = NULL WHERE conversation_id = '${released}'`,
  rupees_are_earned: ({ released }) => `
    UPDATE ledger_transfers SET key = 'a gift' WHERE conversation_id = '${released}' AND reason = 'money_released'`,
  refunds_leave_escrow_once: ({ refunding }) =>
    `UPDATE promises SET moved_at = NULL WHERE conversation_id = '${refunding}'`,
  refunds_follow_promises: ({ refunded }) => `
    UPDATE promises SET done_at = NULL WHERE conversation_id = '${refunded}' AND kind = 'refund'`,
  refunds_settle_once: ({ refunding }) => `
    UPDATE refunds SET status = 'processed' FROM promises
    WHERE promises.id = promise_id AND conversation_id = '${refunding}'`,
  clearing_is_refunds_under_way: ({ returned }) => `
    DELETE FROM refunds USING promises WHERE promises.id = promise_id AND conversation_id = '${returned}'`,
  captures_are_of_facts: ({ paid }) => `UPDATE captures SET amount = amount + 1 WHERE conversation_id = '${paid}'`,
  facts_are_booked_with_an_outcome: ({ paid }) => `UPDATE inbox SET outcome = NULL WHERE conversation_id = '${paid}'`,
  captures_have_moved: ({ paid }) => `UPDATE captures SET disposition = 'suspense' WHERE conversation_id = '${paid}'`,
  returned_captures_are_promised_back: ({ returned }) => `DELETE FROM promises WHERE conversation_id = '${returned}'`,
  captures_are_refunded_at_most_whole: ({ refunded }) => `
    UPDATE refunds SET amount = 500001 FROM promises
    WHERE promises.id = promise_id AND conversation_id = '${refunded}'`,
  suspense_is_unmatched_captures: () => `UPDATE refunds SET promise_id = '${uuid()}' WHERE promise_id IS NULL`,
  charge_backs_are_lost_disputes: () => `
    UPDATE inbox SET fact = jsonb_set(fact, '{amount}', '"7"') WHERE fact ->> 'kind' = 'charge_back_closed'`,
  deals_are_paid_once: ({ returned }) => `
    DROP INDEX captures_one_in_escrow;
    UPDATE captures SET disposition = 'escrow' WHERE conversation_id = '${returned}'`,
  orders_are_of_the_agreed_price: ({ waiting }) => `
    UPDATE payment_orders SET amount = amount + 1 WHERE conversation_id = '${waiting}'`,
  operators_are_asked: ({ disputed }) => `DELETE FROM tasks WHERE conversation_id = '${disputed}'`,
};

test('there is damage for every invariant, and for nothing else', () => {
  expect(Object.keys(DAMAGE)).toEqual(INVARIANTS);
});

class Undo extends Error {}

/** Does something in a transaction that never was. */
async function undone<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  let result: { value: T } | null = null;
  try {
    await pool.transaction(async (transaction) => {
      result = { value: await work(transaction) };
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  if (!result) throw new Error('nothing was done');
  return (result as { value: T }).value;
}

async function run(transaction: Transaction, statement: string): Promise<number> {
  return (await transaction.query(sql.typeAlias('void')(verbatim(statement)))).rowCount;
}

describe('damage is seen', () => {
  test.each(INVARIANTS)('%s', async (name) => {
    const ids = { paid, released, refunding, refunded, disputed, returned, waiting };
    const broken = await undone(async (transaction) => {
      await run(transaction, "SET LOCAL session_replication_role = 'replica'");
      let touched = 0;
      for (const statement of (DAMAGE[name]?.(ids) ?? '').split(';')) touched = await run(transaction, statement);
      expect(touched, 'the damage was done').toBeGreaterThan(0);
      return (await checkInvariants(transaction)).filter(({ ok }) => !ok);
    });
    const seen = broken.find((check) => check.name === name);
    expect(seen?.rows.length, `seen were ${broken.map((check) => check.name).join(', ')}`).toBeGreaterThan(0);
    expect(seen?.meaning).toMatch(/^[A-Z].*\.$/);
  });
});

test('the damage of these tests was undone', async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});
