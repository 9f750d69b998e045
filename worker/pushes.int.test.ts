import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { ActivityDeps } from '#activities/index.ts';
import { SYSTEM } from '#db/deal/testing/dealing.ts';
import { findBroadcast, insertBroadcast } from '#db/notification/broadcasts.ts';
import { setPreferences } from '#db/notification/preferences.ts';
import { listDuePushesOf } from '#db/notification/pushes.ts';
import { startTelling, type Telling } from '#db/notification/testing/telling.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase, createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import { createPushServices } from '#push/services.ts';
import { startFcmServer } from '#push/testing/fcmServer.ts';
import { broadcastId, pushId } from '#workflows/ids.ts';
import { NO_PREFERENCES } from '#workflows/notification/preferences.ts';
import { GRACE_MS } from '#workflows/notification/pushing.ts';
import { createMetrics } from './metrics.ts';
import { startBroadcasts, startDuePushes } from './pushes.ts';
import { createWorkers, type Workers } from './temporal.ts';

// The workflows of pushes and of announcements on a real Temporal server, with FCM's protocol at the other end.

const DEADLINE = { timeout: 30_000, interval: 50 };
const DAY_MS = 24 * 3_600_000;

let pool: Pool;
let telling: Telling;
let fcm: Awaited<ReturnType<typeof startFcmServer>>;
let client: Client;
let deps: { pool: Pool; client: Client; taskQueue: string };
let workers: Workers;
let running: Promise<unknown>;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  fcm = await startFcmServer();
  const namespace = await createTestNamespace();
  const address = testTemporalAddress();
  const place = { address, namespace, taskQueue: 'tandem' };
  client = new Client({ connection: await Connection.connect({ address }), namespace });
  deps = { pool, client, taskQueue: place.taskQueue };
  const quiet = () => {};
  const activityDeps: ActivityDeps = {
    pool,
    provider: () => null,
    payoutProvider: () => null,
    senderOf: async () => null,
    patiently: (work) => work(pool),
    systemUserId: SYSTEM,
    log: pino({ level: 'silent' }),
    push: {
      services: createPushServices({
        FCM_SERVICE_ACCOUNT: fcm.serviceAccount(),
        FCM_BASE_URL: fcm.server.url,
        FCM_TOKEN_URL: `${fcm.server.url}/token`,
      }),
      socketHasTaken: async () => false,
      ringUsers: quiet,
    },
  };
  workers = await createWorkers(place, { deps: activityDeps, metrics: createMetrics(), backlog: { evolved: quiet } });
  running = workers.run();
});
afterAll(async () => {
  workers?.shutdown();
  await running;
  await workers?.connection.close();
  await client?.connection.close();
  await fcm?.server.close();
  await pool?.end();
});

beforeEach(() => {
  fcm.server.calm();
  fcm.arrived.length = 0;
  telling = startTelling(pool);
  // What is told now is due now, by the workflow's clock.
  telling.clock.now = new Date(Date.now() - GRACE_MS);
});

async function withPhone(): Promise<string> {
  const user = await telling.user();
  await telling.device(user, { token: fcm.install().token });
  return user;
}

const tell = (userId: string) => telling.tell({ userId, kind: 'security', title: 'New sign-in', body: '' });
const start = (at = Date.now()) => startDuePushes(deps, new Date(at).toISOString());
const arrives = (many: number) => vi.waitFor(() => expect(fcm.arrived).toHaveLength(many), DEADLINE);
const isEnded = (handle: WorkflowHandle) =>
  vi.waitFor(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'), DEADLINE);

const attempts = (userId: string) =>
  pool.anyFirst(sql.type(z.object({ attempts: z.int() }))`
    SELECT attempts FROM pushes WHERE user_id = ${userId} AND outcome IS NULL AND due > now() AND due < now() + interval '2 h'
      AND attempts > 0
  `);

async function skipTime(workflowId: string): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
    updateMask: { paths: ['time_skipping_config'] },
  });
}

test('what is due is pushed by the workflow of its user, which ends when nothing is left', async () => {
  const user = await withPhone();
  await tell(user);
  await tell(user);
  await start();
  await arrives(2);
  await isEnded(client.workflow.getHandle(pushId(user)));
  await start(Date.now() + DAY_MS);
  expect(fcm.arrived).toHaveLength(2);
});

test('what falls due while another waits for a push service’s patience does not wait with it', async () => {
  const user = await withPhone();
  fcm.server.trouble({ status: 503, headers: { 'retry-after': '3600' }, body: {} }, /send$/);
  await tell(user);
  await start();
  const handle = client.workflow.getHandle(pushId(user));
  await vi.waitFor(async () => {
    const { raw } = await handle.describe();
    expect(raw.pendingActivities ?? []).toEqual([]);
    expect(await attempts(user)).toEqual([1]);
  }, DEADLINE);
  fcm.server.calm();
  await tell(user);
  await start();
  await arrives(1);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await skipTime(pushId(user));
  await arrives(2);
  await isEnded(handle);
});

test('a push waits through a night of quiet hours at its real length, and is there in the morning', async () => {
  const user = await withPhone();
  const wall = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16);
  const quiet_hours = { from: wall(-60_000), to: wall(9 * 3_600_000), time_zone: 'UTC' };
  await setPreferences(pool, user, { ...NO_PREFERENCES, quiet_hours }, telling.now());
  await telling.tell({ userId: user });
  await start();
  const handle = client.workflow.getHandle(pushId(user));
  await vi.waitFor(async () => {
    const { events } = await handle.fetchHistory();
    expect(events?.some(({ timerStartedEventAttributes }) => timerStartedEventAttributes)).toBe(true);
  }, DEADLINE);
  expect(fcm.arrived).toEqual([]);
  await skipTime(pushId(user));
  await arrives(1);
  await isEnded(handle);
});

test('a workflow that was terminated while it waited is started anew when its push is due', async () => {
  const user = await withPhone();
  fcm.server.trouble({ status: 503, headers: { 'retry-after': '2' }, body: {} }, /send$/);
  await tell(user);
  await start();
  await vi.waitFor(async () => {
    expect(await attempts(user)).toEqual([1]);
  }, DEADLINE);
  await client.workflow.getHandle(pushId(user)).terminate('somebody did');
  fcm.server.calm();
  await vi.waitFor(async () => {
    expect(await listDuePushesOf(pool, user, new Date().toISOString(), 10)).toHaveLength(1);
  }, DEADLINE);
  await start();
  expect(fcm.arrived).toEqual([]);
  // A minute after it was told.
  await start(Date.now() + 61_000);
  await arrives(1);
});

test('an announcement goes to everybody of a role and says how far it is; started again it is the same one', async () => {
  const people = await Promise.all(Array.from({ length: 8 }, () => telling.user()));
  const row = await announce(people[0] as string);
  const now = new Date().toISOString();
  await Promise.all([startBroadcasts(deps, now), startBroadcasts(deps, now)]);
  const handle = client.workflow.getHandle(broadcastId(row.id));
  expect(await handle.result()).toMatchObject({ state: 'sent', told: row.terms.total, total: row.terms.total });
  for (const user of people) expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
});

test('an operator stops an announcement from the Web UI; whom it reached has it', async () => {
  const row = await announce(await telling.user());
  const handle = await client.workflow.start('broadcast', {
    taskQueue: deps.taskQueue,
    workflowId: broadcastId(row.id),
    args: [{ broadcastId: row.id }],
  });
  const update = await handle.executeUpdate('stop');
  expect(update).toMatchObject({ state: 'stopped' });
  expect(await handle.result()).toMatchObject({ state: 'stopped' });
  expect((await findBroadcast(pool, row.id))?.state).toBe('stopped');
});

const announce = (byId: string) =>
  pool.transaction((transaction) =>
    insertBroadcast(transaction, {
      ...{ id: crypto.randomUUID(), byId, audience: 'influencer', kind: 'announcement', title: 'Monsoon', body: '' },
      ...{ data: {}, push: false, now: new Date().toISOString() },
    }),
  );
