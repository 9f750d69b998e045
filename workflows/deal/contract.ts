/** What travels: a collaboration's requests, views and events as zod schemas. OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { isDuration } from '../durations.ts';
import { PARTIES, ROLES } from './parties.ts';
import { DURATION_KEYS, MAX_REPEATS } from './policy.ts';
import { STATES } from './states.ts';

/** In lower case, as we write them: a UUID may be sent in either. */
export const id = z.uuid().toLowerCase();
export const instant = z.iso.datetime();
export const party = z.enum(PARTIES).meta({ id: 'Party' });
export const state = z.enum(STATES).meta({ id: 'FlowState' });
export const chatStatus = z.enum(['automated', 'real_time', 'closed']).meta({ id: 'ChatStatus' });

const duration = z
  .string()
  .refine(isDuration, 'An ISO 8601 duration of weeks, days, hours, minutes and seconds, from PT1S to P366D')
  .describe('ISO 8601 duration, such as P7D or PT24H');

/** Deadlines and limits of a deal; what is left out takes its default. */
export const policyRequest = z
  .strictObject({
    ...(Object.fromEntries(DURATION_KEYS.map((key) => [key, duration.optional()])) as Record<
      (typeof DURATION_KEYS)[number],
      z.ZodOptional<typeof duration>
    >),
    default_release_percent: z.int().min(0).max(100).optional(),
    max_revisions: z.int().min(0).max(MAX_REPEATS).optional(),
    max_rounds: z.int().min(0).max(MAX_REPEATS).optional(),
  })
  .describe('Deadlines and limits; what is left out takes its default')
  .meta({ id: 'PolicyRequest' });

export const policy = z
  .object({
    ...(Object.fromEntries(DURATION_KEYS.map((key) => [key, z.string()])) as Record<
      (typeof DURATION_KEYS)[number],
      z.ZodString
    >),
    default_release_percent: z.int(),
    max_revisions: z.int(),
    max_rounds: z.int(),
  })
  .meta({ id: 'Policy' });

const button = z
  .object({
    id: z.string(),
    text: z.string(),
    style: z.enum(['success', 'danger', 'warning', 'primary', 'secondary']),
    action: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Button' });

export const inputField = z
  .object({
    id: z.string(),
    type: z.enum(['text', 'number', 'textarea', 'email']),
    placeholder: z.string(),
    required: z.boolean(),
    min: z.number().optional(),
    maxLength: z.int().optional(),
  })
  .meta({ id: 'InputField' });

export const submitButton = z.object({ text: z.string(), style: z.string() }).meta({ id: 'SubmitButton' });

/** What a page shows for the answer it awaits: buttons, or a field to fill. */
export const actionData = z
  .object({
    title: z.string(),
    subtitle: z.string(),
    buttons: z.array(button).optional(),
    input_field: inputField.optional(),
    submit_button: submitButton.optional(),
    flow_state: state,
    message_type: z.string(),
    visible_to: party,
  })
  .meta({ id: 'ActionData' });
export type ActionData = z.infer<typeof actionData>;

/** A button a caller may press now; `input_field` where it asks for something first, `input_type` to send that as text. */
export const allowedAction = button
  .extend({
    input_field: inputField.optional(),
    input_type: z.string().optional(),
  })
  .meta({ id: 'AllowedAction' });
export type AllowedAction = z.infer<typeof allowedAction>;

export const message = z
  .object({
    id,
    conversation_id: id,
    sender_id: id,
    receiver_id: id.nullable().describe('Null in a room: it is for everybody there'),
    message: z.string(),
    media_url: z.string().nullable(),
    message_type: z.enum(['user_input', 'system', 'automated', 'audit']),
    action_required: z.boolean(),
    action_data: actionData.nullable(),
    is_automated: z.boolean(),
    action_completed: z.boolean(),
    seen: z.boolean(),
    created_at: instant,
    edited_at: instant.nullish().describe('When its writer changed it'),
    deleted_at: instant.nullish().describe('When its writer deleted it; its words are gone'),
  })
  .meta({ id: 'Message' });
export type MessageView = z.infer<typeof message>;

/** Rupees as a decimal text such as "5000.00", or null. */
const rupees = z.string().nullable();

export const flowData = z
  .object({
    policy,
    proposed_amount: z.string(),
    offered_price: rupees,
    counter_price: rupees,
    agreed_price: rupees,
    platform_fee_bps: z.int().nullable(),
    negotiation_round: z.int(),
    revision_count: z.int(),
    project_details: z.string().nullable(),
    held: z.string(),
    dispute: z.object({ opened_by: party, reason: z.string(), statements: z.int() }).nullable(),
    ruling: z.object({ release_percent: z.int(), reason: z.string(), by: z.enum(ROLES) }).nullable(),
    closed_by: z.string().nullable(),
  })
  .meta({ id: 'FlowData' });

/** A conversation as one of its parties (or an administrator) sees it. */
export const conversation = z
  .object({
    id,
    kind: z.enum(['direct', 'campaign', 'bid', 'group', 'public']),
    campaign_id: id.nullable(),
    bid_id: id.nullable(),
    brand_owner_id: id.describe('One side; of a direct conversation and of a room whoever opened it'),
    influencer_id: id.nullable().describe('The other side; null in a room, which has members and no sides'),
    request_id: id.nullable(),
    chat_status: chatStatus,
    flow_state: state,
    awaiting_role: party.nullable(),
    automation_enabled: z.boolean(),
    current_action_data: actionData.nullable(),
    flow_data: flowData.nullable(),
    work_submission: z
      .object({
        deliverables: z.string(),
        description: z.string(),
        submission_notes: z.string(),
        submitted_at: instant,
      })
      .meta({ id: 'WorkSubmission' })
      .nullable(),
    work_submitted: z.boolean(),
    work_status: z.string().nullable(),
    submission_date: instant.nullable(),
    deadline: instant.nullable(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Conversation' });
export type ConversationView = z.infer<typeof conversation>;

/** Where a conversation stands. */
export const conversationStanding = z
  .object({
    conversation_id: id,
    flow_state: state,
    awaiting_role: party.nullable(),
    chat_status: chatStatus,
    deadline: instant.nullable(),
  })
  .meta({ id: 'ConversationStanding' });
export type ConversationStanding = z.infer<typeof conversationStanding>;

/** The same with what it awaits of the one who reads it. */
export const conversationContext = conversationStanding
  .extend({ current_action_data: actionData.nullable() })
  .meta({ id: 'ConversationContext' });
export type ConversationContext = z.infer<typeof conversationContext>;

export const flowUpdate = z
  .object({
    flow_state: state,
    awaiting_role: party.nullable(),
    chat_status: chatStatus,
    previous_state: state,
  })
  .meta({ id: 'FlowUpdate' });

/** Durable events of a collaboration, by name, with the data each carries. */
export const DEAL_EVENTS = {
  new_message: z
    .object({ conversation_id: id, message, conversation_context: conversationStanding.nullable() })
    .describe('A message was written in one of your conversations'),
  notification: z
    .object({
      type: z.string(),
      data: z
        .object({
          conversation_id: id,
          message: z.string(),
          sender_id: id,
        })
        .loose(),
    })
    .describe('Something waits for you'),
  message_seen: z
    .object({ messageId: id.nullable(), userId: id, conversationId: id })
    .describe('The other side has seen your messages'),
  conversation_state_changed: z
    .object({
      conversation_id: id,
      previous_state: state,
      new_state: state,
      reason: z.string(),
      timestamp: instant,
    })
    .describe('A deal moved on'),
  button_action: z
    .object({
      button_id: z.string(),
      message: z.string(),
      flow_update: flowUpdate,
      conversationId: id,
      conversation_context: conversationContext,
    })
    .describe('A button was pressed, by you or the other side'),
  text_input: z
    .object({
      input_type: z.string(),
      message: z.string(),
      flow_update: flowUpdate,
      conversationId: id,
      conversation_context: conversationContext,
    })
    .describe('A text input was answered, by you or the other side'),
} as const;
