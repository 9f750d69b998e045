import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { answerWith, newPayee } from '#db/payout/testing/payouts.ts';
import { sql } from '#db/pool.ts';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { expireIfDue } from '#db/process/step.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { durationMs } from '#workflows/durations.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

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

type Person = { id: string; handle: string; access: string };

async function call(method: 'GET' | 'POST', url: string, by: Person, payload?: object, key?: string) {
  const headers = { authorization: `Bearer ${by.access}`, ...(key && { 'idempotency-key': key }) };
  const answer = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

let people = 0;
async function person(isAdmin = false): Promise<Person> {
  people += 1;
  const payload = { handle: `payee_${people}`, password: 'secret123' };
  const { user } = (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data;
  if (isAdmin) {
    await api.deps.pool.query(sql.typeAlias('void')`UPDATE users SET roles = '{admin}' WHERE id = ${user.id}`);
  }
  const { access } = (await api.app.inject({ method: 'POST', url: '/api/auth/login', payload })).json().data;
  return { id: user.id, handle: payload.handle, access };
}

/** What was one's place to be paid at is another's. */
async function own(userId: string, { id }: Person): Promise<void> {
  await api.deps.pool.query(sql.typeAlias('void')`
    UPDATE payout_destinations SET user_id = ${id} WHERE user_id = ${userId}
  `);
}

async function heldBy(one: Person, asset = 'INR'): Promise<string> {
  const { body } = await call('GET', `/api/wallet/${one.id}/balance`, one);
  return body.data.balances.find((each: { asset: string }) => each.asset === asset)?.held ?? '0.00';
}

/** A payout leaves once its hold window is over; `then` is what happens before it arrives. */
async function arrives(one: Person, id: string, then = async () => {}): Promise<void> {
  const { pool } = api.deps;
  const origin = { now: '', systemUserId: one.id, correlationId: null };
  // The hold window begins where the one before it has ended.
  for (const days of [3, 6]) {
    origin.now = new Date(api.clock.now.getTime() + days * 86_400_000).toISOString();
    const stored = await findProcess(pool, id);
    if (stored) await expireIfDue(pool, stored, origin);
  }
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin);
  await then();
  await answerWith(pool, id, 'processed', origin);
}

/** Somebody who may be paid, with a destination; rupees in paise. */
async function payee(paise: bigint, by?: Person) {
  const one = by ?? (await person());
  const made = await newPayee(api.deps.pool, api.clock.now.toISOString(), paise);
  // What was given to the other is this one's: the wallet, the papers and the destination follow.
  await own(made.userId, one);
  expect((await call('POST', `/api/wallet/${one.id}/kyc`, one, { kind: 'sandbox', name: 'Asha' })).status).toBe(200);
  await call('POST', '/api/sandbox/faucet', one, { asset: 'INR', amount: (Number(paise) / 100).toFixed(2) });
  return { one, ask: { amount: '10.00', asset: 'INR', destination_id: made.destinationId } };
}

test('papers that are not begun always name the way out, and nothing is paid out before', async () => {
  const one = await person();
  const { body } = await call('GET', `/api/wallet/${one.id}/kyc`, one);
  expect(body.data.kyc).toMatchObject({ status: 'none', currently_due: ['identity'], past_due: [] });
  const { userId, destinationId } = await newPayee(api.deps.pool, api.clock.now.toISOString(), 1n);
  await own(userId, one);
  await call('POST', '/api/sandbox/faucet', one, { asset: 'INR', amount: '50.00' });
  const ask = { amount: '10.00', asset: 'INR', destination_id: destinationId };
  const refused = await call('POST', `/api/wallet/${one.id}/payouts`, one, ask);
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { error_code: 'CONFLICT', details: { reason: 'kyc', kyc: { status: 'none', currently_due: ['identity'] } } },
  ]);
  expect(await heldBy(one)).toBe('0.00');
});

test.each([
  ['is not checked yet', 'pending', 'destination_pending'],
  ['is nobody’s', 'invalid', 'destination_invalid'],
  ['refused a payout', 'failed', 'destination_failed'],
])('a destination that %s is paid nothing, and that is what the estimate says', async (_, status, reason) => {
  const { one, ask } = await payee(100_000n);
  await api.deps.pool.query(sql.typeAlias('void')`
    UPDATE payout_destinations SET status = ${status} WHERE id = ${ask.destination_id}
  `);
  const estimate = await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, ask);
  expect(estimate.body.data.blocked_by.map(({ details }: { details: { reason: string } }) => details.reason)).toEqual([
    reason,
  ]);
  const refused = await call('POST', `/api/wallet/${one.id}/payouts`, one, ask);
  expect([refused.status, refused.body.error_code, refused.body.details.reason]).toEqual([409, 'CONFLICT', reason]);
  expect(await heldBy(one)).toBe('0.00');
});

test('a destination that was never paid holds a payout longer than one that was', async () => {
  const { one, ask } = await payee(100_000n);
  const estimate = async () => (await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, ask)).body.data;
  const { PAYOUT_HOLD: known, PAYOUT_NEW_DESTINATION_HOLD: first } = api.deps.config;
  expect(durationMs(first)).toBeGreaterThan(durationMs(known) as number);
  expect(await estimate()).toMatchObject({ hold: first });
  const { body } = await call('POST', `/api/wallet/${one.id}/payouts`, one, ask);
  await arrives(one, body.data.payout.id);
  expect(await estimate()).toMatchObject({ hold: known, blocked_by: [] });
});

test('amounts that are none are one clear error each, and set nothing aside', async () => {
  const { one, ask } = await payee(100_000n);
  for (const amount of ['0', '-1', '1.001', 'all', '1e3', '99999999999999999999', 1e21]) {
    const { status, body } = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, amount });
    expect([status, body.error_code, body.details.fields?.length], String(amount)).toEqual([
      400,
      'VALIDATION_FAILED',
      1,
    ]);
  }
  const small = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, amount: '0.01' });
  expect([small.status, small.body.error_code, small.body.details.limit]).toEqual([409, 'LIMIT_REACHED', 'minimum']);
  const much = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, amount: '1000.01' });
  expect([much.status, much.body.error_code]).toEqual([409, 'INSUFFICIENT_FUNDS']);
  const stale = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, net: '10.00' });
  expect([stale.status, stale.body.error_code]).toEqual([409, 'OFFER_STALE']);
});

test('a rehearsal answers as it would and does nothing; the same key is the same payout', async () => {
  const { one, ask } = await payee(100_000n);
  const dry = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, dry_run: true });
  expect([dry.status, dry.body.data.payout.net, dry.body.data.payout.id, dry.body.data.payout.destination.id]).toEqual([
    201,
    '9.90',
    null,
    ask.destination_id,
  ]);
  expect((await call('GET', `/api/wallet/${one.id}/payouts`, one)).body.data).toEqual([]);
  const made = await Promise.all([1, 2, 3].map(() => call('POST', `/api/wallet/${one.id}/payouts`, one, ask, 'k')));
  expect(new Set(made.map(({ body }) => body.data.payout.id)).size).toBe(1);
  const other = await call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, amount: '11.00' }, 'k');
  expect([other.status, other.body.error_code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
});

test('points that are paid out are told as a withdrawal, once, with what there was and what is left', async () => {
  const { one, ask } = await payee(100n);
  await call('POST', '/api/sandbox/faucet', one, { asset: 'LYK', amount: '50' });
  const points = { ...ask, asset: 'LYK', amount: '20.50' };
  const asked = () => call('POST', `/api/wallet/${one.id}/payouts`, one, points, 'points');
  const [made, again] = [await asked(), await asked()];
  expect([made.status, again.body], JSON.stringify(made.body)).toEqual([201, made.body]);
  const { body } = await call('GET', '/api/events?after=0&limit=100', one);
  const told = body.data.filter(({ name }: { name: string }) => name === 'points_deducted');
  expect(told.map(({ data }: { data: unknown }) => data)).toEqual([
    {
      ...{ type: 'points_deducted', eventType: 'wallet:points:deducted', recipientIds: [one.id] },
      data: {
        ...{ userId: one.id, action: 'withdrawal', points: 20.5, newBalance: 29.5, previousBalance: 50 },
        ...{ reason: 'withdrawal', timestamp: expect.stringMatching(/Z$/) },
        metadata: { itemId: made.body.data.payout.id, itemName: made.body.data.payout.destination.label },
      },
    },
  ]);
});

test('above a limit somebody else has to approve, be they an administrator themselves or not', async () => {
  const boss = await person(true);
  const other = await person(true);
  const { one, ask } = await payee(20_000_000n, boss);
  const asked = { ...ask, amount: '150000.00' };
  const estimate = await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, asked);
  expect(estimate.body.data).toMatchObject({ approval: true, fee: '1500.00', net: '148500.00', blocked_by: [] });
  const { body } = await call('POST', `/api/wallet/${one.id}/payouts`, one, asked);
  const { id } = body.data.payout;
  expect(body.data.payout).toMatchObject({ status: 'requested', waits_for: 'approval' });
  const own = await call('POST', `/api/admin/payouts/${id}/approve`, boss);
  expect([own.status, own.body.error_code]).toEqual([403, 'FORBIDDEN']);
  const tasks = (await call('GET', '/api/admin/tasks?kind=payout_approval', other)).body.data;
  expect(tasks).toHaveLength(1);
  const ownTask = await call('POST', `/api/admin/tasks/${tasks[0].id}/decision`, boss, {
    decision: 'approve',
    reason: 'Mine',
  });
  expect(ownTask.status).toBe(403);
  const third = await person(true);
  await call('POST', `/api/admin/tasks/${tasks[0].id}/claim`, other);
  for (const [path, said] of [
    [`/api/admin/payouts/${id}/approve`, {}],
    [`/api/admin/payouts/${id}/reject`, { reason: 'No' }],
    [`/api/admin/tasks/${tasks[0].id}/decision`, { decision: 'reject', reason: 'No' }],
  ] as const) {
    const refused = await call('POST', path, third, said);
    expect([refused.status, refused.body.error_code, refused.body.details.claimed_by]).toEqual([
      409,
      'CONFLICT',
      other.id,
    ]);
    expect(refused.body.message).toBe(`${refused.body.details.claimed_by_handle} is at this task.`);
  }
  const approved = await call('POST', `/api/admin/payouts/${id}/approve`, other);
  expect([approved.status, approved.body.data.payout.status]).toEqual([200, 'held']);
  expect((await call('GET', '/api/admin/tasks?kind=payout_approval', other)).body.data).toEqual([]);
});

test('a commission rule of a user goes before everybody’s, from its day on, and changes nothing that was asked for', async () => {
  const admin = await person(true);
  const { one, ask } = await payee(100_000n);
  const before = await call('POST', `/api/wallet/${one.id}/payouts`, one, ask);
  const rule = { kind: 'payout', user_id: one.id, bps: 500, fixed: '7', reason: 'Agreed' };
  expect((await call('POST', '/api/admin/commission-rules', admin, rule)).status).toBe(201);
  expect((await call('POST', '/api/admin/commission-rules', one, rule)).status).toBe(403);
  const estimate = await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, ask);
  expect(estimate.body.data).toMatchObject({ gross: '10.00', fee: '0.57', net: '9.43' });
  expect(estimate.body.data.blocked_by[0].details).toMatchObject({ reason: 'in_the_making' });
  const { id } = before.body.data.payout;
  expect((await call('GET', `/api/wallet/${one.id}/payouts/${id}`, one)).body.data.payout.fee).toBe('0.10');
});

test('a payout’s statement is there once it is paid, as a page that is safe to show, and for nobody else', async () => {
  const { one, ask } = await payee(100_000n);
  const { pool } = api.deps;
  const { id } = (await call('POST', `/api/wallet/${one.id}/payouts`, one, ask)).body.data.payout;
  const url = `/api/payouts/${id}/statement`;
  expect((await call('GET', url, one)).status).toBe(404);
  const name = (label: string) =>
    pool.query(sql.typeAlias('void')`UPDATE payout_destinations SET label = ${label} WHERE id = ${ask.destination_id}`);
  await arrives(one, id, async () => {
    await name('<b>my bank</b>');
  });
  // It says what stood for the destination when it was paid.
  await name('another');
  const { data } = (await call('GET', url, one)).body;
  const sum = data.lines.reduce(
    (paise: number, { amount }: { amount: string }) => paise + Math.round(+amount * 100),
    0,
  );
  expect([data.gross, data.fee, data.net, sum]).toEqual(['10.00', '0.10', '9.90', 990]);
  const headers = { authorization: `Bearer ${one.access}` };
  const page = await api.app.inject({ url: `${url}?format=html`, headers });
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.body).toContain('&lt;b&gt;my bank&lt;/b&gt;');
  expect(page.body).toContain('9.90');
  expect((await call('GET', url, await person())).status).toBe(404);
  expect((await call('GET', url, await person(true))).status).toBe(200);
  expect((await call('GET', `${url}?kind=came_back`, one)).status).toBe(404);
});

test('no more is paid out a day than a day allows, with what was used and when there is more', async () => {
  const { one, ask } = await payee(60_000_000n);
  const of = (amount: string) => call('POST', `/api/wallet/${one.id}/payouts`, one, { ...ask, amount });
  const refused = await of('500000.01');
  expect([refused.status, refused.body]).toMatchObject([
    409,
    {
      error_code: 'LIMIT_REACHED',
      details: { limit: 'daily', max: '500000.00', used: '0.00', retry_at: '2030-01-02T00:00:00.000Z' },
    },
  ]);
  expect((await of('300000.00')).status).toBe(201);
  const more = { ...ask, amount: '200000.01' };
  const estimate = await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, more);
  expect(estimate.body.data.blocked_by).toContainEqual(
    expect.objectContaining({ details: expect.objectContaining({ limit: 'daily', used: '300000.00' }) }),
  );
  const whole = await call('POST', `/api/wallet/${one.id}/payouts/estimate`, one, { ...more, amount: '200000.00' });
  expect(whole.body.data.blocked_by.map(({ details }: { details: { limit?: string } }) => details.limit)).toEqual([
    undefined,
  ]);
});
