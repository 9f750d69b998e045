import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { DEAL_TABLE, ROLES, STATES, TRANSITIONS } from '#workflows/deal/table.ts';
import { lookupIn } from '#workflows/process/table.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
});
afterAll(() => api.close());

async function call(method: 'GET' | 'POST', url: string, access: string | null, payload?: object) {
  const headers = access ? { authorization: `Bearer ${access}` } : {};
  const answer = await api.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}

async function person(handle: string, role: string): Promise<string> {
  const { body } = await call('POST', '/api/auth/register', null, { handle, password: 'secret123', roles: [role] });
  return body.data.access;
}

test('the machine is told to everybody, every row of the table once for each state it begins in', async () => {
  const { status, body } = await call('GET', '/api/flow', null);
  expect(status).toBe(200);
  const { states, transitions } = body.data;
  expect(states.map(({ name }: { name: string }) => name)).toEqual(STATES);
  expect(transitions).toHaveLength(TRANSITIONS.reduce((all, { from }) => all + from.length, 0));
  for (const { from, to, on, by, kind } of transitions) {
    const row = lookupIn(DEAL_TABLE).findRow(from, on, kind ?? 'bid');
    expect(row).toMatchObject({ on, by });
    expect(row?.to === 'same' ? from : row?.to).toBe(to);
    expect(by.every((role: string) => (ROLES as readonly string[]).includes(role))).toBe(true);
  }
});

test('each kind of deal has the one state where it begins', async () => {
  const { states } = (await call('GET', '/api/flow', null)).body.data;
  const opens = states.filter((state: { opens: string | null }) => state.opens !== null);
  expect(opens.map(({ name, opens }: { name: string; opens: string }) => [name, opens])).toEqual([
    ['initial', 'campaign'],
    ['influencer_responding', 'bid'],
  ]);
});

test('a deal’s steps are told to its two sides, page by page, without what was said in them; to others it is not there', async () => {
  const [brand, influencer, stranger] = [
    await person('brand', 'brand_owner'),
    await person('influencer', 'influencer'),
    await person('stranger', 'influencer'),
  ];
  const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
  const { id: campaignId } = (await call('POST', '/api/campaigns', brand, campaign)).body.data;
  const application = { message: 'I would love to', proposed_amount: 6000 };
  const { conversation } = (await call('POST', `/api/campaigns/${campaignId}/apply`, influencer, application)).body
    .data;
  const path = `/api/messages/conversations/${conversation.id}`;
  expect((await call('GET', `${path}/steps`, brand)).body.data).toEqual([]);
  await call('POST', `${path}/button-click`, brand, { button_id: 'accept_application' });
  await call('POST', `${path}/text-input`, brand, { input_type: 'price_offer', text: '5000' });

  const expected = [
    { n: 1, on: 'accept_application', by: 'brand_owner', from: 'initial', to: 'brand_owner_pricing' },
    { n: 2, on: 'send_price_offer', by: 'brand_owner', from: 'brand_owner_pricing', to: 'influencer_price_response' },
  ].map((step) => ({ ...step, at: api.clock.now.toISOString() }));
  for (const side of [brand, influencer]) {
    expect((await call('GET', `${path}/steps`, side)).body.data).toEqual(expected);
  }
  const first = (await call('GET', `${path}/steps?limit=1`, influencer)).body;
  const second = (await call('GET', `${path}/steps?limit=1&cursor=${first.page.next_cursor}`, influencer)).body;
  expect([...first.data, ...second.data]).toEqual(expected);
  expect(second.page.next_cursor).toBeNull();

  expect((await call('GET', `${path}/steps`, stranger)).status).toBe(404);
  expect((await call('GET', `${path}/steps`, null)).status).toBe(401);
  expect((await call('GET', `${path}/steps?cursor=nonsense`, brand)).status).toBe(400);
});

test('a direct conversation has no steps', async () => {
  const [asha, ravi] = [await person('asha', 'brand_owner'), await person('ravi', 'influencer')];
  const { id } = (await call('GET', '/api/me', ravi)).body.data.user;
  const opening = { target_user_id: id, initial_message: 'hello' };
  const { conversation } = (await call('POST', '/api/messages/direct-connect', asha, opening)).body.data;
  expect((await call('GET', `/api/messages/conversations/${conversation.id}/steps`, ravi)).body.data).toEqual([]);
});
