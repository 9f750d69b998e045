import proto from '@temporalio/proto';
import type { Release } from '#worker/cluster.ts';
import type { Parts } from './parts.ts';
import { until } from './person.ts';

/** How a release is taken into use, and which of them does a process's work. */

/** What `temporal worker deployment set-current-version` does. */
export async function use(
  { client, namespace, taskQueue }: Pick<Parts, 'client' | 'namespace' | 'taskQueue'>,
  { deploymentName, buildId }: Release,
): Promise<void> {
  await until(
    () =>
      client.workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId }).then(
        () => true,
        // Its workers have not been heard of yet.
        () => false,
      ),
    (used) => used,
  );
  // What was said comes to the queue later: until then it gives tasks to the release before.
  await until(
    async () => {
      const { versioningInfo } = await client.workflowService.describeTaskQueue({
        ...{ namespace, taskQueue: { name: taskQueue } },
        taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      });
      return versioningInfo?.currentDeploymentVersion?.buildId;
    },
    (current) => current === buildId,
  );
}

/** The build id of the workers that a process's run was last given to. */
export async function runBy(parts: Parts, id: string, kind = 'deal'): Promise<string | null | undefined> {
  const { raw } = await parts.workflowOf(id, kind).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}
