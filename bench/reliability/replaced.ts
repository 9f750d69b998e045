import { fileURLToPath } from 'node:url';
import { Connection, Client as Temporal } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createPool } from '#db/pool.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createBacklog } from '#worker/backlog.ts';
import { createMetrics } from '#worker/metrics.ts';
import { startRelay } from '#worker/relay.ts';
import { createSenderOf, createWorkers } from '#worker/temporal.ts';
import { atOnce, type ClickedDeal, WEBHOOK_SECRET } from '../clicks/deals.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { approve, paid, type Stage, submittedDeals, until, untilRunning, untilTold } from './stage.ts';

/** A release is made that replays nothing of what runs, and everybody approves. */

const WITHIN_MS = 600_000;
const OTHER_RELEASE = fileURLToPath(new URL('../../journeys/testing/otherRelease.ts', import.meta.url));
const SYSTEM = '00000000-0000-0000-0000-000000000000';

export async function measureReplaced(stage: Stage, { replaced }: Plan): Promise<Finding[]> {
  const deals = await submittedDeals(stage, replaced);
  const old = await stage.addWorker();
  await untilRunning(stage, replaced, 'work_submitted');
  await untilTold(stage, WITHIN_MS);
  await old.stop();
  const other = await startOtherRelease(stage);
  const began = performance.now();
  try {
    await atOnce(replaced, (number) => approve(stage, deals[number] as ClickedDeal));
    const half = await until(async () => (await paid(stage, deals)) >= replaced / 2, WITHIN_MS);
    const halfAt = performance.now() - began;
    const all = await until(async () => (await paid(stage, deals)) === replaced, WITHIN_MS);
    const took = performance.now() - began;
    return [
      {
        what: `${replaced} approvals at a release that does not replay what runs`,
        before: '300: 369 s',
        now: `${all === null ? `${await paid(stage, deals)} paid within ten minutes` : `all paid after ${seconds(took)}`}${half === null ? '' : `, half of them after ${seconds(halfAt)}`}; ${await other.begunAnew()} runs begun anew`,
        holds: all !== null && took < 369_000,
      },
    ];
  } finally {
    await other.stop();
  }
}

/** Worker and relay of another release, in this process. */
async function startOtherRelease({ postgres, temporal }: Stage) {
  Runtime.install({
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    // Its native part has a line for each run that does not replay.
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  const log = pino({ level: 'silent' });
  const pool = createPool(postgres.url, { size: 12 });
  const cluster = { address: temporal.address, namespace: 'default', taskQueue: 'tandem' };
  const connection = Connection.lazy({ address: cluster.address });
  const client = new Temporal({ connection });
  const settings = { SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET, PUBLIC_URL: 'http://127.0.0.1' };
  const providers = createProviders(settings);
  const { payouts } = createPayoutProviders(settings);
  const [metrics, backlog] = [createMetrics(), createBacklog()];
  const workers = await createWorkers(cluster, {
    deps: {
      pool,
      provider: (name) => providers.byName[name as 'sandbox'] ?? null,
      payoutProvider: (name) => payouts[name as 'sandbox'] ?? null,
      systemUserId: SYSTEM,
      log,
      senderOf: createSenderOf({ workflowService: client.workflowService, namespace: 'default' }),
      patiently: (work) => work(pool),
    },
    metrics,
    backlog,
    workflowsPath: OTHER_RELEASE,
  });
  const running = workers.run();
  const relay = startRelay({
    ...{ pool, client, log, metrics, backlog },
    taskQueue: cluster.taskQueue,
    systemUserId: SYSTEM,
    now: () => new Date(),
  });
  return {
    async begunAnew(): Promise<number> {
      return (await metrics.stuckRuns.get()).values.reduce((sum, { value }) => sum + value, 0);
    },
    async stop(): Promise<void> {
      await relay.stop();
      workers.shutdown();
      await running.catch(() => {});
      await workers.connection.close();
      await connection.close();
      await pool.end();
    },
  };
}
