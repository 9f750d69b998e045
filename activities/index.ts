import { createProviderActivities } from './calls.ts';
import type { ActivityDeps } from './deps.ts';
import { createJobActivities } from './job.ts';
import { createLooseRefundActivities } from './looseRefund.ts';
import { createNotificationActivities } from './notification.ts';
import { createProcessActivities } from './process.ts';

export type { ActivityDeps } from './deps.ts';

/** Everything workflows have done in the world but at providers, given what it takes to do it. */
export function createActivities(deps: ActivityDeps) {
  return { ...createProcessActivities(deps), ...createNotificationActivities(deps), ...createJobActivities(deps) };
}

/** What is done at a provider, on the task queue of its own. */
export function createCalls(deps: ActivityDeps) {
  return { ...createProviderActivities(deps), ...createLooseRefundActivities(deps) };
}
