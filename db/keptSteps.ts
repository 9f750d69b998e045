import { z } from 'zod';
import type { KeptStep } from '#workflows/collaboration/announcements.ts';
import type { ActionData, MessageView } from '#workflows/collaboration/contract.ts';
import type { CommandName, Party, State } from '#workflows/collaboration/table.ts';
import { newMessage } from './messages.ts';
import { type Executor, sql } from './pool.ts';

/** A step with all that is kept of it, and which side of its deal somebody is. */
export type KeptStepOf = KeptStep & { n: number; sideOf(userId: string): Party };

/** What a step's message has of its own. */
const message = z.object({
  id: z.string(),
  sender_id: z.string(),
  receiver_id: z.string(),
  message: z.string(),
  message_type: z.custom<MessageView['message_type']>(),
  action_data: z.custom<ActionData>().nullable(),
});

const keptRow = z.object({
  conversation_id: z.string(),
  n: z.int(),
  command: z.custom<CommandName>(),
  from_state: z.custom<State>(),
  to_state: z.custom<State>(),
  at: z.string(),
  deadline: z.string().nullable(),
  brand_owner_id: z.string(),
  messages: z.array(message),
});

/** Steps with their messages as they were written, by conversation and number; those that are not there are left out. */
export async function listKeptSteps(
  executor: Executor,
  asked: readonly { conversationId: string; n: number }[],
): Promise<KeptStepOf[]> {
  if (asked.length === 0) return [];
  const ids = asked.map(({ conversationId }) => conversationId);
  const numbers = asked.map(({ n }) => n);
  const rows = await executor.any(sql.prepared('list_kept_steps', keptRow)`
    SELECT steps.conversation_id, n, command, from_state, to_state, at, steps.deadline, brand_owner_id, messages
    FROM unnest(${sql.array(ids, 'uuid')}, ${sql.array(numbers, 'int4')}) AS asked (id, number)
    JOIN steps ON steps.conversation_id = asked.id AND n = asked.number
    JOIN conversations ON conversations.id = asked.id
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(line ORDER BY position), '[]') AS messages
      FROM (
        SELECT position, id, sender_id, receiver_id, message, message_type, action_data FROM messages
        WHERE conversation_id = asked.id AND position > said_before AND position <= steps.said
      ) AS line
    ) AS written
  `);
  return rows.map(keptStepOf);
}

function keptStepOf({
  conversation_id: conversationId,
  n,
  brand_owner_id,
  ...row
}: z.infer<typeof keptRow>): KeptStepOf {
  const { command: on, from_state: from, to_state: to, at, deadline } = row;
  return {
    conversationId,
    n,
    step: { on, from, to, at },
    deadline,
    messages: row.messages.map((message) =>
      newMessage({ ...message, conversation_id: conversationId, created_at: at }),
    ),
    sideOf: (userId) => (userId === brand_owner_id ? 'brand_owner' : 'influencer'),
  };
}
