import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accounts, transfer } from '#db/money/ledger.ts';
import { expireLots, updateLotRule } from '#db/money/lots.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { WALLET_EVENTS } from '#workflows/money/contract.ts';
import { PRODUCTION, startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let databaseUrl: string;
const ADMIN = { ADMIN_HANDLE: 'operator', ADMIN_PASSWORD: 'secret123' };

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  api = await startTestApp({ databaseUrl, redisUrl: await createTestRedis(), env: ADMIN });
});
afterAll(() => api.close());

type Person = {
  id: string;
  handle: string;
  post(path: string, body: object, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
};
type Response = Awaited<ReturnType<TestApp['app']['inject']>>;

let count = 0;
async function register(roles?: string[], at = api): Promise<Person> {
  const handle = `w${++count}_${uuid().slice(-6)}`;
  const answer = await at.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle, password: 'secret123', roles },
  });
  const { user, access } = answer.json().data;
  const auth = { authorization: `Bearer ${access}` };
  return {
    id: user.id,
    handle,
    post: async (url, payload, headers) =>
      at.app.inject({ method: 'POST', url, payload, headers: { ...auth, ...headers } }),
    get: async (url, headers) => at.app.inject({ url, headers: { ...auth, ...headers } }),
  };
}

async function admin(at = api): Promise<Person> {
  const person = await register(undefined, at);
  const { updateRoles } = await import('#db/people/accounts.ts');
  await updateRoles(at.deps.pool, person.id, ['admin']);
  const answer = await at.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { handle: person.handle, password: 'secret123' },
  });
  const auth = { authorization: `Bearer ${answer.json().data.access}` };
  return {
    ...person,
    post: async (url, payload, headers) =>
      at.app.inject({ method: 'POST', url, payload, headers: { ...auth, ...headers } }),
    get: async (url, headers) => at.app.inject({ url, headers: { ...auth, ...headers } }),
  };
}

async function pour(person: Person, asset: string, amount: string | number): Promise<void> {
  const answer = await person.post('/api/sandbox/faucet', { asset, amount });
  expect(answer.statusCode, answer.body).toBe(201);
}

async function balanceOf(person: Person, asset: string) {
  const answer = await person.get(`/api/wallet/${person.id}/balance`);
  return answer.json().data.balances.find((balance: { asset: string }) => balance.asset === asset) ?? null;
}

/** The durable events of somebody, each as its schema says and with no field more. */
async function eventsOf(person: Person): Promise<{ name: keyof typeof WALLET_EVENTS; data: unknown }[]> {
  const { data } = (await person.get('/api/events?after=0&limit=100')).json();
  for (const { name, data: said } of data) {
    expect(WALLET_EVENTS[name as keyof typeof WALLET_EVENTS].strict().parse(said)).toEqual(said);
  }
  return data;
}

const wallet = (person: Person, rest: string) => `/api/wallet/${person.id}/${rest}`;

describe('a transfer', () => {
  test('leaves one wallet and is in the other, and both are told in the same transaction', async () => {
    const [from, to] = [await register(), await register()];
    await pour(from, 'INR', '500.50');
    const answer = await from.post(wallet(from, 'transfer'), {
      to_user_id: to.id,
      asset: 'INR',
      amount: '250.25',
      memo: 'Rent',
    });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json().data).toMatchObject({
      transaction: { asset: 'INR', amount: '-250.25' },
      balance: { asset: 'INR', available: '250.25', held: '0.00', total: '250.25' },
      recipient: { user_id: to.id, handle: to.handle },
    });
    expect(await balanceOf(to, 'INR')).toEqual({ asset: 'INR', available: '250.25', held: '0.00', total: '250.25' });
    const { id } = answer.json().data.transaction;
    const heard = await eventsOf(to);
    expect(heard.map(({ name }) => name)).toEqual(['balance_update', 'transaction_complete']);
    expect(heard[0]?.data).toEqual({
      userId: to.id,
      balance: { asset: 'INR', available: '250.25', held: '0.00', total: '250.25' },
    });
    expect(heard[1]?.data).toMatchObject({
      transactionId: id,
      details: { kind: 'transfer', asset: 'INR', amount: '250.25', counterparty_id: from.id, memo: 'Rent' },
    });
    const lines = (await to.get(wallet(to, 'transactions?asset=INR'))).json().data;
    expect(lines).toEqual([
      expect.objectContaining({
        transaction_id: id,
        kind: 'transfer',
        amount: '250.25',
        balance_after: '250.25',
        memo: 'Rent',
        counterparty_id: from.id,
      }),
    ]);
  });

  test('rehearsed answers the same and writes nothing, no key either', async () => {
    const [from, to] = [await register(), await register()];
    await pour(from, 'TOKEN', 10);
    const body = { to_user_id: to.id, asset: 'TOKEN', amount: 7 };
    const key = { 'idempotency-key': uuid() };
    const before = [await balanceOf(from, 'TOKEN'), (await eventsOf(from)).length, (await eventsOf(to)).length];
    const rehearsed = await from.post(wallet(from, 'transfer'), { ...body, dry_run: true }, key);
    const asQuery = await from.post(wallet(from, 'transfer?dry_run=true'), body, key);
    expect([await balanceOf(from, 'TOKEN'), (await eventsOf(from)).length, (await eventsOf(to)).length]).toEqual(
      before,
    );
    const real = await from.post(wallet(from, 'transfer'), body, key);
    expect(real.statusCode).toBe(201);
    for (const dry of [rehearsed, asQuery]) {
      expect(dry.statusCode).toBe(201);
      const said = dry.json().data;
      expect(said.transaction.id).toBeNull();
      const { data } = real.json();
      expect({ ...said, transaction: null }).toEqual({ ...data, transaction: null });
      expect(said.transaction.amount).toBe(data.transaction.amount);
    }
    const refused = await from.post(wallet(from, 'transfer'), { ...body, amount: 5000, dry_run: true });
    expect(refused.json()).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
  });

  test('with the same key moves once, also when ten ask at the same time; another body is refused, each field in turn', async () => {
    const [from, to, other] = [await register(), await register(), await register()];
    const key = { 'idempotency-key': uuid() };
    const body = { to_user_id: to.id, asset: 'TOKEN', amount: '30', memo: 'once' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => from.post(wallet(from, 'transfer'), body, key)));
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map((answer) => answer.json().data.transaction.id)).size).toBe(1);
    expect(await balanceOf(from, 'TOKEN')).toMatchObject({ available: '70' });
    const changes = { to_user_id: other.id, asset: 'CREDIT', amount: '31', memo: 'twice' };
    for (const [field, value] of Object.entries(changes)) {
      const refused = await from.post(wallet(from, 'transfer'), { ...body, [field]: value }, key);
      expect(refused.json(), field).toMatchObject({ error_code: 'IDEMPOTENCY_MISMATCH' });
    }
    expect(await balanceOf(from, 'TOKEN')).toMatchObject({ available: '70' });
  });

  test.each<[string, object, RegExp]>([
    ['negative', { amount: '-5' }, /amount is negative/],
    ['zero', { amount: 0 }, /amount is zero/],
    ['too precise', { amount: '1.005' }, /amount has more decimals than INR has, which is 2/],
    ['absurd', { amount: '99999999999999999999999999' }, /amount is more than 10000000000000.00 INR/],
    ['absurd as a number', { amount: 1e30 }, /amount is more than/],
    ['no amount', { amount: 'all of it' }, /amount is not a decimal amount/],
    ['written otherwise', { amount: '1e3' }, /amount is not a decimal amount/],
    ['of a foreign asset', { asset: 'JPY' }, /asset is not valid: is none of our assets, which are INR, USD/],
    ['to nobody', { to_user_id: 'bob' }, /to_user_id is not valid/],
    ['with a field too many', { note: 'x' }, /note is not a known field/],
  ])('of what is %s is refused in one sentence, and nothing moves', async (_, change, sentence) => {
    const [from, to] = [await register(), await register()];
    await pour(from, 'INR', 100);
    const body = { to_user_id: to.id, asset: 'INR', amount: '5', ...change };
    const answer = await from.post(wallet(from, 'transfer'), body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error_code: 'VALIDATION_FAILED', message: expect.stringMatching(sentence) });
    expect(answer.json().details.fields).toHaveLength(1);
    expect(await balanceOf(from, 'INR')).toMatchObject({ available: '100.00' });
  });

  test('to oneself, to nobody and of more than there is are refused', async () => {
    const [from, to] = [await register(), await register()];
    const give = (body: object) => from.post(wallet(from, 'transfer'), { asset: 'TOKEN', amount: 5, ...body });
    expect((await give({ to_user_id: from.id })).json()).toMatchObject({ error_code: 'VALIDATION_FAILED' });
    expect((await give({ to_user_id: uuid() })).json()).toMatchObject({ error_code: 'NOT_FOUND' });
    expect((await give({ to_user_id: to.id, amount: 101 })).json()).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
    expect((await give({ to_user_id: to.id, asset: 'BTC', amount: '0.00001' })).json()).toMatchObject({
      error_code: 'INSUFFICIENT_FUNDS',
    });
  });

  test("from or to look at somebody else's wallet there is none", async () => {
    const [one, other] = [await register(), await register()];
    const body = { to_user_id: one.id, asset: 'TOKEN', amount: 5 };
    const answers = [
      await one.post(wallet(other, 'transfer'), body),
      await one.post(wallet(other, 'gift'), { to_user_id: one.id, points: 1 }),
      await one.post(wallet(other, 'spend'), { action: 'purchase', points: 1, item_id: 'badge' }),
      await (await admin()).post(wallet(other, 'transfer'), body),
      ...(await Promise.all(
        ['balance', 'transactions', 'addresses', 'expiries'].map((what) => one.get(wallet(other, what))),
      )),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ error_code: 'NOT_FOUND', message: 'There is no such wallet.' });
    }
  });
});

describe('the limits of transfers', () => {
  test('hold somebody new to less, name what is left and what raises it, and let go a day later', async () => {
    const [from, to] = [await register(), await register()];
    await pour(from, 'TOKEN', 900_000);
    const give = (amount: number, whom = to) =>
      from.post(wallet(from, 'transfer'), { to_user_id: whom.id, asset: 'TOKEN', amount });
    expect((await give(10_001)).json()).toMatchObject({
      error_code: 'LIMIT_REACHED',
      details: { limit: 'new_recipient', allowed: '10000', used: '0', left: '10000', raised_by: expect.any(String) },
    });
    expect((await give(9_000)).statusCode).toBe(201);
    const refused = (await give(1_001)).json();
    expect(refused).toMatchObject({ error_code: 'LIMIT_REACHED', details: { used: '9000', left: '1000' } });
    expect(refused.message).toContain('What raises it');
    const later = new Date(api.clock.now.getTime() + 24 * 3_600_000 + 1_000);
    const before = api.clock.now;
    api.clock.now = later;
    try {
      expect(refused.details.retry_at < later.toISOString()).toBe(true);
      const signedIn = await api.app.inject({
        method: 'POST',
        url: '/api/auth/login',
        payload: { handle: from.handle, password: 'secret123' },
      });
      const again = await api.app.inject({
        method: 'POST',
        url: wallet(from, 'transfer'),
        payload: { to_user_id: to.id, asset: 'TOKEN', amount: 20_000 },
        headers: { authorization: `Bearer ${signedIn.json().data.access}` },
      });
      expect(again.statusCode, again.body).toBe(201);
    } finally {
      api.clock.now = before;
    }
  });

  test('by day hold whoever asks at once, and grow with the age of the account', async () => {
    const from = await register();
    await pour(from, 'TOKEN', 900_000);
    const people = await Promise.all(Array.from({ length: 7 }, () => register()));
    const answers = await Promise.all(
      people.map((to) => from.post(wallet(from, 'transfer'), { to_user_id: to.id, asset: 'TOKEN', amount: 10_000 })),
    );
    expect(answers.filter((answer) => answer.statusCode === 201)).toHaveLength(5);
    for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
      expect(answer.json()).toMatchObject({
        error_code: 'LIMIT_REACHED',
        details: { limit: 'daily', allowed: '50000', used: '50000', left: '0' },
      });
      expect(answer.json().details.raised_by).toContain('7 days old');
    }
    expect(await balanceOf(from, 'TOKEN')).toMatchObject({ available: '850100' });
  });
});

describe('points', () => {
  test('that are spent, given and taken are told as LykLuk tells them, field by field', async () => {
    const [person, friend, operator] = [await register(), await register(), await admin()];
    await pour(person, 'LYK', '150');
    const spent = await person.post(wallet(person, 'spend'), {
      action: 'purchase',
      points: 50,
      item_id: 'badge_premium',
      item_name: 'Premium Badge',
    });
    expect(spent.statusCode, spent.body).toBe(201);
    await person.post(wallet(person, 'spend'), { action: 'boost_post', points: '10.5', item_id: 'post_1' });
    await person.post(wallet(person, 'gift'), { to_user_id: friend.id, points: 9.5, message: 'Well done' });
    const penalty = await operator.post('/api/admin/penalties', { user_id: person.id, points: 100, reason: 'Spam' });
    expect(penalty.json().data.penalty).toMatchObject({ points: '100.00', taken: '80.00', missing: '20.00' });
    const told = (await eventsOf(person)).filter(({ name }) => name === 'points_deducted').map(({ data }) => data);
    expect(told[0]).toEqual({
      type: 'points_deducted',
      eventType: 'wallet:points:deducted',
      recipientIds: [person.id],
      data: {
        userId: person.id,
        action: 'purchase',
        points: 50,
        newBalance: 100,
        previousBalance: 150,
        reason: 'Purchased Premium Badge',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        metadata: { itemId: 'badge_premium', itemName: 'Premium Badge' },
      },
    });
    expect(told.slice(1)).toEqual([
      expect.objectContaining({
        data: expect.objectContaining({ action: 'boost_post', points: 10.5, newBalance: 89.5 }),
      }),
      expect.objectContaining({ data: expect.objectContaining({ action: 'gift_sent', points: 9.5, newBalance: 80 }) }),
      expect.objectContaining({
        data: expect.objectContaining({
          action: 'penalty',
          points: 80,
          newBalance: 0,
          previousBalance: 80,
          reason: 'Spam',
        }),
      }),
    ]);
    expect(await balanceOf(friend, 'LYK')).toMatchObject({ available: '9.50' });
    const nothing = await operator.post('/api/admin/penalties', { user_id: person.id, points: 1, reason: 'Spam' });
    expect(nothing.json().data.penalty).toMatchObject({ taken: '0.00', missing: '1.00' });
  });

  test('that expire are spent first, end by a transfer, are listed before, and stay as they were in whose hands they come', async () => {
    const [person, friend] = [await register(), await register()];
    const { pool } = api.deps;
    await updateLotRule(pool, 'LYK', { lifetime: 'P30D', locked: null });
    await pour(person, 'LYK', 20);
    await updateLotRule(pool, 'LYK', { lifetime: null, locked: null });
    await pour(person, 'LYK', 5);
    const coming = (await person.get(wallet(person, 'expiries'))).json().data.expiries;
    expect(coming).toEqual([{ asset: 'LYK', amount: '20.00', expires_at: expect.any(String) }]);
    await person.post(wallet(person, 'gift'), { to_user_id: friend.id, points: 8 });
    expect((await friend.get(wallet(friend, 'expiries'))).json().data.expiries).toEqual([
      { ...coming[0], amount: '8.00' },
    ]);
    const end = coming[0].expires_at;
    const swept = await expireLots(pool, end, 100);
    expect(swept.filter(({ userId }) => userId === person.id)).toEqual([
      { userId: person.id, asset: 'LYK', amount: 1_200n },
    ]);
    expect(await balanceOf(person, 'LYK')).toMatchObject({ available: '5.00', total: '5.00' });
    expect(await balanceOf(friend, 'LYK')).toMatchObject({ available: '0.00' });
    expect((await expireLots(pool, end, 100)).length).toBe(0);
  });

  test('that are locked are held and cannot be spent before their day', async () => {
    const person = await register();
    const now = api.clock.now.toISOString();
    const move = {
      key: `locked_${person.id}`,
      reason: 'reward',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.issuance('LYK', person.id), amount: -500n },
        { account: accounts.wallet(person.id, 'LYK'), amount: 500n },
      ],
      more: { available_at: new Date(api.clock.now.getTime() + 600_000).toISOString() },
    };
    await transfer(api.deps.pool, move);
    expect(await balanceOf(person, 'LYK')).toEqual({ asset: 'LYK', available: '0.00', held: '5.00', total: '5.00' });
    const spend = () => person.post(wallet(person, 'spend'), { action: 'purchase', points: 1, item_id: 'badge' });
    expect((await spend()).json()).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
    const before = api.clock.now;
    api.clock.now = new Date(before.getTime() + 600_000);
    try {
      expect(await balanceOf(person, 'LYK')).toMatchObject({ available: '5.00', held: '0.00' });
    } finally {
      api.clock.now = before;
    }
  });
});

describe('an adjustment', () => {
  test('gives or takes with a reason, names what it corrects, and is told as an update of the wallet', async () => {
    const [person, operator] = [await register(), await admin()];
    await pour(person, 'LYK', 150);
    const [first] = (await person.get(wallet(person, 'transactions?asset=LYK'))).json().data;
    const given = await operator.post('/api/admin/adjustments', {
      user_id: person.id,
      asset: 'LYK',
      amount: '25',
      reason: 'Balance adjustment',
      corrects: first.transaction_id,
    });
    expect(given.statusCode, given.body).toBe(201);
    const told = (await eventsOf(person)).filter(({ name }) => name === 'wallet_update').map(({ data }) => data);
    expect(told).toEqual([
      {
        type: 'wallet_update',
        eventType: 'wallet:balance:updated',
        recipientIds: [person.id],
        data: {
          userId: person.id,
          asset: 'LYK',
          newBalance: 175,
          previousBalance: 150,
          reason: 'Balance adjustment',
          timestamp: expect.any(String),
        },
      },
    ]);
    const [line] = (await person.get(wallet(person, 'transactions?asset=LYK'))).json().data;
    expect(line).toMatchObject({ kind: 'adjustment', corrects: first.transaction_id, memo: 'Balance adjustment' });
    const post = (body: object) =>
      operator.post('/api/admin/adjustments', { user_id: person.id, asset: 'LYK', reason: 'x', amount: '1', ...body });
    expect((await post({ amount: '-175' })).statusCode).toBe(201);
    expect((await post({ amount: '-1' })).json()).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
    expect((await post({ corrects: 'nothing' })).json()).toMatchObject({ error_code: 'NOT_FOUND' });
    expect((await post({ amount: '0' })).json()).toMatchObject({ error_code: 'VALIDATION_FAILED' });
    for (const path of ['adjustments', 'penalties']) {
      const body = path === 'adjustments' ? { asset: 'LYK', amount: 1 } : { points: 1 };
      const refused = await person.post(`/api/admin/${path}`, { user_id: person.id, reason: 'x', ...body });
      expect(refused.json()).toMatchObject({ error_code: 'FORBIDDEN' });
    }
  });
});

describe('the faucet', () => {
  test('gives a million a call at most, of every asset', async () => {
    const person = await register();
    for (const asset of ['INR', 'USD', 'CREDIT', 'TOKEN', 'LYK', 'BTC', 'ETH', 'USDT'])
      await pour(person, asset, 1_000_000);
    expect(await balanceOf(person, 'BTC')).toMatchObject({ available: '1000000.00000000' });
    const refused = await person.post('/api/sandbox/faucet', { asset: 'USD', amount: '1000000.01' });
    expect(refused.json()).toMatchObject({
      error_code: 'VALIDATION_FAILED',
      message: 'amount is more than 1000000.00 USD, the most there can be.',
    });
  });

  test('is not there in production', async () => {
    const production = await startTestApp({ databaseUrl, env: PRODUCTION });
    try {
      const person = await register(undefined, production);
      expect((await person.post('/api/sandbox/faucet', { asset: 'USD', amount: 1 })).statusCode).toBe(404);
    } finally {
      await production.close();
    }
  });
});

describe('a statement', () => {
  test('is read page by page without a gap, by kind and by time, with the balance of every line', async () => {
    const [person, friend] = [await register(), await register()];
    for (let n = 1; n <= 6; n += 1) await pour(person, n % 2 ? 'INR' : 'USD', n);
    await person.post(wallet(person, 'transfer'), { to_user_id: friend.id, asset: 'INR', amount: '2.50' });
    const whole = (await person.get(wallet(person, 'transactions?limit=100'))).json().data;
    expect(whole).toHaveLength(8);
    const paged = [];
    for (let cursor = ''; ; ) {
      const { data, page } = (await person.get(wallet(person, `transactions?limit=3${cursor}`))).json();
      paged.push(...data);
      if (!page.next_cursor) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(paged).toEqual(whole);
    const rupees = whole.filter((line: { asset: string }) => line.asset === 'INR');
    expect(rupees.map((line: { balance_after: string }) => line.balance_after)).toEqual([
      '6.50',
      '9.00',
      '4.00',
      '1.00',
    ]);
    const of = async (query: string) => (await person.get(wallet(person, `transactions?${query}`))).json().data;
    expect(await of('kind=transfer')).toEqual([whole[0]]);
    expect(await of('asset=USD')).toEqual(whole.filter((line: { asset: string }) => line.asset === 'USD'));
    const at = whole[3].recorded_at;
    const later = (line: { recorded_at: string }) => line.recorded_at >= at;
    expect(await of(`from=${at}`)).toEqual(whole.filter(later));
    expect(await of(`to=${at}`)).toEqual(whole.filter((line: { recorded_at: string }) => !later(line)));
    expect((await person.get(wallet(person, 'transactions?cursor=abc'))).statusCode).toBe(400);
  });

  test('as CSV has numbers as numbers, and no text that a spreadsheet would run', async () => {
    const [person, friend] = [await register(), await register()];
    await pour(person, 'INR', 10);
    await person.post(wallet(person, 'transfer'), {
      to_user_id: friend.id,
      asset: 'INR',
      amount: '2.50',
      memo: '=HYPERLINK("https://bad.example","click, me")',
    });
    const byAccept = await person.get(wallet(person, 'transactions?asset=INR'), { accept: 'text/csv' });
    const byQuery = await person.get(wallet(person, 'transactions?asset=INR&format=csv'));
    expect(byAccept.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(byQuery.body).toBe(byAccept.body);
    const [head, first, second, end] = byAccept.body.split('\r\n');
    expect(head).toBe(
      'id,transaction_id,occurred_at,recorded_at,kind,account,asset,in,out,balance_after,counterparty_id,memo,corrects,conversation_id',
    );
    expect(first).toContain(
      `transfer,wallet,INR,,2.50,7.50,${friend.id},"'=HYPERLINK(""https://bad.example"",""click, me"")"`,
    );
    expect(second).toContain('faucet,wallet,INR,10.00,,10.00,');
    expect(end).toBe('');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1+1', '\r=1+1', '＝1+1', '＋1', '－1', '＠SUM(A1)'])(
    'as CSV has a memo that begins as %j does as a text, or there is no such memo',
    async (memo) => {
      const [person, friend] = [await register(), await register()];
      await pour(person, 'INR', 10);
      const body = { to_user_id: friend.id, asset: 'INR', amount: '2.50', memo };
      const sent = await person.post(wallet(person, 'transfer'), body);
      const { body: csv } = await person.get(wallet(person, 'transactions?asset=INR&kind=transfer&format=csv'));
      if (sent.statusCode === 400) expect(sent.json().details.fields[0].field).toBe('memo');
      else
        expect(
          [`'${memo}`, `'${memo.trim()}`].some((cell) => csv.includes(cell)),
          csv,
        ).toBe(true);
    },
  );

  test('says what there was at any past instant', async () => {
    const person = await register();
    // Of one millisecond the last counts.
    const seen = new Map<string, string>();
    for (let n = 1; n <= 5; n += 1) {
      await pour(person, 'ETH', '0.5');
      const [line] = (await person.get(wallet(person, 'transactions?asset=ETH&limit=1'))).json().data;
      seen.set(line.recorded_at, line.balance_after);
    }
    for (const [at, balance] of seen) {
      const { data } = (await person.get(wallet(person, `balance?at=${at}`))).json();
      expect(data.balances.find((one: { asset: string }) => one.asset === 'ETH')).toMatchObject({ available: balance });
    }
    const before = (await person.get(wallet(person, 'balance?at=2020-01-01T00:00:00Z'))).json();
    expect(before.data.balances).toEqual([]);
  });
});

describe('addresses', () => {
  test('are empty with a sentence where no source is configured', async () => {
    const person = await register();
    expect((await person.get(wallet(person, 'addresses'))).json().data).toEqual({
      addresses: [],
      note: 'This deployment takes no payments in crypto: no addresses are configured.',
    });
  });

  test('are derived per user and asset from public keys, are each a user’s own and stay', async () => {
    // The account keys that BIP 84's own test vectors, and the mnemonic of twelve times "abandon" (… about), lead to.
    const zpub =
      'zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs';
    const env = { DEPOSIT_ADDRESSES: `BTC=${zpub};USDT=0xone|0xtwo` };
    const own = await startTestApp({ databaseUrl: await createTestDatabase(), env });
    try {
      const people = await Promise.all(Array.from({ length: 3 }, () => register(undefined, own)));
      const given = await Promise.all(
        people.map(async (person) => (await person.get(wallet(person, 'addresses'))).json().data.addresses),
      );
      const bitcoin = given.map((list) => list.find(({ asset }: { asset: string }) => asset === 'BTC').address);
      // m/84'/0'/0'/0/0 and /0/1, as BIP 84 prints them.
      expect(bitcoin).toContain('bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu');
      expect(bitcoin).toContain('bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g');
      expect(new Set(bitcoin).size).toBe(3);
      expect(given.flat().filter(({ asset }: { asset: string }) => asset === 'USDT')).toHaveLength(2);
      const again = await Promise.all(
        people.map(async (person) => (await person.get(wallet(person, 'addresses'))).json().data.addresses),
      );
      expect(again).toEqual(given);
    } finally {
      await own.close();
    }
  });
});

test('after all of this the books are in order', async () => {
  expect((await checkInvariants(api.deps.pool)).filter(({ ok }) => !ok)).toEqual([]);
});
