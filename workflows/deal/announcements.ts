/**
 * Which durable events a step makes, and for whom. When the step is taken it is fixed which they are, as each has a
 * number, and whatever the step itself does not say. The rest, which is most, is made of the step and its messages when
 * somebody reads: so that is written once, and not once for each event and reader.
 */
import { awaitedAction } from './actions.ts';
import type { InputType } from './commands/entry.ts';
import type { ActionData, ConversationContext, ConversationStanding, MessageView } from './contract.ts';
import type { Party } from './parties.ts';
import { awaitingRole } from './stateEntries.ts';
import { chatStatus, type State } from './states.ts';
import type { Deal, DealStep } from './terms.ts';
import { actionFor, messageFor, standingOf } from './view.ts';

/** How a person gave the command; null for what time and providers do. */
export type Via = { button_id: string } | { input_type: InputType } | null;

export type Parties = Record<Party, string>;

/** An event of a step, for one side. `message` is which of the step's messages, counted from 0. */
export type StepEvent =
  | { name: 'new_message'; message: number }
  | { name: 'conversation_state_changed' }
  | { name: 'button_action'; button_id: string; asked?: Asked }
  | { name: 'text_input'; input_type: InputType; asked?: Asked }
  | { name: 'notification' };

/** What this side is asked, where none of the step's messages asks but an earlier one. */
type Asked = ActionData;

/** A step with all that is kept of it. */
export type KeptStep = {
  conversationId: string;
  step: { on: string; from: State; to: State; at: string };
  /** The deal's, after it. */
  deadline: string | null;
  /** As they were when the step wrote them. */
  messages: readonly MessageView[];
};

export function flowUpdateOf(from: State, to: State) {
  return { flow_state: to, awaiting_role: awaitingRole(to), chat_status: chatStatus(to), previous_state: from };
}

/** What a click or an input came to: its giver is answered with it, and both sides are told. */
export function outcomeOf(
  via: NonNullable<Via>,
  { from, to }: { from: State; to: State },
  messages: readonly MessageView[],
  conversation_context: ConversationContext,
) {
  return {
    ...via,
    message: saidBy(messages)?.message ?? '',
    flow_update: flowUpdateOf(from, to),
    conversation_context,
  };
}

/** The data of `new_message`, for one side. */
export function messageTold(side: Party, message: MessageView, conversation_context: ConversationStanding) {
  return { conversation_id: message.conversation_id, message: messageFor(side, message), conversation_context };
}

/** What one side hears of a step, in the order in which a client should see it. */
export function eventsFor(
  side: Party,
  userId: string,
  step: DealStep,
  deal: Deal,
  messages: readonly MessageView[],
  via: Via,
): StepEvent[] {
  const events: StepEvent[] = [];
  for (const [place, message] of messages.entries()) {
    if (message.message_type === 'audit' && message.receiver_id !== userId) continue;
    events.push({ name: 'new_message', message: place });
  }
  if (step.to !== step.from) events.push({ name: 'conversation_state_changed' });
  if (via) {
    const asked = messages.some((message) => message.action_required) ? null : actionFor(side, awaitedAction(deal));
    const name = 'button_id' in via ? 'button_action' : 'text_input';
    events.push({ name, ...via, ...(asked && { asked }) } as StepEvent);
  }
  const concerned = awaitingRole(deal.state) === side || step.to !== step.from;
  if (messages.length > 0 && side !== step.by && concerned) events.push({ name: 'notification' });
  return events;
}

/** The data of one side's event, as its schema says. Throws where the step has no such message. */
export function dataOf(event: StepEvent, side: Party, kept: KeptStep): Record<string, unknown> {
  const { conversationId, step, deadline, messages } = kept;
  const standing = standingOf(conversationId, step.to, deadline);
  switch (event.name) {
    case 'new_message':
      return messageTold(side, messageAt(messages, event.message), standing);
    case 'conversation_state_changed':
      return {
        conversation_id: conversationId,
        previous_state: step.from,
        new_state: step.to,
        reason: step.on,
        timestamp: step.at,
      };
    case 'button_action':
    case 'text_input': {
      const { name: _, asked = null, ...via } = event;
      const asking = messages.find((message) => message.action_required);
      const current_action_data = asking ? actionFor(side, asking.action_data) : asked;
      return { ...outcomeOf(via, step, messages, { ...standing, current_action_data }), conversationId };
    }
    case 'notification': {
      const { message, sender_id } = saidBy(messages) ?? messageAt(messages, 0);
      return { type: step.on, data: { conversation_id: conversationId, message, sender_id } };
    }
  }
}

/** The sentence that stands for all of a step's messages: the first that both sides may read. */
function saidBy(messages: readonly MessageView[]): MessageView | undefined {
  return messages.find((message) => message.message_type !== 'audit') ?? messages[0];
}

function messageAt(messages: readonly MessageView[], place: number): MessageView {
  const message = messages[place];
  if (!message) throw new RangeError(`a step has ${messages.length} messages, and none at ${place}`);
  return message;
}
