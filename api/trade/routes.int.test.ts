import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accounts, transfer } from '#db/money/ledger.ts';
import { sql } from '#db/pool.ts';
import { listOpenPromises } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { Asset } from '#workflows/money.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

const ESCROW = '/api/crypto/p2p/escrow';
const DAY = 24 * 3_600_000;

let api: TestApp;
beforeAll(async () => {
  api = await startTestApp({
    databaseUrl: await createTestDatabase(),
    clock: { now: new Date('2030-01-01T00:00:00Z') },
  });
});
afterEach(async () => {
  expect((await checkInvariants(api.deps.pool)).filter(({ ok }) => !ok)).toEqual([]);
});
afterAll(() => api?.close());

type Person = { id: string; access: string };

async function call(method: 'GET' | 'POST' | 'DELETE', url: string, by: Person, payload?: object, key?: string) {
  const headers = { authorization: `Bearer ${by.access}`, ...(key && { 'idempotency-key': key }) };
  const answer = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

let people = 0;

async function person(): Promise<Person> {
  people += 1;
  const payload = { handle: `trader_${people}`, password: 'secret123' };
  const { user, access } = (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data;
  return { id: user.id, access };
}

async function administrator(): Promise<Person> {
  const { id } = await person();
  await api.deps.pool.query(sql.typeAlias('void')`UPDATE users SET roles = '{admin}' WHERE id = ${id}`);
  const payload = { handle: `trader_${people}`, password: 'secret123' };
  const { access } = (await api.app.inject({ method: 'POST', url: '/api/auth/login', payload })).json().data;
  return { id, access };
}

async function fund({ id }: Person, asset: Asset, amount: bigint): Promise<void> {
  await api.deps.pool.transaction((transaction) =>
    transfer(transaction, {
      key: crypto.randomUUID(),
      reason: 'faucet',
      conversationId: null,
      occurredAt: api.clock.now.toISOString(),
      legs: [
        { account: { code: `issuance/${asset}`, kind: 'issuance', asset, ownerId: null }, amount: -amount },
        { account: accounts.wallet(id, asset), amount },
      ],
    }),
  );
}

async function balance({ id, access }: Person, asset: string) {
  const { body } = await call('GET', `/api/wallet/${id}/balance`, { id, access });
  return body.data.balances.find((each: { asset: string }) => each.asset === asset) ?? { available: '0', held: '0' };
}

const terms = (buyer: Person, more: object = {}) => ({
  buyer_id: buyer.id,
  asset: 'USDT',
  amount: '25.000001',
  price: '2150',
  currency: 'INR',
  payment_method: 'UPI',
  payment_details: 'seller@bank',
  ...more,
});

async function pair() {
  const [seller, buyer] = [await person(), await person()];
  await fund(seller, 'USDT', 30_000_000n);
  return { seller, buyer };
}

async function opened(more: object = {}) {
  const { seller, buyer } = await pair();
  const { status, body } = await call('POST', ESCROW, seller, terms(buyer, more));
  expect(status).toBe(201);
  const { id } = body.data.transaction;
  const give = (by: Person, path: string, payload?: object, key?: string) =>
    call('POST', `${ESCROW}/${id}/${path}`, by, payload ?? {}, key);
  return { seller, buyer, id: id as string, give, first: body.data.transaction };
}

/** What the trade's workflow does with what is promised. */
async function carry(id: string): Promise<void> {
  const { pool, config } = api.deps;
  const origin = { now: api.clock.now.toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId: null };
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin);
}

const statusOf = async (by: Person, id: string) =>
  (await call('GET', `${ESCROW}/${id}`, by)).body.data.transaction.status;

describe('opening', () => {
  test('what is sold is held from the opening on, and shown so in the seller’s wallet', async () => {
    const { seller, first } = await opened();
    expect(first).toMatchObject({ status: 'awaiting_payment', held: '25.000001', my_role: 'seller', history: [] });
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '4.999999', held: '25.000001' });
  });

  test('a seller who has not enough is refused, and nothing is held', async () => {
    const { seller, buyer } = await pair();
    const { status, body } = await call('POST', ESCROW, seller, terms(buyer, { amount: '30.000001' }));
    expect([status, body.error_code]).toEqual([409, 'INSUFFICIENT_FUNDS']);
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '30.000000', held: '0.000000' });
  });

  test('the same key opens one trade, and two at once of all there is hold it once', async () => {
    const { seller, buyer } = await pair();
    const many = await Promise.all(Array.from({ length: 8 }, () => call('POST', ESCROW, seller, terms(buyer), 'one')));
    expect(new Set(many.map(({ body }) => body.data.transaction.id)).size).toBe(1);
    const more = await Promise.all([1, 2].map(() => call('POST', ESCROW, seller, terms(buyer, { amount: '4' }))));
    expect(more.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test.each([
    [{ amount: '0' }, 'amount'],
    [{ amount: '-1' }, 'amount'],
    [{ amount: '1.0000001' }, 'amount'],
    [{ amount: '1e3' }, 'amount'],
    [{ amount: '99999999999999999999' }, 'amount'],
    [{ price: '0.00' }, 'price'],
    [{ price: '1.001' }, 'price'],
    [{ asset: 'DOGE' }, 'asset'],
    [{ currency: 'rupees' }, 'currency'],
    [{ policy: { pay_within: 'P1M' } }, 'policy.pay_within'],
    [{ policy: { default_release_percent: 101 } }, 'policy.default_release_percent'],
    [{ payment_details: 'x'.repeat(1_001) }, 'payment_details'],
    [{ extra: true }, 'extra'],
  ])('%j is refused by the name of its field', async (more, field) => {
    const { seller, buyer } = await pair();
    const { status, body } = await call('POST', ESCROW, seller, terms(buyer, more));
    expect([status, body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.details.fields.map((each: { field: string }) => each.field).join()).toContain(field);
  });

  test('a thousand characters of where to pay are taken as their reader counts them', async () => {
    const { seller, buyer } = await pair();
    const family = '👨‍👩‍👧‍👦';
    const { status, body } = await call(
      'POST',
      ESCROW,
      seller,
      terms(buyer, { payment_details: family.repeat(1_000) }),
    );
    expect([status, body.data?.transaction.payment_details]).toEqual([201, family.repeat(1_000)]);
    const more = await call('POST', ESCROW, seller, terms(buyer, { payment_details: family.repeat(1_001) }));
    expect([more.status, more.body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  test('nobody trades with oneself, or with nobody', async () => {
    const { seller } = await pair();
    expect((await call('POST', ESCROW, seller, terms(seller))).status).toBe(403);
    const nobody = { id: '01970000-0000-7000-8000-000000000000', access: '' };
    expect((await call('POST', ESCROW, seller, terms(nobody))).status).toBe(404);
  });
});

describe('a trade', () => {
  test('is confirmed, released, and its asset is the buyer’s', async () => {
    const { seller, buyer, id, give } = await opened();
    expect((await give(buyer, 'confirm')).body.data.transaction).toMatchObject({ status: 'payment_confirmed' });
    expect((await give(seller, 'release')).body.data.transaction).toMatchObject({ status: 'releasing' });
    await carry(id);
    expect(await statusOf(buyer, id)).toBe('released');
    expect(await balance(buyer, 'USDT')).toMatchObject({ available: '25.000001', held: '0.000000' });
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '4.999999', held: '0.000000' });
  });

  test('tells both sides of each step once, in order', async () => {
    const { seller, buyer, id, give } = await opened();
    await give(buyer, 'confirm');
    await give(seller, 'release');
    await carry(id);
    for (const one of [seller, buyer]) {
      const { body } = await call('GET', '/api/events?after=0', one);
      const told = body.data.filter((event: { name: string }) => event.name === 'order_update');
      expect(
        told.map((event: { data: { orderId: string; status: string } }) => [event.data.orderId, event.data.status]),
      ).toEqual(['awaiting_payment', 'payment_confirmed', 'releasing', 'released'].map((status) => [id, status]));
    }
  });

  test('in dispute is ruled on from the operator’s list of tasks, and split to the smallest unit', async () => {
    const admin = await administrator();
    const { seller, buyer, id, give } = await opened();
    await give(buyer, 'confirm');
    const evidence = { text: 'My receipt', links: ['https://bank.example/receipt'] };
    expect((await give(seller, 'dispute', { reason: 'Nothing came', evidence: 'My statement' })).status).toBe(200);
    expect((await give(buyer, 'evidence', evidence)).body.data.transaction.history.at(-1)).toMatchObject({
      action: 'evidence',
      text: 'My receipt',
      links: ['https://bank.example/receipt'],
    });
    const tasks = (await call('GET', '/api/admin/tasks?kind=dispute', admin)).body.data;
    const task = tasks.find((each: { conversation_id: string }) => each.conversation_id === id);
    const decision = { decision: 'rule', release_percent: 33, reason: 'Both are right' };
    expect(
      (await call('POST', `/api/admin/tasks/${task.id}/decision`, admin, decision)).body.data.closed_at,
    ).not.toBeNull();
    await carry(id);
    expect(await statusOf(seller, id)).toBe('split');
    expect(await balance(buyer, 'USDT')).toMatchObject({ available: '8.250000' });
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '21.750000', held: '0.000000' });
  });

  test('is not there for strangers, and an administrator sees all but where to pay', async () => {
    const [admin, stranger] = [await administrator(), await person()];
    const { buyer, id, give } = await opened();
    expect((await call('GET', `${ESCROW}/${id}`, stranger)).status).toBe(404);
    expect((await give(stranger, 'confirm')).status).toBe(404);
    expect((await call('GET', `${ESCROW}/${id}`, buyer)).body.data.transaction.payment_details).toBe('seller@bank');
    expect((await call('GET', `${ESCROW}/${id}`, admin)).body.data.transaction.payment_details).toBeNull();
    expect((await give(admin, 'confirm')).status).toBe(403);
  });

  test('shows where to pay until thirty days after its end', async () => {
    const { buyer, id, give } = await opened();
    await give(buyer, 'cancel');
    await carry(id);
    const details = async () => (await call('GET', `${ESCROW}/${id}`, buyer)).body.data.transaction.payment_details;
    expect(await details()).toBe('seller@bank');
    const { now } = api.clock;
    api.clock.now = new Date(now.getTime() + 30 * DAY);
    const { access } = (
      await api.app.inject({
        method: 'POST',
        url: '/api/auth/login',
        payload: { handle: `trader_${people}`, password: 'secret123' },
      })
    ).json().data;
    buyer.access = access;
    expect(await details()).toBeNull();
    api.clock.now = now;
  });

  test('whose payment time is up is expired by whoever comes next, and its asset goes back', async () => {
    const { seller, buyer, id, give } = await opened({ policy: { pay_within: 'PT1S' } });
    const { now } = api.clock;
    api.clock.now = new Date(now.getTime() + 1_000);
    const { status, body } = await give(buyer, 'confirm');
    expect([status, body.error_code, body.details.current_state]).toEqual([409, 'FLOW_STATE_INVALID', 'expired']);
    await carry(id);
    api.clock.now = now;
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '30.000000', held: '0.000000' });
  });

  test('refuses a paper that is too long, or shows nothing, by the name of its field', async () => {
    const { buyer, give } = await opened();
    await give(buyer, 'confirm');
    for (const [payload, field] of [
      [{ reason: 'x'.repeat(2_001) }, 'reason'],
      [{ reason: '\u200b ' }, 'reason'],
      [{ reason: 'Nothing came', evidence: 'x'.repeat(5_001) }, 'evidence'],
    ] as const) {
      const { status, body } = await give(buyer, 'dispute', payload);
      expect([status, body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
      expect(body.details.fields.map((each: { field: string }) => each.field)).toEqual([field]);
    }
  });

  test('answers a repeated key as it answered first, whatever came since', async () => {
    const { seller, buyer, give } = await opened();
    const first = await give(buyer, 'confirm', {}, 'paid');
    await give(seller, 'release');
    const again = await give(buyer, 'confirm', {}, 'paid');
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  test('asked by both sides at once to end in different ways ends in one', async () => {
    const { seller, buyer, id, give } = await opened();
    await give(buyer, 'confirm');
    await give(seller, 'request-cancel');
    const results = await Promise.all([
      give(seller, 'release'),
      give(buyer, 'agree-cancel'),
      give(buyer, 'dispute', { reason: 'now' }),
    ]);
    expect(results.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
    await carry(id);
    const [theirs, ours] = [await balance(buyer, 'USDT'), await balance(seller, 'USDT')];
    const shares = [theirs.available, ours.available, ours.held];
    // Whoever came first: all of it moved once, or it is held until the dispute is over.
    expect({
      released: ['25.000001', '4.999999', '0.000000'],
      cancelled: ['0', '30.000000', '0.000000'],
      disputed: ['0', '4.999999', '25.000001'],
    }).toHaveProperty([await statusOf(buyer, id)], shares);
  });

  test('is called off by agreement, and the request for it may be taken back', async () => {
    const { seller, buyer, id, give } = await opened();
    await give(buyer, 'confirm');
    expect((await give(seller, 'request-cancel')).body.data.transaction.cancel_asked_by).toBe('seller');
    expect(
      (await call('DELETE', `${ESCROW}/${id}/request-cancel`, seller)).body.data.transaction.cancel_asked_by,
    ).toBeNull();
    expect((await give(buyer, 'agree-cancel')).body.error_code).toBe('CONFLICT');
    await give(seller, 'request-cancel');
    expect((await give(buyer, 'agree-cancel')).body.data.transaction.status).toBe('cancelled');
    await carry(id);
    expect(await balance(seller, 'USDT')).toMatchObject({ available: '30.000000' });
  });
});

test('the list has one’s own trades by role and status, page by page', async () => {
  const { seller, buyer } = await pair();
  const other = await person();
  await fund(buyer, 'USDT', 10_000_000n);
  const open = (by: Person, to: Person) => call('POST', ESCROW, by, terms(to, { amount: '1' }));
  await open(seller, buyer);
  await open(buyer, seller);
  await open(seller, other);
  const listed = async (query: string) => (await call('GET', `${ESCROW}?${query}`, seller)).body;
  expect((await listed('role=buyer')).data).toHaveLength(1);
  expect((await listed('role=seller&status=awaiting_payment')).data).toHaveLength(2);
  const first = await listed('limit=2');
  expect(first.data).toHaveLength(2);
  const second = await listed(`limit=2&cursor=${first.page.next_cursor}`);
  expect(second.data).toHaveLength(1);
  expect(second.page.next_cursor).toBeNull();
});
