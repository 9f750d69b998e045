import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
let pool: Pool;
type Who = { id: string; token: string };
let admin: Who;
let brand: Who;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, which fail when they are not as expected
type Json = any;

async function call(who: Who | null, method: 'GET' | 'POST', url: string, payload?: object): Promise<Json> {
  const headers = who ? { authorization: `Bearer ${who.token}` } : {};
  const answer = await place.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, ...answer.json() };
}

async function person(handle: string, path = 'register', roles?: string[]): Promise<Who> {
  const { data } = await call(null, 'POST', `/api/auth/${path}`, {
    handle,
    password: 'a long password',
    ...(roles && { roles }),
  });
  return { id: data.user.id, token: data.access };
}

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  place = await startTestApp({ databaseUrl });
  pool = createPool(databaseUrl);
  await ensureAdmin(pool, { handle: 'operator', password: 'a long password' });
  admin = await person('operator', 'login');
  brand = await person('brand', 'register', ['brand_owner']);
});
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

let deals = 0;
/** A deal whose price is to be agreed on, between the brand and somebody new or known. */
async function pricing(influencer: Who): Promise<string> {
  deals += 1;
  const campaign = { title: `Monsoon ${deals}`, description: 'Three reels', budget: '20000' };
  const { data } = await call(brand, 'POST', '/api/campaigns', campaign);
  const applied = { message: 'I would love to', proposed_amount: '6000' };
  const { conversation } = (await call(influencer, 'POST', `/api/campaigns/${data.id}/apply`, applied)).data;
  const deal = `/api/messages/conversations/${conversation.id}`;
  await call(brand, 'POST', `${deal}/button-click`, { button_id: 'accept_application', additional_data: {} });
  return deal;
}

async function agree(deal: string): Promise<void> {
  const click = { button_id: 'accept_proposed_price', additional_data: {} };
  expect((await call(brand, 'POST', `${deal}/button-click`, click)).status).toBe(200);
}

const feeOf = async (deal: string) => (await call(brand, 'GET', `${deal}/context`)).data.fee_bps;
const rule = (more: object) =>
  call(admin, 'POST', '/api/admin/commission-rules', { kind: 'deal', reason: 'Agreed', ...more });

test('a deal costs what the rule says on the day that its price is agreed on, and a later rule changes nothing of it', async () => {
  const asha = await person('asha', 'register', ['influencer']);
  const ben = await person('ben', 'register', ['influencer']);
  const before = await pricing(asha);
  await agree(before);
  const usual = await feeOf(before);
  expect((await rule({ bps: 700 })).status).toBe(201);
  expect((await rule({ bps: 250, user_id: asha.id })).status).toBe(201);
  const [ashas, bens] = [await pricing(asha), await pricing(ben)];
  // What it would be now, and then what it is.
  expect([await feeOf(ashas), await feeOf(bens)]).toEqual([250, 700]);
  for (const deal of [ashas, bens]) await agree(deal);
  expect((await rule({ bps: 9_000 })).status).toBe(201);
  expect([await feeOf(before), await feeOf(ashas), await feeOf(bens)]).toEqual([usual, 250, 700]);
});

test('of what nothing is taken no rule is made, and nothing on top of a deal', async () => {
  for (const wrong of [
    { kind: 'trade', bps: 100 },
    { bps: 100, fixed: '5' },
  ]) {
    const { status, error_code } = await rule(wrong);
    expect([status, error_code]).toEqual([400, 'VALIDATION_FAILED']);
  }
});
