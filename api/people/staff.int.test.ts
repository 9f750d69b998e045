import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accounts, transfer } from '#db/money/ledger.ts';
import { sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { expectOrder, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let staff: Talker;
let count = 0;

const newPerson = () => newTalker(api, `somebody-${count++}`, ['viewer']);

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  staff = await newTalker(api, 'of-the-house', ['viewer']);
  await api.deps.pool.query(sql.typeAlias('void')`UPDATE users SET roles = '{admin}' WHERE id = ${staff.id}`);
});
afterAll(() => api.close());
afterEach(() => expectOrder(api));

const people = (id: string) => `/api/admin/people/${id}`;
const signIn = ({ handle }: Talker) =>
  api.app.inject({ method: 'POST', url: '/api/auth/login', payload: { handle, password: 'secret123' } });

test('staff finds people by id and by how their handle begins, and nobody else does', async () => {
  const [one, other] = [await newPerson(), await newPerson()];
  const found = async (q: string) => {
    const rows = await ok(staff.get(`/api/admin/people?q=${encodeURIComponent(q)}`));
    return rows.map(({ handle }: { handle: string }) => handle);
  };
  expect(await found(one.id)).toEqual([one.handle]);
  expect(await found(one.handle.toUpperCase())).toEqual([one.handle]);
  expect(await found('somebody-')).toEqual([other.handle, one.handle]);
  for (const q of ['%', '_', "'", '\\']) expect(await found(q)).toEqual([]);
  for (const path of ['/api/admin/people', people(one.id)]) await refused(one.get(path), 403, 'FORBIDDEN');
  for (const doing of ['block', 'unblock', 'sign-out'])
    await refused(one.post(`${people(other.id)}/${doing}`, { reason: 'No.' }), 403, 'FORBIDDEN');
  await refused(one.post(`${people(other.id)}/notes`, { text: 'No.' }), 403, 'FORBIDDEN');
});

test('who is blocked is signed out everywhere and may not come back, until they are let in again; each is noted', async () => {
  const somebody = await newPerson();
  const blocked = await ok(staff.post(`${people(somebody.id)}/block`, { reason: 'Sold followers.' }));
  expect(blocked).toMatchObject({
    sessions: 0,
    barred: { by: 'of-the-house', reason: 'Sold followers.' },
    notes: [{ author: 'of-the-house', text: 'Blocked: Sold followers.' }],
  });
  await refused(somebody.get('/api/me'), 401, 'UNAUTHENTICATED');
  expect((await signIn(somebody)).json()).toMatchObject({
    error_code: 'FORBIDDEN',
    message: 'This account is blocked.',
  });
  const open = await ok(staff.post(`${people(somebody.id)}/unblock`, { reason: 'It was a mistake.' }));
  expect(open).toMatchObject({ barred: null, notes: [{}, {}] });
  expect((await signIn(somebody)).statusCode).toBe(200);
});

test('somebody is signed out everywhere, and signs in again', async () => {
  const somebody = await newPerson();
  expect((await signIn(somebody)).statusCode).toBe(200);
  expect(await ok(staff.get(people(somebody.id)))).toMatchObject({ sessions: 2 });
  const out = await ok(staff.post(`${people(somebody.id)}/sign-out`, { reason: 'They lost their phone.' }));
  expect(out).toMatchObject({ sessions: 0, barred: null });
  await refused(somebody.get('/api/me'), 401, 'UNAUTHENTICATED');
  expect((await signIn(somebody)).statusCode).toBe(200);
});

test('an administrator is not blocked, nor who is not there', async () => {
  await refused(staff.post(`${people(staff.id)}/block`, { reason: 'Me.' }), 403, 'FORBIDDEN');
  const nobody = '0190f3a2-0000-7000-8000-000000000bad';
  await refused(staff.post(`${people(nobody)}/block`, { reason: 'Them.' }), 404, 'NOT_FOUND');
  await refused(staff.post(`${people(nobody)}/notes`, { text: 'Them.' }), 404, 'NOT_FOUND');
  expect((await ok(staff.get(people(staff.id)))).notes).toEqual([]);
});

test('staff deletes the account of who asks and cannot, as they would; why is noted, and what was noted of them goes', async () => {
  const somebody = await newPerson();
  await ok(somebody.call('PATCH', '/api/me', { display_name: 'Asha Rao' }));
  await ok(staff.post(`${people(somebody.id)}/notes`, { text: 'Calls herself Asha Rao.' }));
  const other = await newPerson();
  const reason = { reason: 'She lost her password, and asked by letter.' };
  await refused(other.call('DELETE', people(somebody.id), reason), 403, 'FORBIDDEN');
  await refused(staff.call('DELETE', people(somebody.id), {}), 400, 'VALIDATION_FAILED');
  const gone = await ok(staff.call('DELETE', people(somebody.id), reason));
  expect(gone).toMatchObject({
    display_name: null,
    roles: [],
    sessions: 0,
    left_at: api.clock.now.toISOString(),
    notes: [{ author: 'of-the-house', text: `Deleted: ${reason.reason}` }],
  });
  expect(await ok(staff.get(people(somebody.id)))).toEqual(gone);
  await refused(somebody.get('/api/me'), 401, 'UNAUTHENTICATED');
  expect((await signIn(somebody)).statusCode).toBe(401);
  await refused(staff.call('DELETE', people(somebody.id), reason), 404, 'NOT_FOUND');
  await refused(staff.call('DELETE', people(staff.id), reason), 403, 'FORBIDDEN');
});

test('staff deletes no account whose money or open process would be left behind', async () => {
  const somebody = await newPerson();
  await api.deps.pool.transaction((transaction) =>
    transfer(transaction, {
      ...{ key: `test_${somebody.id}`, reason: 'test', conversationId: null, occurredAt: api.clock.now.toISOString() },
      legs: [
        { account: accounts.issuance('USDT'), amount: -5_000_000n },
        { account: accounts.wallet(somebody.id, 'USDT'), amount: 5_000_000n },
      ],
    }),
  );
  const kept = await refused(staff.call('DELETE', people(somebody.id), { reason: 'They asked.' }), 409, 'CONFLICT');
  expect(kept.details.balances).toEqual([{ asset: 'USDT', available: '5.000000', held: '0.000000' }]);
  await ok(somebody.get('/api/me'));
});
