import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { conversationOf } from '#workflows/ids.ts';
import type { Metrics } from './metrics.ts';

/**
 * Runs that cannot go on: the server marks those whose workflow tasks failed or timed out several times in a row. An
 * upgrade may have made a history that no longer replays, or one has grown too long to be replayed in time.
 */
const STUCK =
  "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL AND WorkflowType IN ('collaboration', 'refund')";
/** Signals came while it completed a task: it is tried again with them, and goes on. */
const OVERTAKEN = /(?:UnhandledCommand|ForceCloseCommand)$/;
const AT_ONCE = 100;

export type StuckDeps = { client: Client; log: Logger; metrics: Metrics };

/**
 * Ends runs that cannot go on, and answers the conversations whose workflow is to be begun anew. Nothing is lost with a
 * run: the next one reads from Postgres. The SDK's own way, to let such a run fail (`workflowFailureErrorTypes`), sends
 * the commands of the new code along with the failure; the server refuses them where one starts a timer that the old
 * code has running, and the run is stuck all the same.
 */
export async function endStuckRuns({ client, log, metrics }: StuckDeps): Promise<string[]> {
  const ended: string[] = [];
  for await (const run of client.workflow.list({ query: STUCK, pageSize: AT_ONCE })) {
    const problems = run.searchAttributes.TemporalReportedProblems as string[] | undefined;
    if (problems?.some((problem) => OVERTAKEN.test(problem))) continue;
    try {
      await client.workflow
        .getHandle(run.workflowId, run.runId)
        .terminate(`Its workflow tasks fail (${problems?.join(', ')}): begun anew from Postgres`);
    } catch (error) {
      // It has ended meanwhile, perhaps by another worker.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    log.warn({ workflow_id: run.workflowId, run_id: run.runId, problems }, 'a run that could not go on was ended');
    metrics.stuckRuns.inc({ workflow: run.type });
    const conversationId = conversationOf(run.workflowId);
    if (conversationId !== null) ended.push(conversationId);
    if (ended.length === AT_ONCE) break;
  }
  return ended;
}
