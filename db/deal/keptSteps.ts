import { z } from 'zod';
import { dataOf, type StepEvent } from '#workflows/deal/announcements.ts';
import type { ActionData, MessageView } from '#workflows/deal/contract.ts';
import type { State } from '#workflows/deal/table.ts';
import type { KeptStep } from '../event/kept.ts';
import { type Executor, sql } from '../pool.ts';
import { newMessage } from '../talk/written.ts';

/** What a step's message has of its own. */
const message = z.object({
  id: z.string(),
  sender_id: z.string(),
  receiver_id: z.string(),
  message: z.string(),
  message_type: z.custom<MessageView['message_type']>(),
  action_data: z.custom<ActionData>().nullable(),
  created_at: z.string(),
});

const keptRow = z.object({
  process_id: z.string(),
  n: z.int(),
  command: z.string(),
  from_state: z.custom<State>(),
  to_state: z.custom<State>(),
  at: z.string(),
  deadline: z.string().nullable(),
  brand_owner_id: z.string(),
  messages: z.array(message),
});

/** Deals' steps with their messages as they were written. */
export async function listKeptDealSteps(
  executor: Executor,
  asked: readonly { processId: string; n: number }[],
): Promise<KeptStep[]> {
  const ids = asked.map(({ processId }) => processId);
  const numbers = asked.map(({ n }) => n);
  const rows = await executor.any(sql.prepared('list_kept_steps', keptRow)`
    SELECT steps.process_id, n, command, from_state, to_state, at, steps.deadline, brand_owner_id, messages
    FROM unnest(${sql.array(ids, 'uuid')}, ${sql.array(numbers, 'int4')}) AS asked (id, number)
    JOIN steps ON steps.process_id = asked.id AND n = asked.number
    JOIN conversations ON conversations.id = asked.id
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(line ORDER BY position), '[]') AS messages
      FROM (
        SELECT position, id, sender_id, receiver_id, message, message_type, action_data, created_at FROM messages
        WHERE conversation_id = asked.id AND position > said_before AND position <= steps.said
      ) AS line
    ) AS written
  `);
  return rows.map(keptStepOf);
}

function keptStepOf({ process_id: processId, n, brand_owner_id, ...row }: z.infer<typeof keptRow>): KeptStep {
  const { command: on, from_state: from, to_state: to, at, deadline } = row;
  const messages = row.messages.map((message) =>
    newMessage({
      ...message,
      conversation_id: processId,
      created_at: new Date(message.created_at).toISOString(),
    }),
  );
  const kept = { conversationId: processId, step: { on, from, to, at }, deadline, messages };
  return {
    processId,
    n,
    dataOf: (event, userId) =>
      dataOf(event as StepEvent, userId === brand_owner_id ? 'brand_owner' : 'influencer', kept),
  };
}
