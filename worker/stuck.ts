import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { parseWorkflowId } from '#workflows/ids.ts';
import { WORKFLOW_TYPES } from '#workflows/kinds.ts';
import type { Metrics } from './metrics.ts';

/** All of them: whatever is not begun anew for its process is, by the sweep or by its Schedule. */
const TYPES = WORKFLOW_TYPES.map((type) => `'${type}'`).join(', ');

/**
 * Runs that cannot go on: the server marks those whose workflow tasks failed or timed out several times in a row. An
 * upgrade may have made a history that no longer replays, or one has grown too long to be replayed in time.
 */
const STUCK = `ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL AND WorkflowType IN (${TYPES})`;
/** Signals came while it completed a task: it is tried again with them, and goes on. */
const OVERTAKEN = /(?:UnhandledCommand|ForceCloseCommand)$/;
/** Ended by one look, and so many of them side by side: 300 that were ended one after the other took minutes. */
const AT_ONCE = 400;
const SIDE_BY_SIDE = 16;

export type StuckDeps = { client: Client; log: Logger; metrics: Metrics };

/**
 * Ends runs that cannot go on, and rings for each process whose workflow is to be begun anew. Nothing is lost with a run:
 * the next one reads from Postgres. Answers how many. The SDK's own way, to let such a run fail
 * (`workflowFailureErrorTypes`), sends the commands of the new code along with the failure; the server refuses them where
 * one starts a timer that the old code has running, and the run is stuck all the same.
 */
export async function endStuckRuns(deps: StuckDeps, ring: (processId: string) => void): Promise<number> {
  const { client, log, metrics } = deps;
  let ended = 0;
  let failed: unknown = null;
  const ending = new Set<Promise<void>>();

  async function end(run: { workflowId: string; runId: string; type: string }, problems: string[]): Promise<void> {
    try {
      await client.workflow
        .getHandle(run.workflowId, run.runId)
        .terminate(`Its workflow tasks fail (${problems.join(', ')}): begun anew from Postgres`);
    } catch (error) {
      // It has ended meanwhile, perhaps by another worker.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    log.warn({ workflow_id: run.workflowId, run_id: run.runId, problems }, 'a run that could not go on was ended');
    metrics.stuckRuns.inc({ workflow: run.type });
    ended += 1;
    const process = parseWorkflowId(run.workflowId);
    if (process !== null) ring(process.id);
  }

  for await (const run of client.workflow.list({ query: STUCK, pageSize: 100 })) {
    const problems = (run.searchAttributes.TemporalReportedProblems as string[] | undefined) ?? [];
    if (problems.some((problem) => OVERTAKEN.test(problem))) continue;
    const one = end(run, problems)
      .catch((error: unknown) => {
        failed ??= error;
      })
      .finally(() => ending.delete(one));
    ending.add(one);
    if (ending.size >= SIDE_BY_SIDE) await Promise.race(ending);
    if (ended >= AT_ONCE || failed !== null) break;
  }
  await Promise.all(ending);
  if (failed !== null) throw failed;
  return ended;
}
