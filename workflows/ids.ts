/** Workflow id = business id, by these functions and nowhere else. */

/** The workflow of a deal, by its conversation's id. */
export function collaborationId(conversationId: string): string {
  return `collaboration-${conversationId}`;
}

/** Whose deal's workflow an id names; null where it names another kind of workflow. */
export function conversationOf(workflowId: string): string | null {
  const prefix = collaborationId('');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : null;
}

/** The workflow of a refund that belongs to no deal, by the refund's id. */
export function looseRefundId(refundId: string): string {
  return `refund-${refundId}`;
}

/** The text where it is a UUID, else null: what a stranger sent is compared with ids by their index, and never fails. */
export function asUuid(text: string | null | undefined): string | null {
  return text && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : null;
}
