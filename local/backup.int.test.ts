import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { type Started, startProgram } from '#program/testing/programs.ts';
import { freePort } from './ports.ts';
import { DEMO_ACCOUNTS } from './seed.ts';

/** What docs/backups.md says is done: a backup while deals run, an empty machine, and a Temporal that knows nothing. */

const root = fileURLToPath(new URL('..', import.meta.url));
const PATIENCE = { timeout: 120_000, interval: 250 };
const ADMIN = { handle: 'who_operates', password: 'a password of theirs' };
const top = mkdtempSync(join(tmpdir(), 'tandem-backup-'));
/** Of the try that is made. */
let [first, second, backup] = ['', '', ''];
const started: Started[] = [];

afterAll(async () => {
  await endAll();
  rmSync(top, { recursive: true, force: true });
});

/** What a try has started, and where Postgres may not enter a home its data outside of it. */
async function endAll(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  for (const home of [first, second].filter((each) => existsSync(each))) await run(home, 'reset.ts', '--yes');
}

const environment = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  TANDEM_HOME: home,
  // To root the empty machine is one where Postgres runs as another user, and may not enter a home of root's.
  ...(home === second && { TANDEM_USER_NAMESPACE: 'off' }),
});

/** `npm start` with a home of its own; resolves with its API. */
async function start(home: string): Promise<Api> {
  const port = String(await freePort());
  const admin = { ADMIN_HANDLE: ADMIN.handle, ADMIN_PASSWORD: ADMIN.password };
  const program = startProgram(
    join(root, 'local/start.ts'),
    { ...environment(home), ...admin, PORT: port },
    { lives: 'file' },
  );
  started.push(program);
  const ready = () => expect(program.output()).toMatch(/^ready /m);
  await vi.waitFor(ready, PATIENCE);
  return apiOf(`http://127.0.0.1:${port}`);
}

/** A command of a home, and what it printed; it has to end well. */
async function run(home: string, file: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'local', file), ...args], { cwd: root, env: environment(home) });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  expect(code, said).toBe(0);
  return said;
}

type Api = Awaited<ReturnType<typeof apiOf>>;
// biome-ignore lint/suspicious/noExplicitAny: what the API answers is looked at field by field
type Json = any;

async function apiOf(url: string) {
  const ask = async (path: string, token: string | null, body?: object): Promise<Json> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answered = await fetch(`${url}${path}`, {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    const said = (await answered.json()) as Json;
    expect(answered.status, JSON.stringify(said)).toBeLessThan(300);
    return said.data;
  };
  const signIn = async ({ handle, password }: { handle: string; password: string }): Promise<string> =>
    (await ask('/api/auth/login', null, { handle, password })).access;
  const as: Record<string, string> = {};
  for (const account of DEMO_ACCOUNTS) as[account.roles[0] as string] = await signIn(account);
  const admin = await signIn(ADMIN);
  const processOf = (id: string) => ask(`/api/processes/${id}`, admin);
  return {
    admin: (path: string) => ask(path, admin),
    bring: async (scenario: string): Promise<string> =>
      (await ask(`/api/sandbox/scenarios/${scenario}`, null, { as })).process_id,
    processOf,
    stateOf: async (id: string): Promise<string> => (await processOf(id)).state,
    act: (id: string, action: string, role: string) =>
      ask(`/api/processes/${id}/actions/${action}`, role === 'admin' ? admin : (as[role] as string), {}),
    advance: (id: string, by: string) => ask(`/api/sandbox/processes/${id}/clock`, admin, { advance: by }),
  };
}

const SCENARIOS = [
  ...['deal:applied', 'deal:paid', 'deal:started', 'deal:submitted', 'deal:disputed', 'deal:approved'],
  ...['payout:asked', 'payout:large', 'boost:active'],
];
/** Of these the next steps need nobody, and may have been taken before the backup. */
const BY_ITSELF = ['deal:approved', 'payout:asked'];
/** Where money is on its way, which nobody has to do anything for. */
const MOVING = ['work_approved', 'processing'];
/** Where each kind is once its deadlines have passed and its money has come. */
const OVER = ['real_time', 'chat_closed', 'paid', 'expired'];

/** Made and clicked without a pause, so that whatever instant a backup is of, there is money on its way to somebody. */
async function keepDealing({ bring, act, advance }: Api, made: string[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    made.push(await bring('deal:submitted'));
    const refunded = await bring('deal:started');
    made.push(refunded);
    await act(refunded, 'decline_work', 'influencer');
    const paid = await bring('payout:asked');
    made.push(paid);
    await advance(paid, 'P30D');
  }
}

/** Of `ids` those that are not at an end that their kind has, or still owe somebody money there. */
async function unfinished({ processOf }: Api, ids: readonly string[]): Promise<string[]> {
  const seen: Json[] = await Promise.all(ids.map(processOf));
  return seen
    .filter(({ state, on_its_way: owed }) => !OVER.includes(state) || owed.length > 0)
    .map(({ id, state, on_its_way: owed }) => `${id}: ${state}, owing ${JSON.stringify(owed)}`);
}

test('a backup that was taken while deals, refunds and payouts run has them go on and end on an empty machine', async () => {
  await endAll();
  const folder = mkdtempSync(join(top, 'try-'));
  [first, second, backup] = [join(folder, 'first'), join(folder, 'second'), join(folder, 'backup')];
  const before = await start(first);
  const brought = new Map<string, string>();
  for (const scenario of SCENARIOS) brought.set(scenario, await before.bring(scenario));
  const standing = new Map<string, string>();
  for (const id of brought.values()) standing.set(id, await before.stateOf(id));

  let taken = false;
  const meanwhile: string[] = [];
  const making = keepDealing(before, meanwhile, () => taken);
  // Whoever waits for it hears of it; until then nobody does.
  making.catch(() => {});
  await vi.waitFor(() => expect(meanwhile.length).toBeGreaterThan(2), PATIENCE);
  const early = [...meanwhile];
  const said = await run(first, 'backup.ts', backup).finally(() => {
    taken = true;
    return making;
  });
  expect(said).toMatch(/: \d+ files, \d+ MiB, in [\d.]+ s\.$/m);
  // And then the machine is gone, as it stands.
  started.pop()?.child.kill('SIGKILL');

  await run(second, 'restore.ts', backup);
  expect(existsSync(join(second, 'temporal'))).toBe(false);
  // The key is not in it: whoever takes a backup to himself can sign nothing.
  expect(existsSync(join(backup, 'secrets-key'))).toBe(false);
  copyFileSync(join(first, 'secrets-key'), join(second, 'secrets-key'));
  const after = await start(second);
  for (const [scenario, id] of brought) {
    if (!BY_ITSELF.includes(scenario)) expect(await after.stateOf(id), scenario).toBe(standing.get(id));
  }
  // It may be asked for as often as one likes, and a machine that has just started may not answer it at once.
  const retold = await vi.waitFor(() => run(second, 'retell.ts'), PATIENCE);
  const [, told = '0'] = /^(\d+) processes are told anew/m.exec(retold) ?? [];
  expect(Number(told)).toBeGreaterThanOrEqual(SCENARIOS.length - BY_ITSELF.length);

  // Two are clicked on, in the others everybody falls silent; money moves only where a workflow has it moved.
  await after.act(brought.get('deal:submitted') as string, 'approve_work', 'brand_owner');
  await after.act(brought.get('payout:large') as string, 'approve', 'admin');
  const all = [...brought.values(), ...early];
  for (const id of all) {
    // A payout may have left its hold by itself between the look and the clock, which is refused then: look again.
    await vi.waitFor(async () => {
      const state = await after.stateOf(id);
      if (![...OVER, ...MOVING].includes(state)) await after.advance(id, 'P60D');
    }, PATIENCE);
  }
  await vi.waitFor(async () => expect(await unfinished(after, all)).toEqual([]), PATIENCE);

  await vi.waitFor(async () => {
    const { ok, checks } = await after.admin('/api/admin/reconciliation?whole=true');
    expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
  }, PATIENCE);
  const tasks = await after.admin('/api/admin/tasks?limit=100');
  expect(tasks.filter(({ kind }: Json) => kind === 'parked_deal' || kind === 'activity_fails')).toEqual([]);
}, 600_000);

test('nothing is restored over what is there, or from what is no backup', async () => {
  await expect(run(first, 'restore.ts', backup)).rejects.toThrow(/has data of its own/);
  await expect(run(second, 'restore.ts', backup)).rejects.toThrow(/already runs here/);
  await expect(run(join(top, 'third'), 'restore.ts', first)).rejects.toThrow(/is no backup/);
});

test('a folder that is there is not written into, and a Postgres that is not ours is backed up by its own tools', async () => {
  await expect(run(second, 'backup.ts', backup)).rejects.toThrow(/is there already/);
  const theirs = join(top, 'theirs');
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'stack.json'), JSON.stringify({ databaseUrl: '', pids: { postgres: null } }));
  await expect(run(theirs, 'backup.ts', join(top, 'nothing'))).rejects.toThrow(/docs\/backups\.md/);
  expect(existsSync(join(top, 'nothing.unfinished'))).toBe(false);
});
