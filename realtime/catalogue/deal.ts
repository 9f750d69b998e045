import { DEAL_EVENTS } from '#workflows/deal/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const { conversation_state_changed, button_action, text_input } = DEAL_EVENTS;

const TOLD = {
  class: 'durable',
  from: ['Stoory'],
  rooms: ['user'],
  hears: 'both sides of the deal',
  built: true,
} as const;
const UPDATE = {
  flow_state: 'brand_owner_details',
  awaiting_role: 'brand_owner',
  chat_status: 'automated',
  previous_state: 'influencer_responding',
} as const;
const CONTEXT = {
  conversation_id: PERSONS.thing,
  flow_state: 'brand_owner_details',
  awaiting_role: 'brand_owner',
  chat_status: 'automated',
  deadline: PERSONS.at,
  current_action_data: null,
} as const;

/** A deal that moves on. Its messages are of `talk`. */
export const deal = {
  name: 'deal',
  events: {
    conversation_state_changed: event({
      ...TOLD,
      schema: conversation_state_changed,
      summary: conversation_state_changed.description ?? '',
      example: {
        conversation_id: PERSONS.thing,
        previous_state: 'influencer_responding',
        new_state: 'brand_owner_details',
        reason: 'accept_connection',
        timestamp: PERSONS.at,
      },
    }),
    button_action: event({
      ...TOLD,
      schema: button_action,
      summary: button_action.description ?? '',
      example: {
        button_id: 'accept_connection',
        message: 'The connection was accepted.',
        flow_update: UPDATE,
        conversationId: PERSONS.thing,
        conversation_context: CONTEXT,
      },
    }),
    text_input: event({
      ...TOLD,
      schema: text_input,
      summary: text_input.description ?? '',
      example: {
        input_type: 'project_details',
        message: 'Three posts in May.',
        flow_update: { ...UPDATE, flow_state: 'influencer_reviewing', previous_state: 'brand_owner_details' },
        conversationId: PERSONS.thing,
        conversation_context: { ...CONTEXT, flow_state: 'influencer_reviewing', awaiting_role: 'influencer' },
      },
    }),
  },
} satisfies Domain;
