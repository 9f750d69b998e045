import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import type { Release } from '#worker/cluster.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { KINDS } from '#workflows/kinds.ts';
import { expectBooksInOrder } from './books.ts';
import {
  atOnce,
  createGive,
  type Give,
  type Numbered,
  newCrowd,
  OPENINGS,
  type Opened,
  openEach,
} from './everyKind.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { runBy, use } from './releasing.ts';

/** What is open while a release is made, taken back and made again, under load: see docs/operators.md. */

/** Of each way that a process may go. `OF_EACH_WAY=72 npm test -- journeys/rollout` has more than a thousand open. */
const OF_EACH_WAY = Number(process.env.OF_EACH_WAY ?? 6);
const AT_ONCE = 4;
/** A minute or so where nobody else is at it. */
const WITHIN_MS = 420_000;

let first: Release;
let second: Release;
/** API and worker of the release before and of the next: one database, one queue. */
let old: Parts;
let anew: Parts;

// Each try has its own: one that follows another's failure would find that one's workers, and its release in use.
beforeEach(async () => {
  const deploymentName = `tandem-${randomUUID()}`;
  [first, second] = [
    { deploymentName, buildId: 'first' },
    { deploymentName, buildId: 'second' },
  ];
  // Workflows of a thousand are not all held in memory, as they would not be in a year's million.
  const room = { cached: 200 };
  old = await openParts({ release: first, room, worker: false });
  anew = await openParts({ beside: old, sharesQueue: true, release: second, room, worker: false });
}, 60_000);
afterEach(async () => {
  await anew?.close();
  await old?.close();
});

test(
  'a release is rolled forward and back with open processes of all kinds: nothing is parked, lost or doubled',
  async () => {
    // Every kind of process has a way to its end here.
    expect([...new Set(OPENINGS.map(({ kind }) => kind))].sort()).toEqual([...KINDS].sort());
    const { crowd, adminId } = await newCrowd(old.pool);
    const opened = await openEach(crowd, OF_EACH_WAY);
    expect(opened.length).toBe(OF_EACH_WAY * OPENINGS.length);
    const doors = [crowd.door, createGive(anew.pool, adminId)];

    await old.startWorker();
    await use(old, first);
    await untilTold(60_000 + WITHIN_MS / 2);
    // Each a third of all, of every kind.
    const third = (nth: number) => opened.filter(({ n }) => n % 3 === nth);

    await anew.startWorker();
    await endDuring(second, third(0), doors);
    await old.stopWorker();
    await old.startWorker();
    await endDuring(first, third(1), doors);
    await anew.stopWorker();
    await anew.startWorker();
    await endDuring(second, third(2), doors);

    // Told once more at either door, as by a client that heard nothing: it was done, and is answered as it was.
    await endAll(
      opened.filter(({ n }) => n % 24 === 0),
      doors,
    );
    await untilTold(WITHIN_MS);
    await expectNothingLost(opened);
  },
  WITHIN_MS + 120_000,
);

/** Half of them are brought to their ends while a release comes into use, and half by it. */
async function endDuring(release: Release, some: readonly Numbered[], doors: readonly Give[]): Promise<void> {
  const isEarly = ({ n }: Numbered) => n % 6 < 3;
  await Promise.all([use(old, release), endAll(some.filter(isEarly), doors)]);
  const late = some.filter((one) => !isEarly(one));
  await endAll(late, doors);
  await untilOver(some);
  await expectRunBy(late, release);
}

/** Each is given its end at both doors in the same instant, as by a client that does not wait. */
async function endAll(some: readonly Opened[], doors: readonly Give[]): Promise<void> {
  await atOnce(AT_ONCE, some, async ({ id, way, end }) => {
    const [one, ...others] = await Promise.all(doors.map((door) => end(door)));
    for (const other of others) expect(other, `${way.kind}, ${way.name}`).toEqual(one);
    old.relay()?.ring(id);
    anew.relay()?.ring(id);
  });
}

/** No workflow has anything that it was not told. */
async function untilTold(withinMs: number): Promise<void> {
  await until(
    () => old.pool.oneFirst(sql.type(count)`SELECT count(*) AS many FROM relays WHERE behind`),
    (behind) => behind === 0n,
    withinMs,
  );
}

const count = z.object({ many: z.bigint() });
const stood = z.object({ id: z.string(), state: z.string(), steps: z.array(z.string()), promised: z.boolean() });

function standing(some: readonly Opened[]) {
  return old.pool.any(sql.type(stood)`
    SELECT processes.id, processes.state,
      ARRAY(SELECT command FROM steps WHERE process_id = processes.id ORDER BY n) AS steps,
      EXISTS (SELECT FROM promises WHERE process_id = processes.id AND done_at IS NULL) AS promised
    FROM processes WHERE processes.id = ANY(${sql.array(
      some.map(({ id }) => id),
      'uuid',
    )})
  `);
}

/** Each is where its way ends, by just the steps of it, and owes nothing. */
async function untilOver(some: readonly Opened[]): Promise<void> {
  const ways = new Map(some.map(({ id, way }) => [id, way]));
  await until(
    async () => {
      const others = (await standing(some)).flatMap(({ id, state, steps, promised }) => {
        const way = ways.get(id);
        const isOver = state === way?.state && steps.join() === way.steps.join() && !promised;
        return isOver ? [] : [`${way?.kind}, ${way?.name}: ${state} by ${steps.join()}${promised ? ', owing' : ''}`];
      });
      return [...new Set(others)];
    },
    (others) => others.length === 0,
    WITHIN_MS / 3,
  );
}

/** What was ended under a release was brought there by it, one of each kind being looked at. */
async function expectRunBy(some: readonly Opened[], { buildId }: Release): Promise<void> {
  for (const kind of KINDS) {
    const one = some.findLast(({ way }) => way.kind === kind) as Opened;
    await until(
      () => runBy(old, one.id, kind),
      (by) => by === buildId,
    );
  }
}

async function expectNothingLost(opened: readonly Opened[]): Promise<void> {
  await untilOver(opened);
  const tasks = await old.pool.anyFirst(sql.type(z.object({ kind: z.string() }))`
    SELECT DISTINCT kind FROM tasks WHERE kind IN ('parked_deal', 'activity_fails', 'refund_failed')
  `);
  expect(tasks).toEqual([]);
  await expectBooksInOrder(old);
  const ended = "ExecutionStatus IN ('Failed', 'TimedOut', 'Canceled')";
  expect((await old.client.workflow.count(ended)).count).toBe(0);
  expect(await unreplayed()).toEqual([]);
  // Only what goes on for a month has a run. A run that has only begun is listed without a state, so all are asked for.
  const going = opened
    .filter(({ way }) => way.state === 'ending')
    .map(({ id, way }) => workflowIdOf(way.kind, id))
    .sort();
  await until(
    async () => {
      const running: string[] = [];
      for await (const { workflowId } of old.client.workflow.list({ query: "ExecutionStatus = 'Running'" }))
        running.push(workflowId);
      return running.sort();
    },
    (running) => running.join() === going.join(),
    WITHIN_MS / 3,
  );
}

const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;
/** What a worker says of a history that its code does not replay. */
const UNREPLAYED = [
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
];

/**
 * Of the runs that were ended and begun anew those that a release did not replay. That a task came too late, where
 * workers had much to do, is another matter.
 */
async function unreplayed(): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId } of old.client.workflow.list({ query: "ExecutionStatus = 'Terminated'" })) {
    const { events } = await old.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const causes = events?.flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.cause ?? []);
    if (causes?.some((cause) => UNREPLAYED.includes(cause))) found.push(workflowId);
  }
  return found;
}
