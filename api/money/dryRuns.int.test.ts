import { readFileSync } from 'node:fs';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startDealing } from '#db/deal/testing/dealing.ts';
import { seedGifts } from '#db/gift/catalogue.ts';
import { verbatim } from '#db/invariants.ts';
import { newPayee } from '#db/payout/testing/payouts.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { findPair } from '#db/trading/pairs.ts';
import { holdBook } from '#db/trading/testing/traders.ts';
import { workBook } from '#db/trading/writer.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

// Every POST that moves money can be rehearsed: it answers as it would, and nothing is there afterwards.

let place: TestApp;
let pool: Pool;
const people: Record<'one' | 'other' | 'admin', { id: string; token: string }> = {} as never;
let gigId: string;
let clanId: string;
let destinationId: string;
let streamId: string;
let eventId: string;
let offerId: string;
let rewardId: string;
/** What steps are taken of, by its name. */
const opened: Record<string, string> = {};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, which fail when they are not as expected
type Json = any;

async function post(
  who: keyof typeof people,
  url: string,
  payload: object,
  key = 'the-same-each-time',
): Promise<{ status: number; body: Json }> {
  const named = key.replaceAll(' ', '-');
  const headers = { authorization: `Bearer ${people[who].token}`, 'idempotency-key': named };
  const answer = await place.app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, body: answer.json() };
}

const made = async (who: keyof typeof people, url: string, payload: object, key?: string): Promise<Json> => {
  const { status, body } = await post(who, url, payload, key);
  expect([200, 201], `${url}: ${JSON.stringify(body)}`).toContain(status);
  return body.data;
};

async function signIn(handle: string, path: 'login' | 'register'): Promise<{ id: string; token: string }> {
  const roles = path === 'register' ? { roles: ['brand_owner', 'influencer', 'creator'] } : {};
  const payload = { handle, password: 'a long password', ...roles };
  const { user, access } = (await place.app.inject({ method: 'POST', url: `/api/auth/${path}`, payload })).json().data;
  return { id: user.id, token: access };
}

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  // The sandbox's provider, which orders of top-ups are made at, is the app itself.
  const port = await freePort();
  place = await startTestApp({ databaseUrl, env: { PUBLIC_URL: `http://127.0.0.1:${port}` } });
  await place.app.listen({ port, host: '127.0.0.1' });
  pool = createPool(databaseUrl);
  await ensureAdmin(pool, { handle: 'operator', password: 'a long password' });
  people.admin = await signIn('operator', 'login');
  people.one = await signIn('somebody', 'register');
  people.other = await signIn('another', 'register');
  for (const [who, asset, amount] of [
    ['one', 'CREDIT', '1000'],
    ['one', 'USDT', '100'],
    ['one', 'INR', '400000'],
    ['one', 'LYK', '50'],
    ['one', 'TOKEN', '500'],
    ['one', 'USD', '10000'],
    ['other', 'BTC', '1'],
    ['other', 'TOKEN', '500'],
    ['other', 'USDT', '100'],
  ] as const) {
    const headers = { authorization: `Bearer ${people[who].token}` };
    await place.app.inject({ method: 'POST', url: '/api/sandbox/faucet', headers, payload: { asset, amount } });
  }
  const gig = { title: 'Cut three reels', description: 'From raw footage', category: 'video' };
  gigId = (await post('one', '/api/gigs', gig)).body.data.id;
  clanId = (await post('other', '/api/clans', { name: 'The Cutters' })).body.data.id;
  await live();
  await papers();
  await openBook();
  await open();
});

/** A pair's book with its writer, and what is for sale there. */
async function openBook(): Promise<void> {
  const book = await holdBook(pool, (await findPair(pool, 'BTC-USD')) as Pair);
  place.deps.bus.listen({
    asked: (pairId) =>
      void workBook(pool, book, new Date().toISOString()).then(({ answers }) => place.deps.bus.worked(pairId, answers)),
  });
  const sale = { kind: 'spot', pairId: 'BTC-USD', side: 'sell', type: 'limit', price: '65000', amount: '0.01' };
  await made('other', '/api/trading/orders', sale, 'a sale');
}

const TRADE = { asset: 'USDT', amount: '5', price: '400', currency: 'INR', payment_method: 'UPI' };

/** Processes of which steps are taken. */
async function open(): Promise<void> {
  for (const name of ['disputed', 'cancelled', 'called off', 'released']) {
    const trade = { ...TRADE, buyer_id: people.other.id };
    opened[`trade, ${name}`] = (await made('one', '/api/crypto/p2p/escrow', trade, name)).transaction.id;
  }
  for (const name of ['accepted', 'declined', 'called off']) {
    const battle = { opponent_id: people.other.id, duration_seconds: 60, stake: { asset: 'TOKEN', amount: '4' } };
    opened[`battle, ${name}`] = (await made('one', '/api/battles', battle, name)).battle.id;
  }
  const starts_at = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const evening = { title: 'Another', starts_at, capacity: 2, price: '5' };
  opened.event = (await made('other', '/api/events', evening, 'another')).event.id;
  opened.topUp = (await made('one', '/api/wallet/topup', { amount: 500 }, 'another')).top_up.id;
  await openDeal();
}

async function openDeal(): Promise<void> {
  const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
  const { id } = await made('one', '/api/campaigns', campaign);
  const applied = { message: 'I live where it rains.', proposed_amount: '6000' };
  opened.deal = (await made('other', `/api/campaigns/${id}/apply`, applied)).conversation.id;
}

/** What the other sells and shows. */
async function live(): Promise<void> {
  await seedGifts(pool, new Date().toISOString());
  const { stream } = await made('other', '/api/streams', { title: 'Ragas', category: 'music' });
  streamId = stream.id;
  await made('other', `/api/streams/${streamId}/start`, {});
  const headers = { authorization: `Bearer ${people.other.token}` };
  const payload = { tiers: [{ code: 'gold', name: 'Gold', price: 20, perks: [] }] };
  await place.app.inject({ method: 'PUT', url: `/api/creator/${people.other.id}/tiers`, headers, payload });
  const starts_at = new Date(Date.now() + 7 * 86_400_000).toISOString();
  eventId = (await made('other', '/api/events', { title: 'An evening', starts_at, capacity: 2, price: '5' })).event.id;
  const sale = { kind: 'p2p', side: 'sell', type: 'limit', pairId: 'USDT-INR', price: '85.5', amount: '50', min: '5' };
  const paid = { paymentMethods: ['UPI'], paymentDetails: 'seller@bank' };
  offerId = (await made('other', '/api/trading/orders', { ...sale, ...paid })).order.id;
  rewardId = (await made('one', '/api/rewards/trigger', { action: 'daily_login' })).reward.id;
}

/** What is needed to be paid out. */
async function papers(): Promise<void> {
  await made('one', `/api/wallet/${people.one.id}/kyc`, { kind: 'sandbox', name: 'One' });
  const payee = await newPayee(pool, new Date().toISOString(), 100n);
  destinationId = payee.destinationId;
  // Checked, and of long ago: what was another's is this one's.
  await pool.query(sql.typeAlias('void')`
    UPDATE payout_destinations SET user_id = ${people.one.id} WHERE id = ${destinationId}
  `);
}
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

/** Every row of every table, as a sum. */
async function left(): Promise<unknown> {
  const tables = await pool.anyFirst(sql.type(z.object({ name: z.string() }))`
    SELECT quote_ident(relname) AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
  `);
  const sums = tables.map(
    (name) =>
      `SELECT '${name}' AS name, count(*) || ' ' || coalesce(sum(hashtext(kept::text)::numeric), 0) AS sum FROM ${name} AS kept`,
  );
  const row = z.object({ name: z.string(), sum: z.string() });
  return pool.any(sql.type(row)(verbatim(`${sums.join(' UNION ALL ')} ORDER BY name`)));
}

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
  [
    'a part of an offer that is taken',
    'one',
    () => [`/api/trading/orders/${offerId}/take`, { amount: '5', payment_method: 'UPI' }],
  ],
  [
    'a transfer',
    'one',
    () => [`/api/wallet/${people.one.id}/transfer`, { to_user_id: people.other.id, asset: 'TOKEN', amount: '3' }],
  ],
  ['points given', 'one', () => [`/api/wallet/${people.one.id}/gift`, { to_user_id: people.other.id, points: 3 }]],
  [
    'points spent',
    'one',
    () => [`/api/wallet/${people.one.id}/spend`, { action: 'purchase', points: 3, item_id: 'badge' }],
  ],
  ['a penalty', 'admin', () => ['/api/admin/penalties', { user_id: people.one.id, points: 2, reason: 'Spam' }]],
  [
    'an adjustment',
    'admin',
    () => ['/api/admin/adjustments', { user_id: people.one.id, asset: 'INR', amount: '-1.50', reason: 'A mistake' }],
  ],
  [
    'rewards taken back',
    'admin',
    () => [
      '/api/admin/rewards/corrections',
      { user_id: people.one.id, reward_ids: [rewardId], reason: 'A second account' },
    ],
  ],
  ['the sandbox’s faucet', 'one', () => ['/api/sandbox/faucet', { asset: 'TOKEN', amount: '100' }]],
  ['a top-up', 'one', () => ['/api/wallet/topup', { amount: 500 }]],
  ['credits bought', 'one', () => ['/api/credits/purchase', { amount: 100 }]],
  [
    'a payout',
    'one',
    () => [`/api/wallet/${people.one.id}/payouts`, { amount: '10.00', asset: 'INR', destination_id: destinationId }],
  ],
  ['a tip', 'one', () => [`/api/creator/${people.other.id}/tips`, { asset: 'TOKEN', amount: 2, message: 'Lovely' }]],
  ['a gift in a stream', 'one', () => [`/api/streams/${streamId}/gifts`, { code: 'ROSE', message: 'Well sung' }]],
  ['a month of a creator’s', 'one', () => ['/api/subscriptions', { creator_id: people.other.id, tier: 'gold' }]],
  ['a ticket', 'one', () => [`/api/events/${eventId}/tickets`, {}]],
  [
    'an offer',
    'other',
    () => [
      '/api/trading/orders',
      {
        kind: 'p2p',
        side: 'buy',
        type: 'limit',
        pairId: 'USDT-INR',
        price: '84',
        amount: '50',
        paymentMethods: ['UPI'],
      },
    ],
  ],
  [
    'an order of the book',
    'one',
    () => [
      '/api/trading/orders',
      { pairId: 'BTC-USD', side: 'buy', type: 'limit', price: '65000', amount: '0.02', clientOrderId: 'mine' },
    ],
  ],
  [
    'a battle for stakes',
    'one',
    () => [
      '/api/battles',
      { opponent_id: people.other.id, duration_seconds: 60, stake: { asset: 'TOKEN', amount: '4' } },
    ],
  ],
];

/** What draws on a wallet and is not rehearsed: it plays in one go what each player would do. */
const APART = ['/api/sandbox/scenarios/{name}'];

const trade = (name: string, on: string) => `/api/crypto/p2p/escrow/${opened[`trade, ${name}`]}/${on}`;
const battle = (name: string, on: string) => `/api/battles/${opened[`battle, ${name}`]}/${on}`;
const deal = (door: string) => `/api/messages/conversations/${opened.deal}/${door}`;
const nothing = async () => {};

/** The payout that was asked for above: there is one at a time. */
async function underWay(): Promise<void> {
  opened.payout = await pool.oneFirst(sql.typeAlias('id')`
    SELECT id FROM processes WHERE kind = 'payout' AND state IN ('requested', 'held')
  `);
}

/** A payout that waits for a second pair of eyes. */
const large = (key: string) => async () => {
  const asked = { amount: '100000.00', asset: 'INR', destination_id: destinationId };
  opened.payout = (await made('one', `/api/wallet/${people.one.id}/payouts`, asked, key)).payout.id;
};

const confirmed = (name: string) => async () => {
  await made('other', trade(name, 'confirm'), {}, `confirmed ${name}`);
};

/** The deal's price is agreed on and paid for. */
async function paid(): Promise<void> {
  const click = (who: 'one' | 'other', button_id: string, more: object = {}) =>
    made(who, deal('button-click'), { button_id, ...more }, button_id);
  await click('other', 'accept_price', { additional_data: { price: 5000 } });
  const { payment_order } = await click('one', 'proceed_to_payment');
  const dealing = startDealing(pool, people.admin.id);
  dealing.clock.now = new Date();
  await dealing.hear({ kind: 'captured', orderId: payment_order.order_id, paymentId: 'pay_once' });
  await dealing.book(opened.deal as string);
  await click('other', 'start_work');
}

/** Steps of processes that move money or lead there, each after what comes before it; the answer is how it then stands. */
const STEPS: [string, keyof typeof people, () => Promise<void>, () => [string, object]][] = [
  ['a battle that is accepted', 'other', nothing, () => [battle('accepted', 'accept'), {}]],
  ['a battle that is declined', 'other', nothing, () => [battle('declined', 'decline'), {}]],
  ['a battle that is called off', 'one', nothing, () => [battle('called off', 'cancel'), {}]],
  ['a trade that is paid', 'other', nothing, () => [trade('disputed', 'confirm'), {}]],
  ['a trade that was not paid after all', 'other', nothing, () => [trade('disputed', 'unconfirm'), {}]],
  [
    'a trade that is disputed',
    'one',
    confirmed('disputed'),
    () => [trade('disputed', 'dispute'), { reason: 'It has not arrived' }],
  ],
  ['evidence in a dispute', 'other', nothing, () => [trade('disputed', 'evidence'), { text: 'The receipt' }]],
  ['a statement in a dispute', 'one', nothing, () => [trade('disputed', 'statement'), { text: 'It is not mine' }]],
  [
    'a ruling',
    'admin',
    nothing,
    () => [trade('disputed', 'resolve'), { release_percent: 50, reason: 'Neither could show it' }],
  ],
  ['a trade that is cancelled', 'other', nothing, () => [trade('cancelled', 'cancel'), {}]],
  [
    'a trade that one asks to call off',
    'one',
    confirmed('called off'),
    () => [trade('called off', 'request-cancel'), {}],
  ],
  ['a trade that is called off', 'other', nothing, () => [trade('called off', 'agree-cancel'), {}]],
  ['a trade that is released', 'one', confirmed('released'), () => [trade('released', 'release'), {}]],
  ['an event that is cancelled', 'other', nothing, () => [`/api/events/${opened.event}/cancel`, {}]],
  ['a top-up that is not paid', 'one', nothing, () => [`/api/wallet/topups/${opened.topUp}/cancel`, {}]],
  [
    'a payout that is taken back',
    'one',
    underWay,
    () => [`/api/wallet/${people.one.id}/payouts/${opened.payout}/cancel`, { reason: 'Too early' }],
  ],
  [
    'a payout that is rejected',
    'admin',
    large('rejected'),
    () => [`/api/admin/payouts/${opened.payout}/reject`, { reason: 'Whose account is it?' }],
  ],
  ['a payout that is approved', 'admin', large('approved'), () => [`/api/admin/payouts/${opened.payout}/approve`, {}]],
  ['a click in a deal', 'one', nothing, () => [deal('button-click'), { button_id: 'accept_application' }]],
  ['an answer in a deal', 'one', nothing, () => [deal('text-input'), { input_type: 'price_offer', text: '₹5,000' }]],
  ['work that is submitted', 'other', paid, () => [deal('work'), { deliverables: 'https://drive.example/reels' }]],
  ['work that is approved', 'one', nothing, () => [deal('work/review'), { decision: 'approve_work' }]],
];

/** The same but for what every time has its own: ids, and what names them or when it was. */
function withoutOwn(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, field) =>
      /^(id|eventId|event_id|giftId|timestamp|payment_order|.*_(at|until)|deadline|instant|at|arrives|createdAt|updatedAt)$/.test(
        key,
      )
        ? undefined
        : field,
    ),
  );
}

/** Rehearsed in its body and in its query, and then done: each answers the same, and nothing is there before the last. */
async function expectRehearsed(
  who: keyof typeof people,
  [url, body]: [string, object],
  { status, key }: { status: number; key?: string },
): Promise<void> {
  const before = await left();
  place.rung.length = 0;
  const inBody = await post(who, url, { ...body, dry_run: true });
  const inQuery = await post(who, `${url}?dry_run=true`, body);
  expect([inBody.status, inQuery.status], JSON.stringify(inBody.body)).toEqual([status, status]);
  expect(await left()).toEqual(before);
  expect(place.rung).toEqual([]);
  const real = await post(who, url, body, key);
  expect(real.status, JSON.stringify(real.body)).toBe(status);
  expect(withoutOwn(inBody.body)).toEqual(withoutOwn(real.body));
  expect(withoutOwn(inQuery.body)).toEqual(withoutOwn(real.body));
}

test.each(POSTS)('%s that is rehearsed answers as it would, and nothing is there afterwards', (name, who, asked) =>
  expectRehearsed(who, asked(), { status: 201, key: encodeURIComponent(name) }),
);

test.each(STEPS)(
  '%s: its step that is rehearsed answers as it would, and is not taken',
  async (_, who, before, asked) => {
    await before();
    await expectRehearsed(who, asked(), { status: 200 });
  },
);

test('a step that would be refused is refused when it is rehearsed', async () => {
  const again = await post('other', battle('declined', 'decline'), { dry_run: true }, 'another');
  expect([again.status, again.body.error_code]).toEqual([409, 'FLOW_STATE_INVALID']);
});

test('where nothing is rehearsed, the word in the query changes nothing', async () => {
  const { id } = (await made('other', '/api/streams', { title: 'Evening', category: 'music' }, 'evening')).stream;
  const headers = { authorization: `Bearer ${people.other.token}` };
  await place.app.inject({ method: 'POST', url: `/api/streams/${id}/cancel?dry_run=true`, headers, payload: {} });
  const { stream } = (await place.app.inject({ url: `/api/streams/${id}`, headers })).json().data;
  expect(stream.status).toBe('cancelled');
});

test('what would be refused is refused when it is rehearsed', async () => {
  const spent = await post('other', '/api/credits/spend', { amount: 1_000_000, dry_run: true });
  expect([spent.status, spent.body.error_code]).toEqual([409, 'INSUFFICIENT_FUNDS']);
});

test('every POST that may be refused for want of money can be rehearsed, in its body and in its query, and is above', () => {
  const { paths }: OpenAPIV3_1.Document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  const of = (path: string) => paths?.[path]?.post as OpenAPIV3_1.OperationObject;
  const posts = Object.keys(paths ?? {}).filter((path) => of(path));
  const takes = (path: string) => {
    const said = JSON.stringify(of(path).parameters ?? []);
    return said.includes('"dry_run"') || said.includes('DryRun');
  };
  const draws = (path: string) => JSON.stringify(of(path).responses).includes('INSUFFICIENT_FUNDS');
  const rehearsed = posts.filter(takes);
  expect(
    posts
      .filter(draws)
      .filter((path) => !takes(path))
      .sort(),
  ).toEqual([...APART].sort());
  const form = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  const urls = [...POSTS.map(([, , asked]) => asked()[0]), ...STEPS.map(([, , , asked]) => asked()[0])];
  expect(rehearsed.filter((path) => !urls.some((url) => form(path).test(url)))).toEqual([]);
});
