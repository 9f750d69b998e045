import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { freePort } from '#local/ports.ts';
import { startProgram, status } from '#program/testing/programs.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const DEADLINE = { timeout: 20_000, interval: 50 };

test('a worker without configuration says in one sentence a variable what is wrong, and ends with 1', async () => {
  const { ended, output } = startProgram(MAIN, { WORKER_PORT: 'three', LOG_LEVEL: 'loud' });
  expect(await ended).toBe(1);
  expect(output().trim().split('\n')).toEqual([
    'DATABASE_URL is not set.',
    'LOG_LEVEL can be trace, debug, info, warn, error, fatal, silent.',
    'WORKER_PORT is not a number.',
  ]);
});

test('a worker that starts before Postgres and Temporal lives, is not ready, and ends with 0 when asked to', async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  const worker = startProgram(MAIN, {
    WORKER_PORT: String(port),
    DATABASE_URL: `postgres://tandem@127.0.0.1:${nobody}/tandem`,
    TEMPORAL_ADDRESS: `127.0.0.1:${nobody}`,
    SANDBOX_WEBHOOK_SECRET: 'a secret',
    PUBLIC_URL: 'http://127.0.0.1:3000',
  });
  const probe = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect(await status(`${probe}/livez`)).toBe(200), DEADLINE);
  await vi.waitFor(() => expect(worker.output()).toContain('Temporal is away'), DEADLINE);
  await vi.waitFor(() => expect(worker.output()).toContain('the sweep failed'), DEADLINE);
  expect(await status(`${probe}/readyz`)).toBe(503);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
