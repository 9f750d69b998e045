/** What whoever pressed a button or filled a field is answered. Remembered with an idempotency key: so it is pure. */
import { missingField } from './actions.ts';
import { flowUpdateOf, outcomeOf, type Via } from './announcements.ts';
import type { MessageView } from './contract.ts';
import type { Deal, DealStep } from './terms.ts';
import { contextFor, type Viewer } from './view.ts';

/** Of a click that was taken. */
export function takenAnswer(
  { step, deal, messages }: { step: DealStep; deal: Deal; messages: readonly MessageView[] },
  as: Viewer,
  via: NonNullable<Via>,
): Record<string, unknown> {
  const { from, to } = step as DealStep & { from: Deal['state']; to: Deal['state'] };
  return { success: true, data: outcomeOf(via, { from, to }, messages, contextFor(as, deal)) };
}

/** Of one that changes nothing: it lacked data, or what it asks for holds already. */
export function unchangedAnswer(
  deal: Deal,
  as: Viewer,
  via: NonNullable<Via>,
  on: string,
  missing: string | null,
): Record<string, unknown> {
  const context = contextFor(as, deal);
  return {
    success: true,
    data: {
      ...via,
      message: context.current_action_data?.subtitle ?? 'This needs something more from you.',
      flow_update: flowUpdateOf(deal.state, deal.state),
      conversation_context: context,
      ...(missing !== null && missingField(deal, on, missing)),
    },
  };
}
