/** Which durable events a step makes, and for whom. */
import type { ConversationStanding, MessageView } from './contract.ts';
import type { Deal, Step } from './flow.ts';
import { awaitingRole, chatStatus, type InputType, type Party } from './table.ts';
import { contextFor, messageFor, standingOf } from './view.ts';

export type Announcement = { user_id: string; name: string; data: Record<string, unknown> };

/** How a person gave the command; null for what time and providers do. */
export type Via = { button_id: string } | { input_type: InputType } | null;

export type Parties = Record<Party, string>;

const SIDES: readonly Party[] = ['brand_owner', 'influencer'];

export function flowUpdateOf(before: Deal, deal: Deal) {
  return {
    flow_state: deal.state,
    awaiting_role: awaitingRole(deal.state),
    chat_status: chatStatus(deal.state),
    previous_state: before.state,
  };
}

/** Events of a step, in the order in which a client should see them. `messages` are those the step wrote. */
export function announcementsOf(
  before: Deal,
  step: Step,
  deal: Deal,
  parties: Parties,
  messages: readonly MessageView[],
  via: Via,
): Announcement[] {
  const actor = SIDES.find((side) => side === step.by) ?? null;
  const said = messages.find((message) => message.message_type !== 'audit') ?? messages[0];
  const standing = standingOf(deal);
  const announcements: Announcement[] = [];
  for (const side of SIDES) {
    const user_id = parties[side];
    const tell = (name: string, data: Record<string, unknown>) => announcements.push({ user_id, name, data });
    for (const message of messages) tellOf(message, side, user_id, standing, tell);
    if (step.to !== step.from) {
      tell('conversation_state_changed', {
        conversation_id: deal.id,
        previous_state: step.from,
        new_state: step.to,
        reason: step.on,
        timestamp: step.at,
      });
    }
    if (via) {
      tell('button_id' in via ? 'button_action' : 'text_input', {
        ...via,
        message: said?.message ?? '',
        flow_update: flowUpdateOf(before, deal),
        conversationId: deal.id,
        conversation_context: contextFor(side, deal),
      });
    }
    if (said && side !== actor && (awaitingRole(deal.state) === side || step.to !== step.from)) {
      tell('notification', {
        type: step.on,
        data: { conversation_id: deal.id, message: said.message, sender_id: said.sender_id },
      });
    }
  }
  return announcements;
}

function tellOf(
  message: MessageView,
  side: Party,
  userId: string,
  standing: ConversationStanding,
  tell: (name: string, data: Record<string, unknown>) => void,
): void {
  if (message.message_type === 'audit' && message.receiver_id !== userId) return;
  tell('new_message', {
    conversation_id: message.conversation_id,
    message: messageFor(side, message),
    conversation_context: standing,
  });
}
