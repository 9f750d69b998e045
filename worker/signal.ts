import { WorkflowIdReusePolicy, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Untold } from '#db/process/relays.ts';
import { beginSpan, keepsTraces, spanned, traceparent } from '#program/trace.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { machineOf } from '#workflows/kinds.ts';
import { toldStep } from '#workflows/process/machine.ts';
import type { ProcessInput } from '#workflows/process/workflow.ts';
import type { Metrics } from './metrics.ts';
import type { RelayDeps } from './relay.ts';

const { PendingWorkflowTaskState } = proto.temporal.api.enums.v1;

/**
 * A run takes 10,000 Signals. Where so many lie unread, as while no worker runs, more would only use them up: what there
 * is to be told is in Postgres, and is told when somebody has come to those.
 */
const AHEAD = 100;

/** Whether a process's workflow was sent many Signals, and its task waits for a worker. */
export async function isHeldBack(
  { client, backlog, signalsAhead = AHEAD }: Pick<RelayDeps, 'client' | 'backlog' | 'signalsAhead'>,
  { processId, kind }: Pick<Untold, 'processId' | 'kind'>,
): Promise<boolean> {
  if (backlog.unheard(processId) < signalsAhead) return false;
  try {
    const { raw } = await client.workflow.getHandle(workflowIdOf(kind, processId)).describe();
    const waits = raw.pendingWorkflowTask?.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED;
    if (!waits) backlog.heard(processId);
    return waits;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    backlog.heard(processId);
    return false;
  }
}

/** Sends a process's workflow what it was not told, in two Signals at most; starts it where it is not there. */
export async function signal(deps: RelayDeps, untold: Untold, begins: boolean): Promise<void> {
  const { processId, kind, steps, facts } = untold;
  const machine = machineOf(kind);
  const { metrics, backlog, patience } = deps;
  const { workflow } = deps.client;
  const input: ProcessInput = { processId, ...(patience && { patience }) };
  const start = {
    taskQueue: deps.taskQueue,
    workflowId: workflowIdOf(kind, processId),
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [input] as [ProcessInput],
    staticSummary: machine.summary,
    staticDetails: detailsOf(processId, deps.publicUrl),
  };
  const last = steps.at(-1)?.n ?? Math.max(untold.told, 0);
  if (facts.length > 0) {
    await counted(metrics, untold, () =>
      workflow.signalWithStart(kind, { ...start, signal: 'paymentReported', signalArgs: [facts] }),
    );
    backlog.told(processId, last, begins);
  }
  if (steps.length > 0 || facts.length === 0) {
    const told = steps.map((step) => toldStep(machine, step));
    await counted(metrics, untold, () =>
      workflow.signalWithStart(kind, { ...start, signal: 'stepped', signalArgs: [told] }),
    );
    metrics.toldSteps.inc(steps.length);
    backlog.told(processId, last, begins);
  }
}

/** Markdown, as the Web UI shows it: with the way back to the case, where the names are that no history holds. */
function detailsOf(processId: string, publicUrl: string | undefined): string {
  const way = publicUrl ? `[Open the case](${publicUrl}/ops/cases/${processId}). ` : '';
  return `${way}Process ${processId}. What happened is in Postgres; this run keeps what was promised.`;
}

/** Counts one Signal, as sent or as failed. */
async function counted(metrics: Metrics, untold: Untold, send: () => Promise<unknown>): Promise<void> {
  try {
    await traced(untold, send);
  } catch (error) {
    metrics.relayFailures.inc();
    throw error;
  }
  metrics.told.inc();
}

/**
 * A Signal goes on with the last of what it tells. Where it tells of more, each of those has a span of its own that says
 * where it went on.
 */
async function traced({ kind, processId, traceparents }: Untold, send: () => Promise<unknown>): Promise<unknown> {
  if (!keepsTraces()) return send();
  const name = `signal ${kind}`;
  const attributes = { 'tandem.process_id': processId };
  const others = traceparents.slice(0, -1);
  const parent = traceparents.at(-1) ?? null;
  const along = (it: string) => {
    for (const other of others) beginSpan(name, { kind: 'producer', parent: other, links: [it], attributes })?.end();
  };
  return spanned(name, { kind: 'producer', parent, links: others, attributes }, () => {
    if (others.length > 0) along(traceparent() as string);
    return send();
  });
}
