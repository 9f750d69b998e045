/** How one side sees a deal: action data is shown to the side it asks, audit lines to their receiver alone. */
import { formatDecimal } from '../money.ts';
import { awaitedAction } from './actions.ts';
import type { ActionData, ConversationContext, ConversationStanding, MessageView } from './contract.ts';
import { deadlineOf } from './deadline.ts';
import type { Party } from './parties.ts';
import { awaitingRole } from './stateEntries.ts';
import { chatStatus, type State } from './states.ts';
import type { Deal } from './terms.ts';

/** Who looks: a party, or an administrator, who sees everything. */
export type Viewer = Party | 'admin';

export function actionFor(viewer: Viewer, action: ActionData | null): ActionData | null {
  return action && (viewer === 'admin' || action.visible_to === viewer) ? action : null;
}

export function messageFor(viewer: Viewer, message: MessageView): MessageView {
  const action = actionFor(viewer, message.action_data);
  return action === message.action_data ? message : { ...message, action_data: action };
}

export function standingOf(conversationId: string, state: State, deadline: string | null): ConversationStanding {
  return {
    conversation_id: conversationId,
    flow_state: state,
    awaiting_role: awaitingRole(state),
    chat_status: chatStatus(state),
    deadline,
  };
}

export function contextFor(viewer: Viewer, deal: Deal): ConversationContext {
  const standing = standingOf(deal.id, deal.state, deadlineOf(deal));
  return { ...standing, current_action_data: actionFor(viewer, awaitedAction(deal)) };
}

/** What a conversation shows of its deal, as one side sees it. */
export function termsView(viewer: Viewer, deal: Deal) {
  const { work } = deal.terms;
  return {
    chat_status: chatStatus(deal.state),
    awaiting_role: awaitingRole(deal.state),
    automation_enabled: chatStatus(deal.state) === 'automated',
    current_action_data: actionFor(viewer, awaitedAction(deal)),
    flow_data: flowDataView(deal),
    work_submission: work,
    work_submitted: work !== null && deal.state !== 'work_in_progress',
    work_status: workStatus(deal),
    submission_date: work?.submitted_at ?? null,
  };
}

/** The same of a conversation that is about no deal. */
export const directView = {
  chat_status: 'real_time',
  awaiting_role: null,
  automation_enabled: false,
  current_action_data: null,
  flow_data: null,
  work_submission: null,
  work_submitted: false,
  work_status: null,
  submission_date: null,
} as const;

/** The terms as the seed's `flow_data`: rupees as decimal text. */
export function flowDataView({ terms, held }: Pick<Deal, 'terms' | 'held'>) {
  const rupees = (paise: string | null): string | null => (paise === null ? null : formatDecimal(BigInt(paise), 'INR'));
  return {
    policy: terms.policy,
    proposed_amount: rupees(terms.proposed) ?? '0.00',
    offered_price: rupees(terms.offer),
    counter_price: rupees(terms.counter),
    agreed_price: rupees(terms.agreed),
    platform_fee_bps: terms.fee_bps,
    negotiation_round: terms.rounds,
    revision_count: terms.revisions,
    project_details: terms.details,
    held: rupees(held) ?? '0.00',
    dispute: terms.dispute,
    ruling: terms.ruling,
    closed_by: terms.closed_by,
  };
}

/** The seed's `work_status`; null before anything was submitted. */
export function workStatus(deal: Deal): string | null {
  if (!deal.terms.work) return null;
  switch (deal.state) {
    case 'work_submitted':
      return 'submitted';
    case 'work_in_progress':
      return 'revision_requested';
    case 'work_approved':
      return 'approved';
    case 'disputed':
      return 'disputed';
    default:
      return deal.terms.ruling ? 'ruled' : deal.state === 'real_time' ? 'approved' : (deal.terms.closed_by ?? 'closed');
  }
}
