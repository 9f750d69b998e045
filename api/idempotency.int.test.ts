import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { bodyHash } from './idempotency.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

let api: TestApp;
let brand: string;
let other: string;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  brand = await register('brand');
  other = await register('other');
});
afterAll(() => api.close());

async function register(handle: string): Promise<string> {
  const payload = { handle, password: 'secret123', roles: ['brand_owner'] };
  return (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data.access;
}

const campaign = { title: 'Monsoon', description: 'Three reels', budget: '5000' };
const post = (key: string | undefined, payload: object = campaign, access = brand) =>
  api.app.inject({
    method: 'POST',
    url: '/api/campaigns',
    payload,
    headers: { authorization: `Bearer ${access}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  });

test('a POST that is sent again with its key is answered alike, and says that it is a repeat', async () => {
  const [first, second] = [await post('once'), await post('once')];
  expect(first.statusCode).toBe(201);
  expect(second.statusCode).toBe(201);
  expect(second.json()).toEqual(first.json());
  expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
});

test('the order of a body’s fields is not another body', async () => {
  const first = await post('order', { title: 'A', description: 'B', budget: '100' });
  const second = await post('order', { budget: '100', description: 'B', title: 'A' });
  expect(second.json()).toEqual(first.json());
});

test('with one field changed the key is refused with 422', async () => {
  await post('changed');
  for (const change of [
    { title: 'Winter' },
    { description: 'Two' },
    { budget: '5001' },
    { policy: { max_rounds: 1 } },
  ]) {
    const answer = await post('changed', { ...campaign, ...change });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ success: false, error_code: 'IDEMPOTENCY_MISMATCH' });
  }
});

test('a key says nothing to another account, and without one every POST counts', async () => {
  const mine = (await post('shared')).json().data.id;
  const theirs = (await post('shared', campaign, other)).json().data.id;
  const [one, two] = [await post(undefined), await post(undefined)];
  expect(new Set([mine, theirs, one.json().data.id, two.json().data.id]).size).toBe(4);
});

test.each(['', ' ', 'a b', 'x'.repeat(256), 'schlüssel'])('%j is not a key', async (key) => {
  const answer = await post(key);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({
    error_code: 'VALIDATION_FAILED',
    details: { fields: [{ field: 'idempotency-key' }] },
  });
});

test('255 printable characters are a key', async () => {
  expect((await post('~'.repeat(255))).statusCode).toBe(201);
});

test('one path is one path, however its id is written', async () => {
  const bid = { title: 'Reels', description: 'Three', starting_price: '100' };
  const seller = await api.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle: 'seller', password: 'secret123', roles: ['influencer'] },
  });
  const { access } = seller.json().data;
  const posted = await api.app.inject({
    method: 'POST',
    url: '/api/bids',
    payload: bid,
    headers: { authorization: `Bearer ${access}` },
  });
  const id: string = posted.json().data.id;
  const encoded = [...id].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  const connect = (path: string, body: object = { proposed_amount: '500' }) =>
    api.app.inject({
      method: 'POST',
      url: path,
      payload: body,
      headers: { authorization: `Bearer ${brand}`, 'idempotency-key': 'connect' },
    });
  const first = await connect(`/api/bids/${id}/connect`);
  expect(first.statusCode).toBe(201);
  for (const path of [id.toUpperCase(), encoded, `${id.slice(0, -1)}%${id.charCodeAt(35).toString(16)}`]) {
    const again = await connect(`/api/bids/${path}/connect`);
    expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect(again.json()).toEqual(first.json());
    expect((await connect(`/api/bids/${path}/connect`, { proposed_amount: '501' })).statusCode).toBe(422);
  }
});

test('two bodies have one hash exactly when they say the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const say = (value: unknown): string =>
        JSON.stringify(value, (_, field) =>
          field && typeof field === 'object' && !Array.isArray(field)
            ? Object.fromEntries(Object.entries(field).sort(([x], [y]) => (x < y ? -1 : 1)))
            : field,
        );
      expect(bodyHash(a) === bodyHash(b)).toBe(say(a) === say(b));
      expect(bodyHash(structuredClone(a))).toBe(bodyHash(a));
    }),
  );
});
