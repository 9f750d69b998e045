import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { noteChecks } from '#db/operation/books.ts';
import { beat, expectPart, forgetPart } from '#db/operation/heartbeats.ts';
import { sql } from '#db/pool.ts';
import { freePort, isFree } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRedis } from '#local/redis.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { PRODUCTION, startTestApp, type TestApp } from '../testing/app.ts';
import { onTheWire } from '../testing/wire.ts';

const DEADLINE = { timeout: 20_000, interval: 50 };
const started: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
});

async function start(options: Parameters<typeof startTestApp>[0]): Promise<TestApp> {
  const api = await startTestApp(options);
  started.push(() => api.close());
  return api;
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-operations-'));
  started.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const ready = async (api: TestApp) => (await api.app.inject({ url: '/readyz' })).json();

async function allBeat(api: TestApp): Promise<void> {
  for (const part of ['worker', 'relay', 'temporal']) await beat(api.deps.pool, part);
}

test('with all parts there, nothing is degraded', async () => {
  const api = await start({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
  await allBeat(api);
  expect(await ready(api)).toEqual({ success: true, data: { ready: true, degraded: [] } });
});

test('a part that never said it works, or was silent for 15 s, is named and requests are still taken', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  expect(await ready(api)).toEqual({
    success: true,
    data: { ready: true, degraded: ['redis', 'worker', 'relay', 'temporal'] },
  });
  await allBeat(api);
  await api.deps.pool.query(sql.typeAlias('void')`
    UPDATE heartbeats SET beat_at = beat_at - interval '16 seconds' WHERE part = 'temporal'`);
  expect((await ready(api)).data.degraded).toEqual(['redis', 'temporal']);
});

test('RabbitMQ is a part where a worker has ever looked for it, and is named while none has it', async () => {
  const api = await start({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
  const { pool } = api.deps;
  const shown = async () => (await api.app.inject({ url: '/metrics' })).body;
  await allBeat(api);
  expect(await shown()).not.toContain('tandem_part_up{part="rabbitmq"}');
  await expectPart(pool, 'rabbitmq');
  expect((await ready(api)).data.degraded).toEqual(['rabbitmq']);
  expect(await shown()).toContain('tandem_part_up{part="rabbitmq"} 0');
  await beat(pool, 'rabbitmq');
  expect((await ready(api)).data.degraded).toEqual([]);
  expect(await shown()).toContain('tandem_part_up{part="rabbitmq"} 1');
  await forgetPart(pool, 'rabbitmq');
  expect(await shown()).toContain('tandem_part_up{part="rabbitmq"} 1');
  await pool.query(sql.typeAlias('void')`
    UPDATE heartbeats SET beat_at = beat_at - interval '61 seconds' WHERE part = 'rabbitmq'`);
  await forgetPart(pool, 'rabbitmq');
  expect((await ready(api)).data.degraded).toEqual([]);
  expect(await shown()).not.toContain('tandem_part_up{part="rabbitmq"}');
});

test('Redis that goes is named, and named no more when it is back', async () => {
  const dir = folder();
  const options = { dir, port: await freePort(), log: join(dir, 'log'), durable: false };
  let redis = await startRedis(options);
  started.push(() => redis.stop());
  const api = await start({ databaseUrl: await createTestDatabase(), redisUrl: redis.url });
  await allBeat(api);
  expect((await ready(api)).data.degraded).toEqual([]);
  await redis.stop();
  await vi.waitFor(async () => expect((await ready(api)).data.degraded).toContain('redis'), DEADLINE);
  redis = await startRedis(options);
  await vi.waitFor(async () => expect((await ready(api)).data.degraded).not.toContain('redis'), DEADLINE);
});

test('without Postgres the process lives and is not ready, says so within 3 s, and comes back by itself', async () => {
  const dir = folder();
  const options = { dir: join(dir, 'postgres'), port: await freePort(), log: join(dir, 'log'), durable: false };
  let postgres = await startPostgres(options);
  started.push(() => postgres.stop());
  await migrate(postgres.url);
  const api = await start({ databaseUrl: postgres.url });
  expect((await ready(api)).success).toBe(true);

  await postgres.stop();
  const asked = performance.now();
  const answer = await api.app.inject({ url: '/readyz' });
  expect(performance.now() - asked).toBeLessThan(3_000);
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(answer.json()).toMatchObject({
    success: false,
    error_code: 'UNAVAILABLE',
    details: { missing: ['postgres'], degraded: ['redis'] },
  });
  expect((await api.app.inject({ url: '/livez' })).statusCode).toBe(200);
  expect((await api.app.inject({ url: '/metrics' })).body).toContain('tandem_part_up{part="postgres"} 0');
  const login = { method: 'POST', url: '/api/auth/login', payload: { handle: 'asha', password: 'secret123' } } as const;
  expect((await api.app.inject(login)).json()).toMatchObject({ error_code: 'UNAVAILABLE' });

  postgres = await startPostgres(options);
  await vi.waitFor(async () => expect((await ready(api)).success).toBe(true), DEADLINE);
  expect((await api.app.inject(login)).statusCode).toBe(401);
});

test('while all connections of the door are taken, probes and numbers are answered, and nobody is called gone', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  await allBeat(api);
  const taken = Array.from({ length: 40 }, () =>
    api.deps.pool.query(sql.typeAlias('void')`SELECT FROM pg_sleep(1.5)`).catch(() => {}),
  );
  const began = performance.now();
  expect((await ready(api)).data).toEqual({ ready: true, degraded: ['redis'] });
  expect((await api.app.inject({ url: '/metrics' })).body).toContain('tandem_part_up{part="postgres"} 1');
  expect(performance.now() - began).toBeLessThan(2_000);
  await Promise.all(taken);
});

test('a process that was busy for longer than a probe may take does not call Postgres gone', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  await ready(api);
  const answer = ready(api);
  // The question has left; its answer waits to be read while the process has no time.
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + 2_500;
  while (performance.now() < until);
  expect((await answer).success).toBe(true);
});

test('2,000 pipelined GET /metrics on one connection hold up nobody', async () => {
  const api = await start({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  const origin = api.app.listeningOrigin;
  const flood = onTheWire(origin, 'GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(2_000), 2_000);
  const waits = await Promise.all(
    ['/livez', '/readyz', '/api/flow', '/.well-known/jwks.json'].map(async (path) => {
      const began = performance.now();
      expect((await fetch(origin + path)).status).toBe(200);
      return performance.now() - began;
    }),
  );
  expect(Math.max(...waits)).toBeLessThan(3_000);
  const statuses = (await flood).map(({ status }) => status);
  expect(statuses).toEqual([...Array(32).fill(200), 429]);
});

/** What a metric stands at, by its name and labels. */
const valuesOf = (body: string) => (line: string) =>
  Number(
    body
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.split(' ')
      .at(-1),
  );

test('what waits is counted: an unbooked webhook, its age, and what is open', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  await api.deps.pool.query(sql.typeAlias('void')`
    WITH webhook AS (
      INSERT INTO webhooks (provider, event_id, type, body, received_at)
      VALUES ('sandbox', 'evt_1', 'payment.captured', '{}', now()) RETURNING id
    )
    INSERT INTO inbox (webhook_id, fact, received_at)
    SELECT id, '{}', now() - interval '90 seconds' FROM webhook`);
  const answer = await api.app.inject({ url: '/metrics' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toContain('text/plain');
  const value = valuesOf(answer.body);
  expect(value('tandem_unfinished{what="inbox"}')).toBe(1);
  expect(value('tandem_lag_seconds{of="webhook"}')).toBeGreaterThanOrEqual(90);
  expect(value('tandem_lag_seconds{of="relay"}')).toBe(0);
  for (const what of ['promises', 'refunds', 'tasks', 'deals', 'relay', 'publications', 'deliveries', 'pushes'])
    expect(value(`tandem_unfinished{what="${what}"}`)).toBe(0);
  expect(value('tandem_part_up{part="postgres"}')).toBe(1);
});

test('whether the books are in order is read where whoever looked wrote it, and when nobody has for too long', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  const at = '2026-03-01T09:00:00.500Z';
  const seconds = String(Date.parse(at) / 1_000);
  await api.deps.pool.query(sql.typeAlias('void')`DELETE FROM book_checks`);
  const numbers = async (ok: boolean) => {
    await noteChecks(api.deps.pool, [{ name: 'books_sum_to_zero', ok }], at);
    const { body } = await api.app.inject({ url: '/metrics' });
    return ['tandem_broken_invariants', 'tandem_books_checked_at'].map(
      (name) => new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1],
    );
  };
  await vi.waitFor(async () => expect(await numbers(false)).toEqual(['1', seconds]), DEADLINE);
  await vi.waitFor(async () => expect(await numbers(true)).toEqual(['0', seconds]), DEADLINE);
});

test('what others are to be told is counted from when it is due: events once there is a broker, tries that are to come not', async () => {
  const api = await start({ databaseUrl: await createTestDatabase() });
  const { pool } = api.deps;
  const run = (text: ReturnType<typeof sql.fragment>) => pool.query(sql.typeAlias('void')`${text}`);
  const value = async (line: string) => {
    const { body } = await api.app.inject({ url: '/metrics' });
    return valuesOf(body)(line);
  };
  /** Read anew after so long at most. */
  const comesTo = (line: string, least: number, most: number) =>
    vi.waitFor(async () => {
      const found = await value(line);
      expect(found, line).toBeGreaterThanOrEqual(least);
      expect(found, line).toBeLessThanOrEqual(most);
    }, DEADLINE);
  await run(sql.fragment`
    INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at, delivered_at)
    VALUES ('credit_events', 'boost.event', 'one', 'gig/1', '{}', now() - interval '90 seconds', now()),
      ('credit_events', 'boost.event', 'two', 'gig/2', '{}', now() - interval '80 seconds', now())`);
  await run(sql.fragment`
    INSERT INTO webhook_endpoints (id, url, description, headers, secret, created_at)
    VALUES (gen_random_uuid(), 'https://customer.example', '', '{}', '', now())`);
  await run(sql.fragment`
    INSERT INTO webhook_deliveries (id, endpoint_id, message_id, type, body, try_after, made_at)
    SELECT gen_random_uuid(), id, 'one', 'profile_boost', '{}', now() + interval '1 hour', now() - interval '1 day'
    FROM webhook_endpoints`);
  const payload = { handle: 'asha', password: 'secret123', roles: ['viewer'] };
  const { data } = (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json();
  await run(sql.fragment`
    WITH theirs AS (
      INSERT INTO inboxes (user_id) VALUES (${data.user.id}) ON CONFLICT DO NOTHING
    ), told AS (
      INSERT INTO notifications (id, user_id, kind, object, title, body, data, position, listed, created_at, updated_at)
      VALUES (gen_random_uuid(), ${data.user.id}, 'system', 'one', '', '', '{}', 1, true, now(), now())
      RETURNING id, user_id, kind
    )
    INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due)
    SELECT gen_random_uuid(), id, user_id, kind, 'new', now(), now() + interval '1 hour' FROM told`);
  await comesTo('tandem_unfinished{what="deliveries"}', 1, 1);
  await comesTo('tandem_unfinished{what="pushes"}', 1, 1);
  await comesTo('tandem_lag_seconds{of="delivery"}', 0, 0);
  await comesTo('tandem_lag_seconds{of="push"}', 0, 0);
  await comesTo('tandem_unfinished{what="publications"}', 0, 0);
  await comesTo('tandem_lag_seconds{of="publication"}', 0, 0);

  await expectPart(pool, 'rabbitmq');
  await run(sql.fragment`UPDATE webhook_deliveries SET try_after = now() - interval '40 seconds'`);
  await run(sql.fragment`UPDATE pushes SET due = now() - interval '30 seconds'`);
  await comesTo('tandem_unfinished{what="publications"}', 2, 2);
  await comesTo('tandem_lag_seconds{of="publication"}', 90, 130);
  await comesTo('tandem_lag_seconds{of="delivery"}', 40, 79);
  await comesTo('tandem_lag_seconds{of="push"}', 30, 69);
  // What happened and was given to no endpoint yet is late for all of them.
  await run(sql.fragment`UPDATE publications SET delivered_at = NULL WHERE key = 'two'`);
  await comesTo('tandem_lag_seconds{of="delivery"}', 80, 120);
});

test('the documents of a production tell of no sandbox, and of all that is there', async () => {
  const databaseUrl = await createTestDatabase();
  const pathsOf = async (env: Record<string, string>) => {
    const api = await startTestApp({ databaseUrl, env });
    started.push(() => api.close());
    return Object.keys((await api.app.inject({ url: '/docs/openapi.json' })).json().paths);
  };
  const [production, sandbox] = await Promise.all([
    pathsOf({ ...PRODUCTION, OPEN_IN_PRODUCTION: 'docs, metrics' }),
    pathsOf({}),
  ]);
  expect(production).toContain('/api/processes/{id}/actions/{name}');
  const only = sandbox.filter((path) => !production.includes(path));
  expect(only.length).toBeGreaterThan(0);
  for (const path of only) expect(path).toMatch(/sandbox|demo/);
});

test('numbers and documents are not there in production unless they are asked for', async () => {
  const databaseUrl = await createTestDatabase();
  const statuses = async (env: Record<string, string>) => {
    const api = await startTestApp({ databaseUrl, env });
    started.push(() => api.close());
    const urls = ['/metrics', '/docs', '/docs/openapi.json', '/docs/asyncapi.json', '/livez', '/readyz'];
    return Promise.all(urls.map(async (url) => (await api.app.inject({ url })).statusCode));
  };
  expect(await statuses(PRODUCTION)).toEqual([404, 404, 404, 404, 200, 200]);
  expect(await statuses({ ...PRODUCTION, OPEN_IN_PRODUCTION: 'metrics' })).toEqual([200, 404, 404, 404, 200, 200]);
  expect(await statuses({ ...PRODUCTION, OPEN_IN_PRODUCTION: 'docs, metrics' })).toEqual([
    200, 200, 200, 200, 200, 200,
  ]);
  expect(await statuses({})).toEqual([200, 200, 200, 200, 200, 200]);
});

test('a production tells its numbers to nobody who comes by a proxy', async () => {
  const api = await start({
    databaseUrl: await createTestDatabase(),
    env: { ...PRODUCTION, OPEN_IN_PRODUCTION: 'metrics' },
  });
  for (const headers of [{ 'x-forwarded-for': '203.0.113.9' }, { forwarded: 'for=203.0.113.9' }]) {
    const answer = await api.app.inject({ url: '/metrics', headers });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('tandem_');
  }
  expect((await api.app.inject('/metrics')).body).toContain('tandem_part_up');
});

test('numbers at a port of their own are nowhere else, whatever is open, and nothing else is at that port', async () => {
  const [databaseUrl, own] = [await createTestDatabase(), await freePort()];
  const env = { ...PRODUCTION, OPEN_IN_PRODUCTION: 'metrics', METRICS_PORT: String(own) };
  const api = await start({ databaseUrl, env });
  expect((await api.app.inject('/metrics')).statusCode).toBe(404);
  const answer = await fetch(`http://127.0.0.1:${own}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toContain('tandem_part_up{part="postgres"} 1');
  for (const path of ['/', '/livez', '/api/machines']) {
    expect((await fetch(`http://127.0.0.1:${own}${path}`)).status, path).toBe(404);
  }
  await api.app.close();
  expect(await isFree(own)).toBe(true);
});
