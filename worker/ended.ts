import type { Client } from '@temporalio/client';
import type { Pool } from '#db/pool.ts';
import { listAwaited } from '#db/relays.ts';
import { conversationOf } from '#workflows/ids.ts';

/** Runs that somebody ended, or the server did, before they were done. */
const ENDED = "WorkflowType = 'collaboration' AND ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut')";
/** At its start a worker looks back so far: longer ago, another one did. */
const FIRST_LOOK_MS = 24 * 3_600_000;
/** After that, so far before its last look: what has ended is listed a moment later. */
const OVERLAP_MS = 60_000;
const AT_ONCE = 1_000;

/**
 * Finds deals that wait for something and whose run was ended: terminated in the Web UI, say. The sweep would not ring
 * for one that knows every step until its deadline passes; meanwhile nobody would be reminded, and no Update answered.
 */
export function createLookForEnded({ pool, client }: { pool: Pool; client: Client }) {
  /** Runs that were seen, each for as long as it may be listed again. */
  let seen = new Set<string>();
  let since = Date.now() - FIRST_LOOK_MS;

  return async function look(): Promise<readonly string[]> {
    const now = Date.now();
    const query = `${ENDED} AND CloseTime > '${new Date(since).toISOString()}'`;
    const listed = new Set<string>();
    const conversations = new Set<string>();
    for await (const { runId, workflowId } of client.workflow.list({ query })) {
      listed.add(runId);
      const conversationId = seen.has(runId) ? null : conversationOf(workflowId);
      if (conversationId !== null) conversations.add(conversationId);
      if (conversations.size === AT_ONCE) break;
    }
    const awaited = await listAwaited(pool, [...conversations]);
    // Where there are more, the next look is at the same time and passes over these.
    const more = conversations.size === AT_ONCE;
    if (!more) since = now - OVERLAP_MS;
    seen = more ? new Set([...seen, ...listed]) : listed;
    return awaited;
  };
}
