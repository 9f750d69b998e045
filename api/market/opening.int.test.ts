import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
let brand: string;
let influencer: string;

async function ask(method: 'GET' | 'POST', url: string, token: string, payload?: object) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await place.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, data: answer.json().data };
}

async function register(handle: string, role: string): Promise<string> {
  const payload = { handle, password: 'a long password', roles: [role] };
  const answer = await place.app.inject({ method: 'POST', url: '/api/auth/register', payload });
  return answer.json().data.access;
}

beforeAll(async () => {
  place = await startTestApp({ databaseUrl: await createTestDatabase() });
  brand = await register('brand', 'brand_owner');
  influencer = await register('influencer', 'influencer');
});

afterAll(() => place.close());

async function apply(message: string, amount: string) {
  const campaign = await ask('POST', '/api/campaigns', brand, { title: 'Rain', description: 'Reels', budget: '20000' });
  const url = `/api/campaigns/${campaign.data.id}/apply`;
  return { url, first: await ask('POST', url, influencer, { message, proposed_amount: amount }) };
}

test('a second application is told that one is open, and what of it has no effect', async () => {
  const { url, first } = await apply('I live where it rains.', '6000');
  expect(first).toMatchObject({ status: 201, data: { existing: false, not_used: [] } });
  const second = await ask('POST', url, influencer, { message: 'For less, then.', proposed_amount: '5000' });
  expect(second).toMatchObject({ status: 200, data: { existing: true, not_used: ['message', 'proposed_amount'] } });
  expect(second.data.conversation.id).toBe(first.data.conversation.id);
  expect(second.data.conversation.flow_data.proposed_amount).toBe('6000.00');
});

test('a second connection without words names only the amount', async () => {
  const bid = await ask('POST', '/api/bids', influencer, {
    title: 'Hills',
    description: 'Reels',
    starting_price: '5000',
  });
  const url = `/api/bids/${bid.data.id}/connect`;
  expect((await ask('POST', url, brand, { proposed_amount: '5000' })).status).toBe(201);
  const second = await ask('POST', url, brand, { proposed_amount: '4000' });
  expect(second).toMatchObject({ status: 200, data: { existing: true, not_used: ['proposed_amount'] } });
});

test('the fee of today is told with a price that is not agreed on yet, and handles to an administrator alone', async () => {
  const { first } = await apply('I live where it rains.', '6000');
  const url = `/api/messages/conversations/${first.data.conversation.id}/context`;
  const seen = await ask('GET', url, influencer);
  expect(seen.data).toMatchObject({ fee_bps: 1000, instants: [{ name: 'ends', at: seen.data.deadline }] });
  expect(seen.data.parties.map(({ handle }: { handle: string | null }) => handle)).toEqual([null, null]);
  await ensureAdmin(place.deps.pool, { handle: 'operator', password: 'a long password' });
  const payload = { handle: 'operator', password: 'a long password' };
  const admin = await place.app.inject({ method: 'POST', url: '/api/auth/login', payload });
  const looked = await ask('GET', url, admin.json().data.access);
  expect(looked.data.parties).toMatchObject([
    { role: 'influencer', handle: 'influencer' },
    { role: 'brand_owner', handle: 'brand' },
  ]);
});
