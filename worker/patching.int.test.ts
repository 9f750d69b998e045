import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { type History, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import { workflowBundle } from './bundle.ts';

/**
 * How a workflow is changed while its runs are open: `testing/patching/` has one in each of the steps that
 * `workflows/README.md` tells of, and here they are played and replayed one after the other.
 */

const STAGES = {
  before: './testing/patching/before.ts',
  changed: './testing/patching/changed.ts',
  patched: './testing/patching/patched.ts',
  retired: './testing/patching/retired.ts',
} as const;
type Stage = keyof typeof STAGES;
type Notice = WorkflowHandle<() => Promise<string[]>>;

const TASK_QUEUE = 'patching';
const PATIENCE = { timeout: 30_000, interval: 50 };
const TIMER_FIRED = 'timerFiredEventAttributes';
const SIGNALED = 'workflowExecutionSignaledEventAttributes';
const DONE = 'workflowTaskCompletedEventAttributes';

let namespace: string;
let connection: Connection;
let native: NativeConnection;
let client: Client;

beforeAll(async () => {
  const silent = () => {};
  Runtime.install({
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
  namespace = await createTestNamespace();
  const address = testTemporalAddress();
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await native?.close();
  await connection?.close();
});

const bundles = new Map<Stage, Promise<{ code: string }>>();

function bundleOf(stage: Stage): Promise<{ code: string }> {
  const workflowsPath = fileURLToPath(new URL(STAGES[stage], import.meta.url));
  const bundle = bundles.get(stage) ?? workflowBundle({ workflowsPath, traced: false });
  bundles.set(stage, bundle);
  return bundle;
}

/** Does something while a worker of a stage runs, which keeps nothing: it replays whatever goes on. */
async function within<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    ...{ connection: native, namespace, taskQueue: TASK_QUEUE, maxCachedWorkflows: 0 },
    workflowBundle: await bundleOf(stage),
  });
  return worker.runUntil(work);
}

/** With an id of its own, however often a test is tried. */
const begin = (): Promise<Notice> =>
  client.workflow.start<() => Promise<string[]>>('notice', { workflowId: randomUUID(), taskQueue: TASK_QUEUE });

/** Waits until so many of its timers are over, tells it for the first time, and waits until it has heard that. */
async function tellOpen(notice: Notice, timers: number): Promise<History> {
  await untilDone(notice, TIMER_FIRED, timers);
  await notice.signal('told');
  return untilDone(notice, SIGNALED, 1);
}

/** Its history, when there are so many events of a kind in it and it has come to all of them. */
function untilDone(notice: Notice, kind: typeof TIMER_FIRED | typeof SIGNALED, many: number): Promise<History> {
  return vi.waitFor(async () => {
    const history = await notice.fetchHistory();
    const events = history.events ?? [];
    expect(events.filter((event) => event[kind])).toHaveLength(many);
    expect(events.findLastIndex((event) => event[DONE])).toBeGreaterThan(events.findLastIndex((event) => event[kind]));
    return history;
  }, PATIENCE);
}

async function end(notice: Notice): Promise<string[]> {
  await notice.signal('told');
  return notice.result();
}

async function replay(history: History, stage: Stage): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await bundleOf(stage) }, history, 'replayed');
}

const DIFFERS = /nondeterminism/i;

test('a run from before a change replays and goes on where the change is patched, and does not where it is not', async () => {
  const open = await begin();
  const history = await within('before', () => tellOpen(open, 1));
  await replay(history, 'before');
  await expect(replay(history, 'changed')).rejects.toThrow(DIFFERS);
  await expect(replay(history, 'retired')).rejects.toThrow(DIFFERS);
  await replay(history, 'patched');
  expect(await within('patched', () => end(open))).toEqual(['waited']);
});

test('a run that begins after it goes the new way, is found by its patch, and replays when that is retired', async () => {
  const old = await begin();
  await within('before', () => tellOpen(old, 1).then(() => end(old)));
  const fresh = await begin();
  const history = await within('patched', () => tellOpen(fresh, 2));
  await replay(history, 'patched');
  await replay(history, 'retired');
  await expect(replay(history, 'before')).rejects.toThrow(DIFFERS);
  // The patch is named in it, which code that knows of none does not expect.
  await expect(replay(history, 'changed')).rejects.toThrow(DIFFERS);
  expect(await within('retired', () => end(fresh))).toEqual(['waited', 'waited again']);
  await vi.waitFor(async () => {
    const without: string[] = [];
    for await (const run of client.workflow.list({ query: 'TemporalChangeVersion IS NULL' }))
      without.push(run.workflowId);
    expect(without).toContain(old.workflowId);
    expect(without).not.toContain(fresh.workflowId);
  }, PATIENCE);
});
