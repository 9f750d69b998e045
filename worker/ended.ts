import type { Client } from '@temporalio/client';
import type { Pool } from '#db/pool.ts';
import { listAwaited } from '#db/process/relays.ts';
import { parseWorkflowId } from '#workflows/ids.ts';
import { KINDS } from '#workflows/kinds.ts';

const KIND_TYPES = `WorkflowType IN (${KINDS.map((kind) => `'${kind}'`).join(', ')})`;

/** Runs that somebody ended, or the server did, before they were done. */
const ENDED = `${KIND_TYPES} AND ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut')`;
/** At its start a worker looks back so far: longer ago, another one did. */
const FIRST_LOOK_MS = 24 * 3_600_000;
/** After that, so far before its last look: what has ended is listed a moment later. */
const OVERLAP_MS = 60_000;
const AT_ONCE = 1_000;
/** Workflows that one query asks for by their ids. */
const ASKED_AT_ONCE = 100;

/**
 * Finds processes that wait for something and whose run was ended: terminated in the Web UI, say. The sweep would not
 * ring for one that knows every step until its deadline passes; meanwhile nobody would be reminded, and no Update
 * answered. Those that have another run by now are left alone: at its start a worker sees a day's, of which most have.
 */
export function createLookForEnded({ pool, client }: { pool: Pool; client: Client }) {
  /** Runs that were seen, each for as long as it may be listed again. */
  let seen = new Set<string>();
  let since = Date.now() - FIRST_LOOK_MS;

  return async function look(): Promise<readonly string[]> {
    const now = Date.now();
    const query = `${ENDED} AND CloseTime > '${new Date(since).toISOString()}'`;
    const listed = new Set<string>();
    const workflows = new Map<string, string>();
    for await (const { runId, workflowId } of client.workflow.list({ query })) {
      listed.add(runId);
      const process = seen.has(runId) ? null : parseWorkflowId(workflowId);
      if (process !== null) workflows.set(workflowId, process.id);
      if (workflows.size === AT_ONCE) break;
    }
    const more = workflows.size === AT_ONCE;
    for (const workflowId of await listLiving(client, [...workflows.keys()])) workflows.delete(workflowId);
    const awaited = await listAwaited(pool, [...workflows.values()]);
    // Where there are more, the next look is at the same time and passes over these.
    if (!more) since = now - OVERLAP_MS;
    seen = more ? new Set([...seen, ...listed]) : listed;
    return awaited;
  };
}

/** Which of these workflows have a run that lives. */
async function listLiving(client: Client, workflowIds: readonly string[]): Promise<Set<string>> {
  const living = new Set<string>();
  for (let from = 0; from < workflowIds.length; from += ASKED_AT_ONCE) {
    const asked = workflowIds.slice(from, from + ASKED_AT_ONCE).map((id) => `'${id}'`);
    const query = `ExecutionStatus = 'Running' AND WorkflowId IN (${asked.join(', ')})`;
    for await (const { workflowId } of client.workflow.list({ query })) living.add(workflowId);
  }
  return living;
}
