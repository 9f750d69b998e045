import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  type InjectedSinks,
  NativeConnection,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { type ActivityDeps, createActivities } from '#activities/index.ts';
import type { EvolvedSinks } from '#workflows/collaboration/workflow.ts';
import type { Backlog } from './backlog.ts';
import type { Metrics } from './metrics.ts';

export type TemporalPlace = { address: string; namespace: string; taskQueue: string };

/** Workflows held in memory: each is some 500 KB, and one that is not is replayed from its history when it is needed. */
const CACHED_WORKFLOWS = 600;

/**
 * Polls for workflow tasks that wait at the server. A task that finds none waiting is written to the server's store and
 * read again: with the SDK's ten that was every sixth to third under load, with this many none.
 */
const WORKFLOW_POLLS = 30;

/** For Temporal to say whether our namespace is there. */
const ASK_MS = 5_000;

const WORKFLOWS = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

let bundle: Promise<Awaited<ReturnType<typeof bundleWorkflowCode>>> | null = null;

/** The workflows as one file, made once a process: some 3 s. */
function workflowBundle() {
  bundle ??= bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    // Loaded once instead of once a workflow: they keep no state of their own, and are frozen.
    preloadModules: [WORKFLOWS],
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn() {},
      error: (message) => process.stderr.write(`${message}\n`),
    },
  });
  return bundle;
}

/**
 * The SDK could not make a worker although Temporal knows our namespace. The threads that it had made for workflows are
 * nobody's now and stay for as long as the process: this is not to be tried again in the same one.
 */
export class WorkerNotMade extends Error {
  override readonly name = 'WorkerNotMade';
}

/**
 * Throws while Temporal cannot be reached or does not know the namespace. To be asked before a worker is made: the SDK
 * asks the same, but after it has made threads that nothing ends, some 25 MB a try. The worker's kind of connection will
 * not do for it, as each of those that fails leaves four file descriptors behind.
 */
export async function askForNamespace({ address, namespace }: TemporalPlace): Promise<void> {
  const connection = Connection.lazy({
    address,
    // One try, made now: whoever asks makes the next, and it does not wait for the relay's connection to be tried again.
    interceptors: [],
    channelArgs: { 'grpc.use_local_subchannel_pool': 1 },
  });
  try {
    await connection.withDeadline(Date.now() + ASK_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}

/**
 * What runs workflows and activities, connected and not yet running. Throws while Temporal cannot be reached, and leaves
 * no connection behind then; throws WorkerNotMade.
 */
export async function createWorker(
  place: TemporalPlace,
  deps: ActivityDeps,
  metrics: Metrics,
  evolved: Backlog['evolved'],
): Promise<{ worker: Worker; connection: NativeConnection }> {
  const connection = await NativeConnection.connect({ address: place.address });
  try {
    const worker = await Worker.create({
      ...workerOptions(deps, metrics, evolved),
      connection,
      namespace: place.namespace,
      taskQueue: place.taskQueue,
      workflowBundle: await workflowBundle(),
    });
    return { worker, connection };
  } catch (error) {
    await connection.close().catch(() => {});
    throw new WorkerNotMade('the SDK could not make a worker', { cause: error });
  }
}

/** What a worker is, wherever it runs and whichever release's workflows. */
export function workerOptions(deps: ActivityDeps, metrics: Metrics, evolved: Backlog['evolved']) {
  const sinks: InjectedSinks<EvolvedSinks> = {
    collaboration: {
      evolved: {
        fn(_info, { conversationId, steps }) {
          evolved(conversationId, steps.at(-1)?.n ?? 0);
          const now = Date.now();
          for (const { on, at } of steps) {
            metrics.transitions.inc({ command: on });
            metrics.evolved.observe(Math.max(0, now - Date.parse(at)) / 1_000);
          }
          // One line for all of them: under load a Signal brings many.
          const told = steps.map(({ n, on, to, correlation_id }) => ({ n, on, to, correlation_id }));
          deps.log.info({ conversation_id: conversationId, steps: told }, 'evolved');
        },
        callDuringReplay: false,
      },
    },
  };
  return {
    activities: createActivities(deps),
    sinks,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: WORKFLOW_POLLS },
    shutdownGraceTime: '2 seconds',
    shutdownForceTime: '4 seconds',
  } satisfies Partial<WorkerOptions>;
}

export async function createClient({ address, namespace }: TemporalPlace): Promise<Client> {
  // Lazy: calls fail while Temporal is away, and work again when it is back.
  return new Client({ connection: Connection.lazy({ address }), namespace });
}
