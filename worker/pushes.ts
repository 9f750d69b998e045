import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { listOpenBroadcasts } from '#db/notification/broadcasts.ts';
import { listDuePushes, setPushesTold } from '#db/notification/pushes.ts';
import type { Pool } from '#db/pool.ts';
import { broadcastId, pushId } from '#workflows/ids.ts';

type Deps = { pool: Pool; client: Client; taskQueue: string };

const CALL_MS = 5_000;
const AT_ONCE = 256;
/** Side by side. */
const BATCH = 32;

/**
 * Starts, or rings, the workflow of everybody with a push that is due. Who was told is not told again for a minute: a
 * workflow that was ended meanwhile is started anew then.
 */
export async function startDuePushes({ pool, client, taskQueue }: Deps, now: string): Promise<void> {
  const userIds = await listDuePushes(pool, now, AT_ONCE);
  for (let at = 0; at < userIds.length; at += BATCH) {
    const batch = userIds.slice(at, at + BATCH);
    const results = await Promise.allSettled(
      batch.map((userId) =>
        client.withDeadline(Date.now() + CALL_MS, () =>
          client.workflow.signalWithStart('push', {
            taskQueue,
            workflowId: pushId(userId),
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
            args: [{ userId }] as [{ userId: string }],
            signal: 'pushDue',
            signalArgs: [],
            staticSummary: 'Notifications on their way to one user’s devices',
          }),
        ),
      ),
    );
    await setPushesTold(
      pool,
      batch.filter((_, place) => results[place]?.status === 'fulfilled'),
      now,
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

/** Starts the workflow of every announcement that is under way; one that runs already is left alone. */
export async function startBroadcasts({ pool, client, taskQueue }: Deps, now: string): Promise<void> {
  for (const id of await listOpenBroadcasts(pool, now, AT_ONCE)) {
    await client.withDeadline(Date.now() + CALL_MS, () =>
      client.workflow.start('broadcast', {
        taskQueue,
        workflowId: broadcastId(id),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        args: [{ broadcastId: id }] as [{ broadcastId: string }],
        staticSummary: 'An announcement to many',
      }),
    );
  }
}
