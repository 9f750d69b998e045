import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

// Every POST that moves money can be rehearsed: it answers as it would, and nothing is there afterwards.

let place: TestApp;
let pool: Pool;
const people: Record<'one' | 'other' | 'admin', { id: string; token: string }> = {} as never;
let gigId: string;
let clanId: string;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, which fail when they are not as expected
type Json = any;

async function post(who: keyof typeof people, url: string, payload: object): Promise<{ status: number; body: Json }> {
  const headers = { authorization: `Bearer ${people[who].token}`, 'idempotency-key': 'the-same-each-time' };
  const answer = await place.app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, body: answer.json() };
}

async function signIn(handle: string, path: 'login' | 'register'): Promise<{ id: string; token: string }> {
  const payload = { handle, password: 'a long password' };
  const { user, access } = (await place.app.inject({ method: 'POST', url: `/api/auth/${path}`, payload })).json().data;
  return { id: user.id, token: access };
}

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  place = await startTestApp({ databaseUrl });
  pool = createPool(databaseUrl);
  await ensureAdmin(pool, { handle: 'operator', password: 'a long password' });
  people.admin = await signIn('operator', 'login');
  people.one = await signIn('somebody', 'register');
  people.other = await signIn('another', 'register');
  for (const [asset, amount] of [
    ['CREDIT', '1000'],
    ['USDT', '100'],
  ]) {
    const headers = { authorization: `Bearer ${people.one.token}` };
    await place.app.inject({ method: 'POST', url: '/api/sandbox/faucet', headers, payload: { asset, amount } });
  }
  const gig = { title: 'Cut three reels', description: 'From raw footage', category: 'video' };
  gigId = (await post('one', '/api/gigs', gig)).body.data.id;
  clanId = (await post('other', '/api/clans', { name: 'The Cutters' })).body.data.id;
});
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

/** Rows of everything that a POST could leave behind. */
const left = () =>
  pool.one(sql.type(z.record(z.string(), z.bigint()))`
    SELECT (SELECT count(*) FROM ledger_transfers) AS transfers, (SELECT count(*) FROM processes) AS processes,
      (SELECT count(*) FROM answers) AS answers, (SELECT count(*) FROM outbox) AS outbox,
      (SELECT count(*) FROM publications) AS publications, (SELECT count(*) FROM payment_orders) AS orders
  `);

const POSTS: [string, keyof typeof people, () => [string, object]][] = [
  [
    'a boost of a profile',
    'one',
    () => ['/api/credits/boost/profile', { targetUserId: people.other.id, amount: 10, duration: 1 }],
  ],
  ['a boost of a gig', 'one', () => ['/api/credits/boost/gig', { targetGigId: gigId, amount: 10, duration: 1 }]],
  ['a boost of a clan', 'one', () => ['/api/credits/boost/clan', { targetClanId: clanId, amount: 10, duration: 1 }]],
  ['spending credits', 'one', () => ['/api/credits/spend', { amount: 10 }]],
  ['credits earned', 'admin', () => ['/api/credits/earn', { userId: people.one.id, amount: 10, reason: 'A gig' }]],
  ['a gig’s payment', 'one', () => [`/api/gigs/${gigId}/payments`, { workerId: people.other.id, amount: 10 }]],
  ['a contribution', 'one', () => [`/api/clans/${clanId}/contribute`, { amount: 10 }]],
  [
    'a trade',
    'one',
    () => [
      '/api/crypto/p2p/escrow',
      { buyer_id: people.other.id, asset: 'USDT', amount: '5', price: '400', currency: 'INR', payment_method: 'UPI' },
    ],
  ],
];

/** The same but for what every time has its own: ids, and what names them or when it was. */
function withoutOwn(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, field) =>
      /^(id|eventId|event_id|timestamp|payment_order|.*_at|deadline|instant|at)$/.test(key) ? undefined : field,
    ),
  );
}

test.each(POSTS)('%s that is rehearsed answers as it would, and nothing is there afterwards', async (_, who, asked) => {
  const [url, body] = asked();
  const before = await left();
  place.rung.length = 0;
  const inBody = await post(who, url, { ...body, dry_run: true });
  const inQuery = await post(who, `${url}?dry_run=true`, body);
  expect([inBody.status, inQuery.status], JSON.stringify(inBody.body)).toEqual([201, 201]);
  expect(await left()).toEqual(before);
  expect(place.rung).toEqual([]);
  const real = await post(who, url, body);
  expect(real.status, JSON.stringify(real.body)).toBe(201);
  expect(withoutOwn(inBody.body)).toEqual(withoutOwn(real.body));
  expect(withoutOwn(inQuery.body)).toEqual(withoutOwn(real.body));
});

test('what would be refused is refused when it is rehearsed', async () => {
  const spent = await post('other', '/api/credits/spend', { amount: 1_000_000, dry_run: true });
  expect([spent.status, spent.body.error_code]).toEqual([409, 'INSUFFICIENT_FUNDS']);
});
