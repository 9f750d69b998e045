/** Polls in streams on air, on a real database. */
import { SYSTEM } from '../../deal/testing/dealing.ts';
import type { Pool } from '../../pool.ts';
import { lockProcess } from '../../process/processes.ts';
import { expireIfDue } from '../../process/step.ts';
import type { StreamRow } from '../../stream/streams.ts';
import { openPoll } from '../polls.ts';

/** A poll of two options that has just begun in a stream. Its id. */
export function pollIn(pool: Pool, stream: StreamRow, now: string, seconds = 60): Promise<string> {
  return pool.transaction((transaction) =>
    openPoll(transaction, {
      ...{ streamId: stream.id, creatorId: stream.creator_id, now },
      ...{ question: 'What is next?', options: ['Rice', 'Noodles'], durationSeconds: seconds },
    }),
  );
}

/** Does whatever has fallen due at an instant, as a poll's workflow has it done: it ends, and is counted. */
export async function fallDue(pool: Pool, pollId: string, now: string): Promise<void> {
  const origin = { now, systemUserId: SYSTEM, correlationId: null };
  const once = () =>
    pool.transaction(async (transaction) => {
      const stored = await lockProcess(transaction, pollId);
      return stored !== null && (await expireIfDue(transaction, stored, origin));
    });
  while (await once());
}
