import { announce } from '../event/announce.ts';
import { sql, type Transaction } from '../pool.ts';
import { raised, writeMessages } from '../talk/written.ts';
import type { Note } from './kind.ts';

/** Tells people something without a step, last in a transaction that has the process locked. */
export async function writeNote(transaction: Transaction, processId: string, note: Note, now: string): Promise<void> {
  const { messages, events } = note;
  if (messages.length > 0) {
    const { said, updated_at } = await transaction.one(sql.type(raised)`
      UPDATE conversations SET said = said + ${messages.length}, updated_at = GREATEST(updated_at, ${now}::timestamptz)
      WHERE id = ${processId} RETURNING said, updated_at
    `);
    await writeMessages(transaction, processId, said - messages.length, updated_at, messages);
  }
  await announce(transaction, events);
}
