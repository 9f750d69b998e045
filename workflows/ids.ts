/** Workflow id = business id, by these functions and nowhere else. */

/** The workflow of a process. */
export function workflowIdOf(kind: string, processId: string): string {
  return `${kind}-${processId}`;
}

/** Which process a workflow's id names; null where it names another kind of workflow. */
export function parseWorkflowId(workflowId: string): { kind: string; id: string } | null {
  const [, kind, id] = /^([A-Za-z_]+)-(.+)$/.exec(workflowId) ?? [];
  return kind && id && asUuid(id) && kind !== 'refund' ? { kind, id } : null;
}

/** The workflow of a refund that belongs to no process, by the refund's id. */
export function looseRefundId(refundId: string): string {
  return `refund-${refundId}`;
}

/** The workflow that pushes to one user's devices. */
export function pushId(userId: string): string {
  return `push-${userId}`;
}

/** The workflow of an announcement to many. */
export function broadcastId(id: string): string {
  return `broadcast-${id}`;
}

/** The text where it is a UUID, else null: what a stranger sent is compared with ids by their index, and never fails. */
export function asUuid(text: string | null | undefined): string | null {
  return text && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : null;
}
