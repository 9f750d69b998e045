import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { PRODUCTION, startTestApp, type TestApp } from '../testing/app.ts';
import { connectSupervisor } from './supervisor.ts';

/** The line that a child has to whoever started it. */
function openLine() {
  const said: object[] = [];
  const line = Object.assign(new EventEmitter(), { send: (message: object) => said.push(message) });
  return { line, said };
}

const WORKER = { name: 'worker', state: 'runs', since: '2026-03-01T10:00:00.000Z', ended: 0 };

let api: TestApp;
const { line, said } = openLine();
let access: string;

beforeAll(async () => {
  const supervisor = connectSupervisor(line);
  api = await startTestApp({ databaseUrl: await createTestDatabase(), deps: { supervisor } });
  const payload = { handle: 'breaker', password: 'secret123', roles: ['viewer'] };
  access = (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data.access;
});
afterAll(() => api.close());

const breaks = (name: string, token = access) =>
  api.app.inject({
    method: 'POST',
    url: `/api/sandbox/parts/${name}/break`,
    headers: { authorization: `Bearer ${token}` },
  });

test('a part that runs is killed once it is answered, one that is away or unknown is not, and strangers kill nothing', async () => {
  expect(said).toEqual([{ ask: 'parts' }]);
  expect((await breaks('worker')).json()).toMatchObject({ error_code: 'NOT_FOUND' });
  line.emit('message', { parts: [WORKER, { ...WORKER, name: 'redis', state: 'away' }] });
  line.emit('message', { parts: 'nonsense' });
  expect((await api.app.inject('/api/sandbox/parts')).json().data).toMatchObject([WORKER, { name: 'redis' }]);
  expect((await breaks('worker', 'nobody')).statusCode).toBe(401);
  expect((await breaks('redis')).json()).toMatchObject({ error_code: 'CONFLICT' });
  expect((await breaks('kernel')).statusCode).toBe(400);
  expect(said).toHaveLength(1);
  expect((await breaks('worker')).statusCode).toBe(202);
  await expect.poll(() => said.at(-1)).toEqual({ break: 'worker' });
});

test('whoever is started by nobody has no parts to break', () => {
  expect(connectSupervisor(new EventEmitter() as never)).toBeNull();
});

test('in production there is nothing of the kind', async () => {
  const production = await startTestApp({
    databaseUrl: await createTestDatabase(),
    env: PRODUCTION,
    deps: { supervisor: connectSupervisor(line) },
  });
  const answer = await production.app.inject('/api/sandbox/parts');
  expect(answer.json()).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  const headers = { authorization: `Bearer ${access}` };
  for (const url of ['/api/sandbox/parts/api/break', '/api/sandbox/processes/x/clock']) {
    expect((await production.app.inject({ method: 'POST', url, headers })).statusCode).toBe(404);
  }
  await production.close();
});
