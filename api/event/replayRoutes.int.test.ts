import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publish } from '#db/event/publications.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let place: TestApp;
let pool: Pool;
let admin: Headers;
let member: Headers;
type Headers = { authorization: string };

beforeAll(async () => {
  const databaseUrl = await createTestDatabase();
  place = await startTestApp({ databaseUrl });
  pool = createPool(databaseUrl, { size: 4 });
  const register = async (handle: string): Promise<Headers> => {
    const payload = { handle, password: 'a long password' };
    const { data } = (await place.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json();
    if (handle === 'boss') {
      await pool.query(sql.typeAlias('void')`UPDATE users SET roles = ARRAY['admin'] WHERE id = ${data.user.id}`);
      const again = await place.app.inject({ method: 'POST', url: '/api/auth/login', payload });
      return { authorization: `Bearer ${again.json().data.access}` };
    }
    return { authorization: `Bearer ${data.access}` };
  };
  [admin, member] = [await register('boss'), await register('member')];
});
afterAll(async () => {
  await place?.close();
  await pool?.end();
});

const url = '/api/admin/event-replays';
const range = { queue: 'gig_credit_queue', from: '2020-01-01T00:00:00.000Z', reason: 'Its consumer lost an hour' };
async function ask(payload: object, headers: Headers & { 'idempotency-key'?: string } = admin) {
  const answer = await place.app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, body: answer.json() };
}

test('an operator has a time replayed into one queue: once a key, counted, and seen by no member', async () => {
  const target = randomUUID();
  await pool.transaction((transaction) =>
    publish(
      transaction,
      Array.from({ length: 3 }, () => ({
        routingKey: 'boost.event' as const,
        about: `gig/${target}`,
        event: {
          ...{ type: 'gig_boost' as const, userId: randomUUID(), targetId: target, amount: 5, duration: 24 },
          eventId: randomUUID(),
          timestamp: new Date(Date.now() - 60_000).toISOString(),
        },
      })),
    ),
  );
  const key = { ...admin, 'idempotency-key': 'once' };
  const made = await ask({ ...range, key: 'boost.event', about: `gig/${target}` }, key);
  expect([made.status, made.body.data.events, made.body.data.status]).toEqual([202, 3, 'waiting']);
  const again = await ask({ ...range, key: 'boost.event', about: `gig/${target}` }, key);
  expect(again.body.data.id).toBe(made.body.data.id);
  const other = await ask({ ...range, key: 'credit.event' });
  expect(other.body.data.events).toBe(0);
  const one = `${url}/${made.body.data.id}`;
  expect((await place.app.inject({ url: one, headers: admin })).json().data).toEqual(made.body.data);
  const listed = (await place.app.inject({ url, headers: admin })).json().data;
  expect(listed.map(({ id }: { id: string }) => id)).toEqual([other.body.data.id, made.body.data.id]);
  for (const at of [url, one]) {
    expect((await place.app.inject({ url: at, headers: member })).statusCode).toBe(403);
  }
  expect((await ask(range, member)).status).toBe(403);
});

test('a time that is none, a queue that is none, and more than may wait are refused by name', async () => {
  const field = async (payload: object) => (await ask(payload)).body.details?.fields?.[0]?.field;
  expect(await field({ ...range, until: '2100-01-01T00:00:00.000Z' })).toBe('until');
  expect(await field({ ...range, until: range.from })).toBe('from');
  expect(await field({ ...range, queue: 'amq.direct' })).toBe('queue');
  expect(await field({ ...range, key: 'boost.nothing' })).toBe('key');
  expect(await field({ ...range, about: '*' })).toBe('about');
  const many = await Promise.all(Array.from({ length: 12 }, () => ask(range)));
  const refused = many.filter(({ status }) => status === 409 || status === 429);
  expect(refused).toHaveLength(4);
  expect(refused[0]?.body).toMatchObject({ error_code: 'LIMIT_REACHED', details: { limit: 'waiting', max: 10 } });
});

test('a time before there were any is refused as a field, whatever its year', async () => {
  for (const from of ['0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z']) {
    const { status, body } = await ask({ ...range, from });
    expect([status, body.error_code, body.details.fields?.[0]?.field]).toEqual([400, 'VALIDATION_FAILED', 'from']);
  }
});
