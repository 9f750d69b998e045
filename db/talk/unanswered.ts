import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { sql, type Transaction } from '../pool.ts';

const DAY_S = 24 * 60 * 60;
const DAY_MS = DAY_S * 1_000;

const written = z.object({ created_at: z.string(), answered: z.boolean() });

/**
 * Refuses who writes to somebody that never answered, beyond so many messages a day. Of messages sent in the same
 * instant a few more may pass. RATE_LIMITED, naming the limit.
 */
export async function refuseUnanswered(
  transaction: Transaction,
  conversationId: string,
  senderId: string,
  now: string,
): Promise<void> {
  const many = TALK_LIMITS.unanswered;
  const row = await transaction.maybeOne(sql.type(written)`
    SELECT created_at, EXISTS (
      SELECT FROM messages AS answer WHERE answer.conversation_id = ${conversationId} AND answer.sender_id <> ${senderId}
    ) AS answered
    FROM messages WHERE conversation_id = ${conversationId}
    ORDER BY position DESC LIMIT 1 OFFSET ${many - 1}
  `);
  if (!row || row.answered) return;
  const left = Date.parse(row.created_at) + DAY_MS - Date.parse(now);
  if (left <= 0) return;
  const retryAfter = Math.ceil(left / 1_000);
  throw new Failure(
    'RATE_LIMITED',
    `They have not answered: at most ${many} messages a day can be sent until they do.`,
    {
      retryAfter,
      details: { limit: 'unanswered_messages', allowed: many, per_seconds: DAY_S, retry_after: retryAfter },
    },
  );
}
