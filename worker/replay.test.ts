import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { type ReplayWorkerOptions, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { WORKFLOW_TYPES } from '#workflows/kinds.ts';
import { workflowBundle } from './bundle.ts';

/**
 * Deals that were played on an earlier day, as Temporal remembers them, replayed against the code of today: what runs
 * when a release is made goes on in the next. A history that fails here is not to be recorded anew; the change that
 * broke it is to be made so that both replay, or every open deal begins a new run.
 */

const ROOMS = fileURLToPath(new URL('../workflows/', import.meta.url));

type Recorded = { name: string; workflowId: string; history: unknown };

const recordings = readdirSync(ROOMS, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^\w+\/histories\/.*\.json$/.test(file))
  .map((file): Recorded => JSON.parse(readFileSync(ROOMS + file, 'utf8')));

const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
let options: ReplayWorkerOptions;

beforeAll(async () => {
  Runtime.install({ logger });
  options = { workflowBundle: await workflowBundle() };
}, 60_000);

test.for(recordings)('$name', async ({ workflowId, history }) => {
  await Worker.runReplayHistory(options, historyFromJSON(history), workflowId);
});

test('every one of them replays where traces are kept, too', async () => {
  const traced = { workflowBundle: await workflowBundle({ traced: true }) };
  for (const { name, workflowId, history } of recordings) {
    await Worker.runReplayHistory(traced, historyFromJSON(history), workflowId).catch((error: Error) => {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    });
  }
}, 180_000);

/** What a run was of, as its first event says. */
function typeOf(history: unknown): string | undefined {
  const { events } = history as { events: { workflowExecutionStartedEventAttributes?: Started }[] };
  return events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
}
type Started = { workflowType: { name: string } };

describe('a replay', () => {
  test('is of every kind of end that was recorded', () => {
    const names = recordings.map(({ name }) => name).join('\n');
    for (const kind of ['release', 'revised', 'dispute', 'withdrawal', 'deadline', 'parked', 'begun anew', 'tried']) {
      expect(names).toContain(kind);
    }
  });

  test('is of every type of workflow there is, and so of every kind of process', () => {
    const types = new Set(recordings.map(({ history }) => typeOf(history)));
    expect(WORKFLOW_TYPES.filter((type) => !types.has(type))).toEqual([]);
  });

  test('fails where the code does something else', async () => {
    const { workflowId, history } = recordings.find(({ name }) => name.includes('deadline')) as Recorded;
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
