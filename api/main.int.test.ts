import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE = { timeout: 60_000, interval: 50 };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

async function startMain(env: Record<string, string>): Promise<Started & { url: string }> {
  const port = await freePort();
  const started = startProgram(MAIN, { PORT: String(port), SANDBOX_WEBHOOK_SECRET: 'a secret', ...env });
  return { ...started, url: `http://127.0.0.1:${port}` };
}

test('an API without configuration says in one sentence a variable what is wrong, and ends with 1', async () => {
  const { ended, output } = await startMain({ PORT: 'three', REDIS_URL: 'nowhere', ADMIN_HANDLE: 'root' });
  expect(await ended).toBe(1);
  expect(output().trim().split('\n')).toEqual([
    'PORT is not a number.',
    'DATABASE_URL is not set.',
    'REDIS_URL is not a redis:// URL.',
  ]);
});

test('an API that starts before its database says so, is ready when the schema is, and ends within 5 s of SIGTERM', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-late-'));
  cleanUp.push(() => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  const options = { dir: join(dir, 'postgres'), port, log: join(dir, 'postgres.log'), durable: false };
  // Its URL is known once it ran; it stops before the API starts.
  const first = await startPostgres(options);
  const databaseUrl = first.url;
  await first.stop();

  const api = await startMain({ DATABASE_URL: databaseUrl, ADMIN_HANDLE: 'root', ADMIN_PASSWORD: 'a password' });
  const signIn = () =>
    fetch(`${api.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle: 'root', password: 'a password' }),
    });
  await vi.waitFor(async () => expect(await status(`${api.url}/livez`)).toBe(200), DEADLINE);
  await vi.waitFor(() => expect(api.output()).toContain('the database is not ready yet'), DEADLINE);
  const readiness = await fetch(`${api.url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ details: { missing: ['postgres'] } });
  const refused = await signIn();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ success: false, error_code: 'UNAVAILABLE' });

  const postgres = await startPostgres(options);
  cleanUp.push(() => postgres.stop());
  // There, but without a table.
  expect(await status(`${api.url}/readyz`)).toBe(503);
  await migrate(databaseUrl);
  await vi.waitFor(async () => expect(await status(`${api.url}/readyz`)).toBe(200), DEADLINE);
  await vi.waitFor(() => expect(api.output()).toContain('the administrator is there'), DEADLINE);
  expect(await (await signIn()).json()).toMatchObject({ data: { user: { roles: ['admin'] } } });

  const asked = performance.now();
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(5_000);
});

test('two APIs that start at once on an empty database sign with the same key', async () => {
  const databaseUrl = await createTestDatabase();
  const apis = await Promise.all([startMain({ DATABASE_URL: databaseUrl }), startMain({ DATABASE_URL: databaseUrl })]);
  const published = await Promise.all(
    apis.map(async ({ url }) => {
      await vi.waitFor(async () => expect(await status(`${url}/readyz`)).toBe(200), DEADLINE);
      return (await fetch(`${url}/.well-known/jwks.json`)).json() as Promise<{ keys: object[] }>;
    }),
  );
  expect(published[0]?.keys).toHaveLength(1);
  expect(published[0]).toEqual(published[1]);
});

test('a port in use is said, and the process ends with 1', async () => {
  const databaseUrl = await createTestDatabase();
  const first = await startMain({ DATABASE_URL: databaseUrl });
  await vi.waitFor(async () => expect(await status(`${first.url}/livez`)).toBe(200), DEADLINE);
  const second = await startMain({ DATABASE_URL: databaseUrl, PORT: new URL(first.url).port });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('cannot listen on 127.0.0.1');
});
