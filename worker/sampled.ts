import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { WORKFLOW_TYPES } from '#workflows/kinds.ts';
import { workflowBundle } from './bundle.ts';

/** Runs that are looked through for one that is taken: the newest alone would be much alike. */
const LOOKED_THROUGH = 10;
const STANDINGS = { 'that run': "ExecutionStatus = 'Running'", 'that ended': "ExecutionStatus = 'Completed'" };

export type Sampled = {
  type: string;
  standing: string;
  replayed: number;
  failed: { workflowId: string; runId: string; why: string }[];
};

export type Sampling = {
  /** So many of each type that run, and as many that ended. */
  each: number;
  dataConverter?: DataConverter | undefined;
  /** Of another release's workflows; this one's where it is left out. */
  workflowsPath?: string;
};

/** Replays what a cluster has, taken at even distances from its newest runs, against this code: what a release comes upon. */
export async function replaySampled(
  client: Client,
  { each, dataConverter, workflowsPath }: Sampling,
): Promise<Sampled[]> {
  const options = { workflowBundle: await workflowBundle({ workflowsPath }), ...(dataConverter && { dataConverter }) };
  const sampled: Sampled[] = [];
  for (const type of WORKFLOW_TYPES) {
    for (const [standing, query] of Object.entries(STANDINGS)) {
      const runs = await sample(client, `WorkflowType = '${type}' AND ${query}`, each);
      if (runs.length === 0) continue;
      const found: Sampled = { type, standing, replayed: 0, failed: [] };
      for await (const { workflowId, runId, error } of Worker.runReplayHistories(options, histories(client, runs))) {
        if (error) found.failed.push({ workflowId, runId, why: error.message });
        else found.replayed += 1;
      }
      sampled.push(found);
    }
  }
  return sampled;
}

type Run = { workflowId: string; runId: string };

/** Runs of a type, of those that run and of those that ended, at even distances from the newest. */
export async function sampleRuns(client: Client, type: string, each: number): Promise<Run[]> {
  const queries = Object.values(STANDINGS).map((query) =>
    sample(client, `WorkflowType = '${type}' AND ${query}`, each),
  );
  return (await Promise.all(queries)).flat();
}

async function sample(client: Client, query: string, each: number): Promise<Run[]> {
  const runs: Run[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    runs.push({ workflowId, runId });
    if (runs.length === LOOKED_THROUGH * each) break;
  }
  const step = Math.max(1, runs.length / each);
  return Array.from({ length: Math.min(each, runs.length) }, (_, n) => runs[Math.floor(n * step)] as Run);
}

async function* histories(client: Client, runs: readonly Run[]) {
  for (const { workflowId, runId } of runs) {
    yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
  }
}
