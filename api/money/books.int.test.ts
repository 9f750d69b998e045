import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { storeWebhook } from '#db/payment/inbox.ts';
import { sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { expectOrder, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let staff: Talker;
let asha: Talker;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  staff = await newTalker(api, 'of-the-house', ['viewer']);
  await api.deps.pool.query(sql.typeAlias('void')`UPDATE users SET roles = '{admin}' WHERE id = ${staff.id}`);
  asha = await newTalker(api, 'asha', ['viewer']);
  await ok(asha.post('/api/sandbox/faucet', { asset: 'INR', amount: '250.50' }));
});
afterAll(() => api.close());
afterEach(() => expectOrder(api));

test('staff looks through accounts by code and by owner, page by page, and nobody else does', async () => {
  const mine = await ok(staff.get('/api/admin/ledger/accounts?q=ASHA'));
  expect(mine).toMatchObject([
    { code: `wallet/${asha.id}`, asset: 'INR', owner: 'asha', balance: '250.50' },
    { code: `wallet/${asha.id}`, asset: 'TOKEN', owner: 'asha', balance: '100' },
  ]);
  expect(await ok(staff.get(`/api/admin/ledger/accounts?q=wallet/${asha.id}`))).toEqual(mine);
  expect(await ok(staff.get(`/api/admin/ledger/accounts?kind=fee`))).toEqual([]);
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await staff.get(`/api/admin/ledger/accounts?limit=2${cursor && `&cursor=${cursor}`}`);
    for (const { code, asset } of body.data) seen.push(`${code} ${asset}`);
    cursor = body.page.next_cursor ?? '';
  } while (cursor);
  expect(seen).toEqual([...new Set(seen)]);
  expect(seen.length).toBeGreaterThan(3);
  for (const path of ['ledger/accounts', 'ledger/balances', 'ledger/transfers', 'provider-events'])
    await refused(asha.get(`/api/admin/${path}`), 403, 'FORBIDDEN');
});

test('what each kind of account holds is told by asset, and sums to zero of each', async () => {
  const { balances } = await ok(staff.get('/api/admin/ledger/balances'));
  const rupees = balances.filter(({ asset }: { asset: string }) => asset === 'INR');
  expect(rupees).toContainEqual({ kind: 'wallet', asset: 'INR', accounts: 1, balance: '250.50' });
  const assets: string[] = [...new Set<string>(balances.map(({ asset }: { asset: string }) => asset))];
  expect(assets).toContain('TOKEN');
  for (const each of assets) {
    const held = balances.filter(({ asset }: { asset: string }) => asset === each);
    const paise = held.map(({ balance }: { balance: string }) => Math.round(Number(balance) * 100));
    expect(paise.reduce((sum: number, part: number) => sum + part, 0)).toBe(0);
  }
});

test('a transfer is shown with all its legs, by its account and by its key', async () => {
  const [account] = await ok(staff.get('/api/admin/ledger/accounts?q=asha'));
  const [pour, ...others] = await ok(staff.get(`/api/admin/ledger/transfers?account=${account.id}`));
  expect(others).toEqual([]);
  expect(pour.legs.map(({ amount }: { amount: string }) => amount)).toEqual(['-250.50', '250.50']);
  expect(pour.legs[1]).toMatchObject({ account: `wallet/${asha.id}`, asset: 'INR', account_id: account.id });
  expect(await ok(staff.get(`/api/admin/ledger/transfers?q=${encodeURIComponent(pour.key)}`))).toEqual([pour]);
  expect(await ok(staff.get('/api/admin/ledger/transfers?q=nothing'))).toEqual([]);
  expect((await ok(staff.get('/api/admin/ledger/transfers')))[0]).toEqual(pour);
});

test('what a provider told is shown with what became of it', async () => {
  const fact: ProviderFact = {
    kind: 'failed',
    provider: 'sandbox',
    orderId: 'order_unknown',
    reference: null,
    paymentId: 'pay_1',
    refundId: null,
    refundKey: null,
    amount: '500',
    currency: 'INR',
    occurredAt: api.deps.now().toISOString(),
    reason: 'declined',
  };
  await storeWebhook(api.deps.pool, {
    provider: 'sandbox',
    eventId: 'evt_1',
    type: 'payment.failed',
    facts: [fact],
    body: '{}',
    now: api.deps.now,
  });
  const [event] = await ok(staff.get('/api/admin/provider-events?q=evt_1'));
  expect(event).toMatchObject({ provider: 'sandbox', event_id: 'evt_1', type: 'payment.failed', fact: 'failed' });
  expect(await ok(staff.get('/api/admin/provider-events?only=waiting'))).toEqual(event.booked_at ? [] : [event]);
  expect(await ok(staff.get('/api/admin/provider-events?only=set_aside'))).toEqual([]);
});
