import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, type ReplayWorkerOptions, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';

/**
 * Deals that were played on an earlier day, as Temporal remembers them, replayed against the code of today: what runs
 * when a release is made goes on in the next. A history that fails here is not to be recorded anew; the change that
 * broke it is to be made so that both replay, or every open deal begins a new run.
 */

const HISTORIES = fileURLToPath(new URL('../workflows/collaboration/histories/', import.meta.url));

type Recorded = { name: string; workflowId: string; history: unknown };

const recordings = readdirSync(HISTORIES)
  .filter((file) => file.endsWith('.json'))
  .map((file): Recorded => JSON.parse(readFileSync(HISTORIES + file, 'utf8')));

let options: ReplayWorkerOptions;

beforeAll(async () => {
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  options = { workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }) };
}, 60_000);

test.for(recordings)('$name', async ({ workflowId, history }) => {
  await Worker.runReplayHistory(options, historyFromJSON(history), workflowId);
});

describe('a replay', () => {
  test('is of every kind of end that was recorded', () => {
    expect(recordings.map(({ name }) => name).length).toBeGreaterThanOrEqual(5);
  });

  test('fails where the code does something else', async () => {
    const [{ workflowId, history }] = recordings as [Recorded];
    const other = structuredClone(history) as { events: { eventType: string; timerStartedEventAttributes?: object }[] };
    // As though a workflow of then had scheduled an activity where today's arms its first timer.
    const armed = other.events.find(({ timerStartedEventAttributes }) => timerStartedEventAttributes);
    delete armed?.timerStartedEventAttributes;
    Object.assign(armed as object, {
      eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
      activityTaskScheduledEventAttributes: {
        activityId: '1',
        activityType: { name: 'somethingElse' },
        taskQueue: { name: 'tandem' },
      },
    });
    await expect(Worker.runReplayHistory(options, historyFromJSON(other), workflowId)).rejects.toThrow(
      /nondeterminism/i,
    );
  });
});
