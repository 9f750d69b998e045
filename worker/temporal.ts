import type { Client } from '@temporalio/client';
import {
  type ActivityInboundCallsInterceptor,
  type ActivityInterceptorsFactory,
  type InjectedSinks,
  type NativeConnection,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { type ActivityDeps, createActivities, createCalls } from '#activities/index.ts';
import { keepsTraces } from '#program/trace.ts';
import { PROVIDERS } from '#workflows/payment/fact.ts';
import { providerQueue } from '#workflows/process/queues.ts';
import type { EvolvedSinks } from '#workflows/process/workflow.ts';
import type { Backlog } from './backlog.ts';
import { workflowBundle } from './bundle.ts';
import { type Cluster, connectNatively, type Release } from './cluster.ts';
import { holdWork, SIGN_MS } from './heldWork.ts';
import type { Metrics } from './metrics.ts';
import { traceActivities, traceSinks } from './traced.ts';

/** How much a worker does at once. */
export type Room = {
  /** Workflow tasks: one that waits for a transaction of ours holds its slot meanwhile. */
  workflowSlots: number;
  activitySlots: number;
  /** Of each provider, at once and a second. */
  providerSlots: number;
  providerRate: number;
  /**
   * Polls for workflow tasks that wait at the server. A task that finds none waiting is written to the server's store and
   * read again: with the SDK's ten that was every sixth to third under load, with 30 none.
   */
  polls: number;
  /** Workflows held in memory: each is some 500 KB, and one that is not is replayed from its history when it is needed. */
  cached: number;
  /** What is under way when a worker ends has so long. */
  graceMs: number;
};

export const DEFAULT_ROOM: Room = {
  workflowSlots: 100,
  activitySlots: 100,
  providerSlots: 20,
  providerRate: 25,
  polls: 30,
  cached: 600,
  graceMs: 2_000,
};

/**
 * The SDK could not make a worker although Temporal knows our namespace. The threads that it had made for workflows are
 * nobody's now and stay for as long as the process: this is not to be tried again in the same one.
 */
export class WorkerNotMade extends Error {
  override readonly name = 'WorkerNotMade';
}

export type WorkerParts = {
  deps: ActivityDeps;
  metrics: Metrics;
  backlog: Pick<Backlog, 'evolved'>;
  room?: Partial<Room>;
  /** Of another release's workflows; today's where this is left out. */
  workflowsPath?: string;
  /** Stands around every try of every activity: a test dies here. */
  around?: ActivityInterceptorsFactory;
};

/** One worker for workflows and what is ours, and one for each provider, which are asked at a rate of their own. */
export type Workers = {
  connection: NativeConnection;
  /** Runs until it is told to shut down, or one of them fails; ends all of them. */
  run(): Promise<void>;
  shutdown(): void;
  isRunning(): boolean;
};

/**
 * What runs workflows and activities, connected and not yet running. Throws while Temporal cannot be reached, and leaves
 * no connection behind then; throws WorkerNotMade.
 */
export async function createWorkers(cluster: Cluster, parts: WorkerParts): Promise<Workers> {
  const connection = await connectNatively(cluster);
  const made: Worker[] = [];
  try {
    const common = {
      connection,
      namespace: cluster.namespace,
      ...(cluster.dataConverter && { dataConverter: cluster.dataConverter }),
    };
    const workflows = { workflowBundle: await workflowBundle(parts) };
    made.push(await Worker.create({ ...common, ...ownOptions(cluster, parts), ...workflows }));
    for (const provider of PROVIDERS) {
      made.push(await Worker.create({ ...common, ...providerOptions(cluster, parts, provider) }));
    }
  } catch (error) {
    for (const worker of made) worker.run().catch(() => {});
    for (const worker of made) worker.shutdown();
    await connection.close().catch(() => {});
    throw new WorkerNotMade('the SDK could not make a worker', { cause: error });
  }
  return together(connection, made);
}

function together(connection: NativeConnection, workers: readonly Worker[]): Workers {
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    connection,
    shutdown,
    isRunning: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async run() {
      const runs = workers.map((worker) => worker.run().finally(shutdown));
      const ends = await Promise.allSettled(runs);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** Workflows, and the transactions of ours that they have done. */
function ownOptions({ taskQueue, release }: Cluster, parts: WorkerParts) {
  const room = { ...DEFAULT_ROOM, ...parts.room };
  return {
    taskQueue,
    ...(release && { workerDeploymentOptions: versioned(release) }),
    activities: createActivities(parts.deps),
    sinks: sinksOf(parts),
    interceptors: { activity: activityInterceptors(parts) },
    maxConcurrentWorkflowTaskExecutions: room.workflowSlots,
    maxConcurrentActivityTaskExecutions: room.activitySlots,
    // Else the SDK keeps a sign of life to itself until four fifths of the time are over, and one that is late is too late.
    maxHeartbeatThrottleInterval: SIGN_MS,
    maxCachedWorkflows: room.cached,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.min(room.polls, room.workflowSlots) },
    shutdownGraceTime: room.graceMs,
    shutdownForceTime: room.graceMs + 2_000,
  } satisfies Partial<WorkerOptions>;
}

/**
 * Open runs go over to whichever release is in use, and back: they live for months, and one that does not replay is begun
 * anew. Pinned to the release that began them they would keep every old one running for as long.
 */
function versioned(version: Release) {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' } as const;
}

function providerOptions({ taskQueue }: Cluster, parts: WorkerParts, provider: string) {
  const room = { ...DEFAULT_ROOM, ...parts.room };
  return {
    taskQueue: providerQueue(taskQueue, provider),
    activities: createCalls(parts.deps),
    interceptors: { activity: activityInterceptors(parts) },
    maxConcurrentActivityTaskExecutions: room.providerSlots,
    maxTaskQueueActivitiesPerSecond: room.providerRate,
    maxConcurrentActivityTaskPolls: 1,
    shutdownGraceTime: room.graceMs,
    shutdownForceTime: room.graceMs + 2_000,
  } satisfies Partial<WorkerOptions>;
}

function sinksOf({ deps, metrics, backlog }: WorkerParts): InjectedSinks<EvolvedSinks> {
  return {
    ...(keepsTraces() && traceSinks),
    process: {
      evolved: {
        fn(_info, { processId, kind, version, steps }) {
          backlog.evolved(processId, version);
          if (steps.length === 0) return;
          const now = Date.now();
          for (const { on, at } of steps) {
            metrics.transitions.inc({ kind, command: on });
            metrics.evolved.observe(Math.max(0, now - Date.parse(at)) / 1_000);
          }
          // One line for all of them: under load a Signal brings many.
          const told = steps.map(({ n, on, to, correlation_id }) => ({ n, on, to, correlation_id }));
          deps.log.info({ process_id: processId, kind, steps: told }, 'evolved');
        },
        callDuringReplay: false,
      },
    },
  };
}

function activityInterceptors({ metrics, around }: WorkerParts): ActivityInterceptorsFactory[] {
  return [...(keepsTraces() ? [traceActivities] : []), countFailures(metrics), holdWork, ...(around ? [around] : [])];
}

/** Counts every try of an activity that failed, by its name. */
function countFailures(metrics: Metrics) {
  return ({ info }: { info: { activityType: string } }) => {
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          metrics.activityFailures.inc({ activity: info.activityType });
          throw error;
        }
      },
    };
    return { inbound };
  };
}

/** How many events of a history are looked through for an Update: it was accepted a moment ago. */
const LOOKED_THROUGH = 200;

/** Who sent an Update, as the server knows them; null where it does not say, or the Update is not found. */
export function createSenderOf({
  workflowService,
  namespace,
}: {
  workflowService: Client['workflowService'];
  namespace: string;
}) {
  return async ({ workflowId, runId, updateId }: { workflowId: string; runId: string; updateId: string }) => {
    const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId, runId },
      maximumPageSize: LOOKED_THROUGH,
    });
    for (const event of history?.events ?? []) {
      const { acceptedRequest } = event.workflowExecutionUpdateAcceptedEventAttributes ?? {};
      if (acceptedRequest?.meta?.updateId === updateId) return acceptedRequest.meta.identity || null;
    }
    return null;
  };
}
