import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SCENARIO_NAMES } from '#api/sandbox/scenarios.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { workflowBundle } from '#worker/bundle.ts';
import { freePort } from './ports.ts';
import { seedHome } from './seed.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from './testStack.ts';

/** The commands of a first week, as programs, beside an API and a worker as `npm start` runs them. */

const PATIENCE = { timeout: 120_000, interval: 200 };
const root = fileURLToPath(new URL('..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'tandem-commands-'));
const programs: Started[] = [];
/** The first scenario of each kind of process. */
const OF_EACH_KIND = SCENARIO_NAMES.filter(
  (name, at) => SCENARIO_NAMES.findIndex((other) => other.split(':')[0] === name.split(':')[0]) === at,
);
let api = '';
let namespace = '';

beforeAll(async () => {
  const [port, databaseUrl] = [await freePort(), await createTestDatabase()];
  namespace = await createTestNamespace();
  await seedHome(databaseUrl, {});
  api = `http://127.0.0.1:${port}`;
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    PUBLIC_URL: api,
    PORT: String(port),
    WORKER_PORT: String(await freePort()),
    SANDBOX_WEBHOOK_SECRET: 'a secret of the tests',
  };
  for (const name of ['api', 'worker']) {
    programs.push(startProgram(join(root, name, 'main.ts'), env, { lives: 'file' }));
  }
  writeFileSync(
    join(home, 'stack.json'),
    JSON.stringify({ api, databaseUrl, temporalAddress: testTemporalAddress(), temporalUi: null }),
  );
  await vi.waitFor(async () => {
    expect(await status(`http://127.0.0.1:${env.WORKER_PORT}/readyz`)).toBe(200);
    expect(await status(`${api}/readyz`)).toBe(200);
  }, PATIENCE);
}, 300_000);

afterAll(async () => {
  for (const { child, ended } of programs) {
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(home, { recursive: true, force: true });
});

/** What a command printed, and how it ended. */
async function run(
  file: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [join(root, 'local', file), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TANDEM_HOME: home, TEMPORAL_NAMESPACE: namespace, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  return { code, said };
}

async function ask(path: string, token?: string, body?: object) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${api}${path}`, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) });
  return { status: answer.status, data: ((await answer.json()) as { data: never }).data };
}

const signIn = async (): Promise<string> =>
  (
    (await ask('/api/auth/login', undefined, { handle: 'demo_brand', password: 'tandem-demo' })).data as {
      access: string;
    }
  ).access;

test('a scenario is brought about for the demo accounts, and its clock moved until what silence does has happened', async () => {
  const listed = await run('scenario.ts');
  expect(listed).toMatchObject({ code: 0, said: expect.stringMatching(/^deal:paid: /m) });
  const seeded = await run('scenario.ts', ['deal:paid']);
  expect(seeded).toMatchObject({ code: 0, said: expect.stringContaining('brand_owner: demo_brand') });
  const [, id = ''] = /process (\S+)/.exec(seeded.said) ?? [];
  const token = await signIn();
  const stateOf = async () => ((await ask(`/api/processes/${id}`, token)).data as { state: string }).state;
  const before = await stateOf();
  expect(await run('clock.ts', ['advance', id, 'P60D'])).toMatchObject({ code: 0 });
  await vi.waitFor(async () => expect(await stateOf()).not.toBe(before), PATIENCE);
}, 180_000);

test('what cannot be done is said in a sentence', async () => {
  expect(await run('scenario.ts', ['deal:nowhere'])).toMatchObject({ code: 1, said: expect.stringMatching(/name/) });
  const nobody = '00000000-0000-4000-8000-000000000000';
  expect(await run('clock.ts', ['advance', nobody, 'P1D'])).toEqual({ code: 1, said: 'There is no such process.\n' });
  expect(await run('clock.ts', ['advance', nobody, 'soon'])).toMatchObject({
    code: 1,
    said: expect.stringMatching(/P14D/),
  });
  const nothing = { TANDEM_HOME: join(home, 'nothing') };
  for (const file of ['scenario.ts', 'rotateKeys.ts', 'encryptSecrets.ts']) {
    expect(await run(file, [], nothing)).toMatchObject({ code: 1, said: expect.stringMatching(/^Nothing runs here/) });
  }
}, 120_000);

test('another key signs after a rotation, and tokens of the one before are still taken', async () => {
  const before = await signIn();
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
  const rotated = await run('rotateKeys.ts');
  const [, signs = ''] = /^Key (\S+) signs from now on/.exec(rotated.said) ?? [];
  expect(rotated.code).toBe(0);
  expect(signs).not.toBe(kidOf(before));
  expect((await ask('/api/me', before)).status).toBe(200);
  // The API reads its keys every minute.
  let after = before;
  await vi.waitFor(
    async () => {
      after = await signIn();
      expect(kidOf(after)).toBe(signs);
    },
    { timeout: 120_000, interval: 2_000 },
  );
  for (const token of [before, after]) expect((await ask('/api/me', token)).status).toBe(200);
}, 180_000);

test('histories of a running system, of every kind that runs there, are kept in a form that replays', async () => {
  for (const name of OF_EACH_KIND)
    expect(await ask(`/api/sandbox/scenarios/${name}`, undefined, {}), name).toMatchObject({ status: 201 });
  const kinds = [...new Set(OF_EACH_KIND.map((name) => name.split(':')[0] as string))];
  const into = join(home, 'recorded');
  const files = (kind: string) => globSync(`${kind}/histories/*.json`, { cwd: into });
  // A workflow begins a moment after its process.
  await vi.waitFor(async () => {
    const { code, said } = await run('recordHistories.ts', ['--into', into, '--each', '2']);
    expect(said).toMatch(/^[1-9]\d* histories are in/m);
    expect(code).toBe(0);
    expect(kinds.filter((kind) => files(kind).length === 0)).toEqual([]);
  }, PATIENCE);
  const options = { workflowBundle: await workflowBundle() };
  for (const kind of kinds) {
    for (const file of files(kind)) {
      const { name, workflowId, history } = JSON.parse(readFileSync(join(into, file), 'utf8'));
      expect(name).toMatch(`a ${kind} of a running system`);
      expect(workflowId).toMatch(`${kind}-`);
      await Worker.runReplayHistory(options, historyFromJSON(history), workflowId);
    }
  }
}, 180_000);

test('the doctor finds a sound stack sound, and says of each thing that is not what helps', async () => {
  const sound = await run('doctor.ts');
  expect(sound.said).toMatch(/^(note|.ok ) http:\/\/127\.0\.0\.1:\d+ answers/m);
  expect(sound.said).toContain('Every invariant of the books holds.');
  expect(sound.code, sound.said).toBe(0);
  const wrong = { NODE_ENV: 'production', PAYMENT_PROVIDER: 'sandbox', PLATFORM_FEE_BPS: 'much', WORKER_PORT: '70000' };
  const sick = await run('doctor.ts', [], wrong);
  expect(sick.code).toBe(1);
  expect(sick.said).toContain('BAD  PLATFORM_FEE_BPS is not a number.');
  expect(sick.said).toContain('BAD  WORKER_PORT is above 65535.');
  const gone = join(home, 'gone');
  mkdirSync(gone);
  const stale = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'));
  writeFileSync(join(gone, 'stack.json'), JSON.stringify({ ...stale, api: `http://127.0.0.1:${await freePort()}` }));
  expect(await run('doctor.ts', [], { TANDEM_HOME: gone })).toMatchObject({
    code: 1,
    said: expect.stringMatching(/nobody answers there/),
  });
}, 120_000);

test('a reset deletes a home, and only when that was meant', async () => {
  const other = join(home, 'other');
  mkdirSync(join(other, 'postgres'), { recursive: true });
  expect(await run('reset.ts', [], { TANDEM_HOME: other })).toMatchObject({
    code: 1,
    said: expect.stringMatching(/--yes/),
  });
  expect(existsSync(join(other, 'postgres'))).toBe(true);
  expect(await run('reset.ts', ['--yes'], { TANDEM_HOME: other })).toMatchObject({ code: 0 });
  expect(existsSync(other)).toBe(false);
  expect(await run('reset.ts', ['--yes'], { TANDEM_HOME: other })).toMatchObject({
    code: 0,
    said: expect.stringMatching(/nothing to delete/),
  });
});
