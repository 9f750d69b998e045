import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { newUser, SYSTEM, startDealing } from '#db/deal/testing/dealing.ts';
import { verbatim } from '#db/invariants.ts';
import { issueInvoices } from '#db/invoice/invoices.ts';
import { settlePayout } from '#db/payment/payouts.ts';
import { answerWith, newPayee, openPayoutOf } from '#db/payout/testing/payouts.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { expireIfDue } from '#db/process/step.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
let pool: Pool;
const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
const origin = () => ({ now: clock.now.toISOString(), systemUserId: SYSTEM, correlationId: null });

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  place = await startTestApp({ databaseUrl });
  pool = createPool(databaseUrl, { size: 12 });
});
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

/** A deal that was released: 5,000 rupees, of which 500 are our fee. */
async function released(): Promise<{ id: string; brand: string; influencer: string }> {
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const { brand_owner: brand, influencer } = await dealing.newPair();
  const id = await dealing.open('campaign', { brand_owner: brand, influencer });
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  const orderId = await dealing.order(id);
  await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
  await dealing.book(id);
  await dealing.give(id, 'influencer', 'start_work');
  await dealing.give(id, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(id, 'brand_owner', 'approve_work');
  await dealing.carry(id, 'processed');
  return { id, brand, influencer };
}

async function paidOut(): Promise<string> {
  const id = await openPayoutOf(pool, await newPayee(pool, origin().now), 70_000n, origin().now);
  for (const hours of [0, 2]) {
    clock.now = new Date(clock.now.getTime() + hours * 3_600_000);
    const stored = await findProcess(pool, id);
    if (stored) await expireIfDue(pool, stored, origin());
  }
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin());
  await answerWith(pool, id, 'processed', origin());
  return id;
}

const row = z.object({ issuer: z.string(), number: z.int(), kind: z.string(), amount: z.bigint() });
const invoicesOf = (processId: string) =>
  pool.any(
    sql.type(row)`SELECT issuer, number, kind, amount FROM invoices WHERE process_id = ${processId} ORDER BY kind`,
  );
const inOrder = async () => expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);

test('each released deal and each fee is invoiced once, in numbers without a gap, whoever issues at the same time', async () => {
  const deals = [await released(), await released()];
  const payouts = [await paidOut(), await paidOut()];
  await inOrder();
  const issued = await Promise.all(Array.from({ length: 5 }, () => issueInvoices(pool, 3)));
  expect(issued.reduce((sum, many) => sum + many, 0)).toBe(6);
  const numbers = await pool.anyFirst(sql.type(z.object({ number: z.int() }))`
    SELECT number FROM invoices WHERE issuer = 'platform' ORDER BY number
  `);
  expect(numbers).toEqual([1, 2, 3, 4]);
  for (const { id, influencer } of deals) {
    expect(await invoicesOf(id)).toMatchObject([
      { issuer: influencer, number: 1, kind: 'deal', amount: 500_000n },
      { issuer: 'platform', kind: 'deal_fee', amount: 50_000n },
    ]);
  }
  await settlePayout(
    pool,
    payouts[0] as string,
    { state: 'reversed', payoutId: `pout_${payouts[0]}`, reason: 'The account is closed', destinationFailed: false },
    origin(),
  );
  expect(await issueInvoices(pool)).toBe(1);
  expect(await invoicesOf(payouts[0] as string)).toMatchObject([
    { kind: 'payout_fee', amount: 700n },
    { kind: 'payout_fee_back', number: 5, amount: -700n },
  ]);
  await inOrder();
});

test('an invoice is seen by both sides and by nobody else, as JSON whose lines sum and as a page', async () => {
  const register = async (handle: string) => {
    const payload = { handle, password: 'a long password' };
    const { data } = (await place.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json();
    return { id: data.user.id as string, headers: { authorization: `Bearer ${data.access}` } };
  };
  const [billed, stranger] = [await register('billed'), await register('stranger')];
  const { id: processId } = await released();
  await issueInvoices(pool);
  await pool.query(sql.typeAlias('void')`
    ALTER TABLE invoices DISABLE TRIGGER invoices_immutable
  `);
  await pool.query(sql.typeAlias('void')`
    UPDATE invoices SET billed_id = ${billed.id} WHERE process_id = ${processId} AND kind = 'deal'
  `);
  await pool.query(sql.typeAlias('void')`ALTER TABLE invoices ENABLE TRIGGER invoices_immutable`);
  const listed = (await place.app.inject({ url: '/api/invoices', headers: billed.headers })).json().data;
  expect(listed).toMatchObject([
    { kind: 'deal', total: '5000.00', lines: [{ amount: '5000.00' }], billed: { handle: 'billed' } },
  ]);
  const url = `/api/invoices/${listed[0].id}`;
  expect((await place.app.inject({ url, headers: stranger.headers })).statusCode).toBe(404);
  const page = await place.app.inject({ url: `${url}?format=html`, headers: billed.headers });
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.body).toContain(`Invoice ${listed[0].name}`);
});

test.each([
  ['invoices_are_numbered', 'UPDATE invoices SET number = number + 100 WHERE number = 1'],
  ['invoices_are_of_fees', "UPDATE invoices SET amount = amount + 1 WHERE kind = 'payout_fee'"],
])('damage is seen by %s', async (name, damage) => {
  const names = await pool
    .transaction(async (transaction) => {
      await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = 'replica'`);
      await transaction.query(sql.typeAlias('void')(verbatim(damage)));
      const broken = (await checkInvariants(transaction)).filter(({ ok }) => !ok);
      throw Object.assign(new Error('undone'), { names: broken.map((check) => check.name) });
    })
    .catch((error) => error.names as string[]);
  expect(names).toContain(name);
});
