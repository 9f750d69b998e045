import { rowsOf } from '../kinds.ts';
import { type Pool, sql } from '../pool.ts';
import { writeNote } from './notes.ts';
import { lockProcess } from './processes.ts';

/** Reminds whoever is awaited, once an entry and kind, and not when the process has moved on. True when it was sent now. */
export async function sendReminder(
  pool: Pool,
  reminder: {
    processId: string;
    entry: number;
    kind: string;
    deadline: string;
    now: string;
    systemUserId: string;
  },
): Promise<boolean> {
  const { processId, entry, kind, deadline, now, systemUserId } = reminder;
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, processId);
    if (!stored || stored.process.entry !== entry) return false;
    const sent = await transaction.maybeOne(sql.typeAlias('id')`
      INSERT INTO reminders (process_id, entry, kind, sent_at)
      VALUES (${processId}, ${entry}, ${kind}, ${now}::timestamptz)
      ON CONFLICT DO NOTHING RETURNING process_id AS id
    `);
    if (!sent) return false;
    const note = rowsOf(stored.process.kind).remindOf(stored, { kind, deadline }, { now, systemUserId });
    await writeNote(transaction, processId, note, now);
    return true;
  });
}
