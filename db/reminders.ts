import { awaitingRole, type Party } from '#workflows/collaboration/table.ts';
import { announce } from './announce.ts';
import { lockDeal } from './deals.ts';
import { messageOf, raised, writeMessages } from './messages.ts';
import { type Pool, sql } from './pool.ts';

export type ReminderKind = 'half_time' | 'last_day';

/** Reminds whoever is awaited, once an entry and kind, and not when the deal has moved on. True when it was sent now. */
export async function sendReminder(
  pool: Pool,
  reminder: {
    conversationId: string;
    entry: number;
    kind: ReminderKind;
    deadline: string;
    now: string;
    systemUserId: string;
  },
): Promise<boolean> {
  const { conversationId, entry, kind, deadline, now, systemUserId } = reminder;
  return pool.transaction(async (transaction) => {
    const stored = await lockDeal(transaction, conversationId);
    if (!stored || stored.deal.entry !== entry) return false;
    const sent = await transaction.maybeOne(sql.typeAlias('id')`
      INSERT INTO reminders (conversation_id, entry, kind, sent_at)
      VALUES (${conversationId}, ${entry}, ${kind}, ${now}::timestamptz)
      ON CONFLICT DO NOTHING RETURNING conversation_id AS id
    `);
    if (!sent) return false;
    const awaited = awaitingRole(stored.deal.state);
    const parties: Party[] = awaited ? [awaited] : ['brand_owner', 'influencer'];
    const message = `Reminder: this deal waits for ${awaited ? 'your answer' : 'a ruling'} until ${deadline}.`;
    const lines = parties.map((to) => ({ type: 'system', from: 'system', to, text: message, action: null }) as const);
    const { said } = await transaction.one(sql.type(raised)`
      UPDATE conversations SET said = said + ${lines.length} WHERE id = ${conversationId} RETURNING said
    `);
    await writeMessages(
      transaction,
      conversationId,
      said - lines.length,
      lines.map((line) =>
        messageOf(line, { conversationId, parties: stored.parties, actorId: null, systemUserId, at: now }),
      ),
    );
    await announce(
      transaction,
      parties.map((party) => ({
        user_id: stored.parties[party],
        name: 'notification',
        data: {
          type: 'reminder',
          data: { conversation_id: conversationId, message, sender_id: systemUserId, kind, deadline },
        },
      })),
    );
    return true;
  });
}
