import { createCollaborationActivities } from './collaboration.ts';
import type { ActivityDeps } from './deps.ts';
import { createRefundActivities } from './refund.ts';

export type { ActivityDeps } from './deps.ts';

/** Everything workflows have done in the world, given what it takes to do it. */
export function createActivities(deps: ActivityDeps) {
  return { ...createCollaborationActivities(deps), ...createRefundActivities(deps) };
}
