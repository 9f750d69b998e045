import { afterAll, beforeAll, expect, test } from 'vitest';
import { verbatim } from '#db/invariants.ts';
import { sql } from '#db/pool.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register, until } from './person.ts';

// Each day the books are compared with what the provider lists, and an operator is asked about each difference.

let place: Parts;
let person: Person;

beforeAll(async () => {
  place = await openParts({ env: { PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' } });
  person = await register(place.url, ['influencer']);
}, 60_000);
afterAll(() => place?.close());

async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return (body as Json).data;
}

/** As if it were two hours later: what is young may be under way. */
const compare = (from = 'sandbox') =>
  place.activities.work({
    job: 'compare_providers',
    from,
    now: new Date(Date.now() + 2 * 3_600_000).toISOString(),
  });
const tasks = async (status = 'open'): Promise<Json[]> =>
  ok((await place.admin()).get(`/api/admin/tasks?kind=difference&status=${status}&limit=100`));
const damage = (text: string) => place.pool.query(sql.typeAlias('void')(verbatim(text)));

test('what both say is no difference; of providers that are not configured nobody is asked', async () => {
  const { payment_order } = await ok(person.post('/api/wallet/topup', { amount: '500.00', asset: 'INR' }));
  const button = new URLSearchParams({ button: 'pay' });
  await fetch(payment_order.checkout_url, { method: 'POST', body: button, redirect: 'manual' });
  const rupees = async () =>
    (await ok(person.get(`/api/wallet/${person.id}/balance`))).balances.find(({ asset }: Json) => asset === 'INR');
  await until(rupees, (balance) => balance?.available === '500.00');
  await ok(person.post(`/api/wallet/${person.id}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
  const at = { kind: 'sandbox', account: 'ok' };
  const { destination } = await ok(person.post(`/api/wallet/${person.id}/destinations`, at));
  const asked = { amount: '100.00', asset: 'INR', destination_id: destination.id };
  const { payout } = await ok(person.post(`/api/wallet/${person.id}/payouts`, asked));
  await until(
    async () => (await ok(person.get(`/api/wallet/${person.id}/payouts/${payout.id}`))).payout.status,
    (status) => status === 'paid',
  );
  expect(await compare()).toEqual({
    done: 'sandbox: 1 orders, 0 new differences; 1 payments, 0 new differences; 0 refunds, 0 new differences; 0 disputes, 0 new differences; 1 payouts, 0 new differences',
    next: 'razorpay',
  });
  expect(await compare('coinbase')).toEqual({ done: 'coinbase is not configured', next: null });
  expect(await tasks()).toEqual([]);
});

test('each difference is a task of its own, asked about once, and not again when it was looked at', async () => {
  // A webhook that never came, another amount, a payout that nobody of ours asked for, and one that they do not know; an
  // order that nobody of ours made, one of another amount, one that they do not know, and one that was not paid.
  const ordered = () => ok(person.post('/api/wallet/topup', { amount: '70.00', asset: 'INR' }));
  const [other, gone] = [(await ordered()).payment_order, (await ordered()).payment_order];
  expect(other.checkout_url).not.toBe(gone.checkout_url);
  const named = ({ checkout_url: url }: Json) => String(url).split('/').at(-1);
  await damage(`UPDATE sandbox_orders SET amount = 6900 WHERE id = '${named(other)}'`);
  await damage(`DELETE FROM sandbox_orders WHERE id = '${named(gone)}'`);
  await damage(`
    INSERT INTO sandbox_orders (id, reference, amount, currency, description, created_at)
    SELECT 'order_unasked', 'unasked', 700, 'INR', '', now()`);
  await damage(`
    INSERT INTO sandbox_payments (id, order_id, amount, currency, status, happens_at, created_at)
    SELECT 'pay_unheard', order_id, 4200, 'INR', 'captured', happens_at, created_at FROM sandbox_payments`);
  await damage(`UPDATE sandbox_payments SET amount = amount + 1 WHERE id <> 'pay_unheard'`);
  await damage(`
    INSERT INTO sandbox_payouts (id, key, reference, account, amount, currency, status, created_at)
    SELECT 'pout_unasked', 'unasked', 'unasked', account, 7, 'INR', 'processed', created_at FROM sandbox_payouts`);
  await damage(`DELETE FROM sandbox_payouts WHERE id <> 'pout_unasked'`);
  await Promise.all([compare(), compare()]);
  const found = (await tasks()).map(({ details }) => [details.thing, details.what, details.ours, details.theirs]);
  expect(found.sort()).toEqual([
    ['order', 'booked_otherwise', '7000 INR open', '6900 INR open'],
    ['order', 'not_booked', null, '700 INR open'],
    ['order', 'not_listed', '7000 INR open', null],
    ['payment', 'booked_otherwise', '50000 INR captured', '50001 INR captured'],
    ['payment', 'not_booked', null, '4200 INR captured'],
    ['payout', 'not_booked', null, '7 INR processed'],
    ['payout', 'not_listed', '9900 INR processed', null],
  ]);
  const admin = await place.admin();
  for (const { id } of await tasks()) {
    await ok(admin.post(`/api/admin/tasks/${id}/decision`, { decision: 'dismiss', reason: 'Asked them' }));
  }
  await compare();
  expect(await tasks()).toEqual([]);
  expect(await tasks('closed')).toHaveLength(7);
});
