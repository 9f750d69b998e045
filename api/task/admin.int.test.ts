import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Dealing, newUser, startDealing } from '#db/deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { closeTask, listTasks, type TaskKind } from '#db/task/tasks.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
/** Deals are played beside the app, on connections of their own. */
let pool: Pool;
let dealing: Dealing;
let admin: string;
let other: string;
let viewer: string;

async function signIn(handle: string): Promise<string> {
  const answer = await place.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { handle, password: 'a long password' },
  });
  return answer.json().data.access;
}

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  place = await startTestApp({ databaseUrl });
  pool = createPool(databaseUrl);
  dealing = startDealing(pool, await newUser(pool, 'admin'));
  dealing.clock.now = place.clock.now;
  for (const handle of ['operator', 'another']) await ensureAdmin(pool, { handle, password: 'a long password' });
  await place.app.inject({
    method: 'POST',
    url: '/api/auth/register',
    payload: { handle: 'anybody', password: 'a long password' },
  });
  admin = await signIn('operator');
  other = await signIn('another');
  viewer = await signIn('anybody');
});
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

const get = (url: string, token: string) => place.app.inject({ url, headers: { authorization: `Bearer ${token}` } });

test('an administrator sees that the books agree, question by question', async () => {
  const answer = await get('/api/admin/reconciliation', admin);
  expect(answer.statusCode).toBe(200);
  const { ok, checks } = answer.json().data;
  expect(ok).toBe(true);
  expect(checks.length).toBeGreaterThan(10);
});

test('tasks and reconciliation are for administrators alone', async () => {
  for (const url of ['/api/admin/tasks', '/api/admin/reconciliation']) {
    const answer = await get(url, viewer);
    expect([answer.statusCode, answer.json().error_code]).toEqual([403, 'FORBIDDEN']);
  }
  expect((await get('/api/admin/tasks', admin)).json()).toEqual({
    success: true,
    data: [],
    page: { limit: 20, next_cursor: null },
  });
});

describe('a decision', () => {
  type Decision = { decision: 'rule' | 'refund' | 'retry' | 'dismiss'; reason?: string; release_percent?: number };

  async function decide(taskId: string, decision: Decision, { key = '', token = admin } = {}) {
    const answer = await place.app.inject({
      method: 'POST',
      url: `/api/admin/tasks/${taskId}/decision`,
      headers: { authorization: `Bearer ${token}`, ...(key && { 'idempotency-key': key }) },
      payload: { reason: 'Looked at', ...decision },
    });
    const replayed = answer.headers['idempotency-replayed'] === 'true';
    return { status: answer.statusCode, body: answer.json(), replayed };
  }

  const CONFLICT = { status: 409, body: { success: false, error_code: 'CONFLICT' }, replayed: false };
  const MISMATCH = { status: 422, body: { success: false, error_code: 'IDEMPOTENCY_MISMATCH' }, replayed: false };

  async function taskOf(kind: TaskKind, is: { deal?: string; payment?: string }) {
    const tasks = await listTasks(pool, { open: true, kind, limit: 100, before: null });
    return tasks.find(
      (task) => task.process_id === (is.deal ?? null) && (!is.payment || task.details.payment_id === is.payment),
    );
  }

  /** A payment that nothing explains. */
  async function stray(): Promise<{ taskId: string; captureId: string }> {
    const paymentId = `pay_${uuid()}`;
    await dealing.hear({ kind: 'captured', orderId: 'order_of_nobody', paymentId, amount: '12300' });
    await dealing.book(null);
    const found = await taskOf('unmatched_capture', { payment: paymentId });
    return { taskId: found?.id as string, captureId: String(found?.details.capture_id) };
  }

  async function refundsOf(captureId: string): Promise<number> {
    return pool.oneFirst(sql.type(z.object({ many: z.int() }))`
      SELECT count(*)::integer AS many FROM refunds WHERE capture_id = ${captureId}
    `);
  }

  async function paid(): Promise<string> {
    const id = await dealing.open('campaign', await dealing.newPair());
    await dealing.give(id, 'brand_owner', 'accept_application');
    await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
    await dealing.give(id, 'influencer', 'accept_price');
    await dealing.hear({ kind: 'captured', orderId: await dealing.order(id), paymentId: `pay_${id}` });
    await dealing.book(id);
    return id;
  }

  /** A deal whose refund its provider refused. */
  async function stuck(): Promise<{ deal: string; taskId: string; key: string; refundId: string }> {
    const deal = await paid();
    await dealing.give(deal, 'influencer', 'decline_work');
    await dealing.carry(deal, 'failed');
    const found = await taskOf('stuck_refund', { deal });
    return { deal, taskId: found?.id as string, key: String(found?.key), refundId: String(found?.details.refund_id) };
  }

  async function refundAt(refundId: string) {
    return pool.one(sql.type(z.object({ status: z.string(), attempt: z.int() }))`
      SELECT status, attempt FROM refunds WHERE id = ${refundId}
    `);
  }

  async function disputed(): Promise<string> {
    const deal = await paid();
    await dealing.give(deal, 'brand_owner', 'open_dispute', { reason: 'Late' });
    return (await taskOf('dispute', { deal }))?.id as string;
  }

  test('to refund and one to dismiss, of two administrators at once: one is made, and the other is told so', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { taskId, captureId } = await stray();
      const asked = ['refund', 'dismiss'] as const;
      const answers = await Promise.all([
        decide(taskId, { decision: 'refund' }),
        decide(taskId, { decision: 'dismiss' }, { token: other }),
      ]);
      const made = answers.findIndex(({ status }) => status === 200);
      expect(answers[made]?.body.data.decision, `round ${round}`).toMatchObject({ decision: asked[made] });
      expect(answers[1 - made], `round ${round}`).toMatchObject({
        ...CONFLICT,
        body: { ...CONFLICT.body, details: { decision: { decision: asked[made] } } },
      });
      expect(await refundsOf(captureId), `round ${round}`).toBe(asked[made] === 'refund' ? 1 : 0);
    }
  });

  test('to try again and one to dismiss at once: one is made, and the other is told so', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { taskId, refundId, deal } = await stuck();
      place.rung.length = 0;
      const [retried, dismissed] = await Promise.all([
        decide(taskId, { decision: 'retry', reason: 'The bank is back' }),
        decide(taskId, { decision: 'dismiss' }, { token: other }),
      ]);
      expect([retried.status, dismissed.status].sort(), `round ${round}`).toEqual([200, 409]);
      expect(await refundAt(refundId), `round ${round}`).toEqual(
        retried.status === 200 ? { status: 'due', attempt: 2 } : { status: 'failed', attempt: 1 },
      );
      expect(place.rung).toEqual([deal]);
    }
  });

  test.each(['refund', 'dismiss'] as const)(
    'to %s is made once, and said again to the same key and to the same decision',
    async (decision) => {
      const { taskId, captureId } = await stray();
      const key = uuid();
      const both = await Promise.all([decide(taskId, { decision }, { key }), decide(taskId, { decision }, { key })]);
      expect(both.map(({ status, replayed }) => [status, replayed]).sort()).toEqual([
        [200, false],
        [200, true],
      ]);
      expect(both[0].body).toEqual(both[1].body);
      expect(both[0].body.data).toMatchObject({ decision: { decision, reason: 'Looked at' }, decisions: [] });
      const again = await decide(taskId, { decision, reason: 'Looked at again' }, { token: other });
      expect(again).toEqual({ status: 200, body: both[0].body, replayed: false });
      expect(await refundsOf(captureId)).toBe(decision === 'refund' ? 1 : 0);

      expect(await decide(taskId, { decision, reason: 'Not the same' }, { key })).toMatchObject(MISMATCH);
      // Neither may the body be one that fits no such task.
      expect(await decide(taskId, { decision: 'retry' }, { key })).toMatchObject(MISMATCH);
      expect(await decide(taskId, { decision: 'rule', release_percent: 1 }, { key })).toMatchObject(MISMATCH);
    },
  );

  test('that is refused is refused again to the same key, whatever has happened since', async () => {
    const { taskId, deal, refundId } = await stuck();
    await decide(taskId, { decision: 'dismiss' });
    const key = uuid();
    const refused = await decide(taskId, { decision: 'retry' }, { key });
    expect(refused).toMatchObject(CONFLICT);
    expect(await refundAt(refundId)).toEqual({ status: 'failed', attempt: 1 });
    await pool.query(sql.typeAlias('void')`UPDATE tasks SET closed_at = NULL, decision = NULL WHERE id = ${taskId}`);
    place.rung.length = 0;
    expect(await decide(taskId, { decision: 'retry' }, { key })).toEqual({ ...refused, replayed: true });
    expect(await refundAt(refundId)).toEqual({ status: 'failed', attempt: 1 });
    expect(place.rung).toEqual([]);
    // Another kind of refusal leaves the key free.
    const free = uuid();
    expect(await decide(taskId, { decision: 'refund' }, { key: free })).toMatchObject({ status: 400 });
    expect(await decide(taskId, { decision: 'retry' }, { key: free })).toMatchObject({ status: 200, replayed: false });
    expect(place.rung).toEqual([deal]);
  });

  test('to try again keeps its reason, and is made once: a delayed copy makes no further attempt', async () => {
    const { taskId, deal, refundId } = await stuck();
    const key = uuid();
    const decision = { decision: 'retry', reason: 'The bank is back' } as const;
    const first = await decide(taskId, decision, { key });
    expect(first).toMatchObject({ status: 200, body: { data: { decision, decisions: [] } }, replayed: false });
    expect(await decide(taskId, decision, { key })).toEqual({ ...first, replayed: true });
    expect(await decide(taskId, decision)).toEqual(first);
    expect(await refundAt(refundId)).toEqual({ status: 'due', attempt: 2 });

    await dealing.carry(deal, 'failed');
    expect(await decide(taskId, decision, { key })).toEqual({ ...first, replayed: true });
    expect(await refundAt(refundId)).toEqual({ status: 'failed', attempt: 2 });
    expect(await taskOf('stuck_refund', { deal })).toMatchObject({ id: taskId, closed_at: null });
    expect(await decide(taskId, { decision: 'retry', reason: 'Once more' }, { key })).toMatchObject(MISMATCH);
    expect(await decide(taskId, decision, { key: uuid() })).toMatchObject({ status: 200, replayed: false });
    expect(await refundAt(refundId)).toEqual({ status: 'due', attempt: 3 });
  });

  test('waits for what is being booked of its refund, and holds nothing that is needed for it', async () => {
    const { taskId, key, refundId } = await stuck();
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // As a booking does: the refund, then its task.
    const booking = pool.transaction(async (transaction) => {
      await transaction.query(sql.typeAlias('void')`UPDATE refunds SET status = 'processed' WHERE id = ${refundId}`);
      begun.resolve();
      await end.promise;
      await transaction.query(sql.typeAlias('id')`SELECT id FROM tasks WHERE id = ${taskId} FOR UPDATE NOWAIT`);
      await closeTask(transaction, key, { outcome: 'processed' }, null, dealing.clock.now.toISOString());
    });
    await begun.promise;
    const deciding = decide(taskId, { decision: 'retry' });
    await expect.poll(waitingForLocks, { timeout: 5_000 }).toBe(1);
    end.resolve();
    await booking;
    expect(await deciding).toMatchObject(CONFLICT);
    expect(await refundAt(refundId)).toEqual({ status: 'processed', attempt: 1 });
  });

  async function waitingForLocks(): Promise<number> {
    return pool.oneFirst(sql.type(z.object({ many: z.int() }))`
      SELECT count(*)::integer AS many FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
    `);
  }

  test('on a dispute is made once, and refused again to the same key', async () => {
    const taskId = await disputed();
    const ruling = { decision: 'rule', release_percent: 40 } as const;
    const key = uuid();
    const ruled = await decide(taskId, ruling, { key });
    expect(ruled).toMatchObject({ status: 200, body: { data: { id: taskId, decisions: [] } }, replayed: false });
    expect(await decide(taskId, ruling, { key })).toEqual({ ...ruled, replayed: true });
    expect(await decide(taskId, { ...ruling, release_percent: 60 }, { key })).toMatchObject(MISMATCH);
    expect(await decide(taskId, { decision: 'dismiss' }, { key })).toMatchObject(MISMATCH);

    const late = uuid();
    const refused = await decide(taskId, ruling, { key: late, token: other });
    expect(refused).toMatchObject({ status: 409, body: { error_code: 'FLOW_STATE_INVALID' }, replayed: false });
    expect(await decide(taskId, ruling, { key: late, token: other })).toEqual({ ...refused, replayed: true });
  });

  test('stays with its author and reason when the task is opened anew by what is heard later', async () => {
    const { taskId, deal, refundId } = await stuck();
    await decide(taskId, { decision: 'retry', reason: 'The bank is back' });
    await dealing.carry(deal, 'failed');
    expect(await refundAt(refundId)).toEqual({ status: 'failed', attempt: 2 });
    const { body } = await ask('GET', `/api/admin/tasks/${taskId}`);
    expect(body.data).toMatchObject({ closed_at: null, decision: null });
    expect(body.data.notes).toMatchObject([
      { kind: 'decision', by_id: expect.any(String), data: { decision: 'retry', reason: 'The bank is back' } },
      { kind: 'opened_anew', by_id: null },
    ]);
  });

  async function ask(method: 'GET' | 'POST' | 'DELETE', url: string, token = admin, payload?: object) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await place.app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  }

  test('is made by whoever took the task up, until they lay it down; what was said about it stays', async () => {
    const { taskId } = await stray();
    const path = `/api/admin/tasks/${taskId}`;
    const both = await Promise.all([ask('POST', `${path}/claim`), ask('POST', `${path}/claim`, other)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [mine, theirs] = both[0].status === 200 ? [admin, other] : [other, admin];
    expect((await ask('POST', `${path}/claim`, mine)).status).toBe(200);
    expect(await decide(taskId, { decision: 'dismiss' }, { token: theirs })).toMatchObject(CONFLICT);
    expect((await ask('DELETE', `${path}/claim`, theirs)).status).toBe(409);
    expect((await ask('POST', `${path}/notes`, theirs, { text: 'I called them' })).status).toBe(200);
    const empty = await ask('POST', `${path}/notes`, theirs, { text: ' ' });
    expect([empty.status, empty.body.error_code]).toEqual([400, 'VALIDATION_FAILED']);
    expect((await ask('DELETE', `${path}/claim`, mine)).body.data).toMatchObject({ claimed_by: null });
    expect(await decide(taskId, { decision: 'dismiss' }, { token: theirs })).toMatchObject({ status: 200 });
    expect((await ask('POST', `${path}/claim`, mine)).status).toBe(409);
    const { notes } = (await ask('GET', path)).body.data;
    expect(notes.map(({ kind }: { kind: string }) => kind)).toEqual(['claim', 'note', 'unclaim', 'decision']);
    for (const url of [path, `${path}/claim`, `${path}/notes`]) {
      const answer = await ask(
        url === path ? 'GET' : 'POST',
        url,
        viewer,
        url.endsWith('notes') ? { text: 'Mine' } : undefined,
      );
      expect([answer.status, answer.body.error_code]).toEqual([403, 'FORBIDDEN']);
    }
    expect((await ask('GET', `/api/admin/tasks/${uuid()}`)).status).toBe(404);
  });
});
