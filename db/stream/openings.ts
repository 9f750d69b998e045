import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Kind } from '#workflows/kinds.ts';
import type { Announcement } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { shareProcesses } from '../process/locks.ts';
import { noStream } from './watching.ts';

/** What is open in a stream: processes of other kinds, which end when it does. */

/** Something live to be said in rooms. */
export type Word = { rooms: readonly string[]; name: string; data: object };

/** What a kind that is opened in streams hands in. `db/openings.ts` gathers them. */
export type OpeningKind = {
  /** The command of the system's that ends one whose stream is over. Where the machine refuses it, its deadline is waited for. */
  closesBy: string;
  /**
   * How those that are open stand now, each that has changed since it was last taken. What is taken here is taken nowhere
   * else, and each at most twice a second, however many processes ask.
   */
  takeStandings(executor: Executor, now: string, limit: number): Promise<readonly Word[]>;
  /** The durable event by which whoever heard that one began hears that it is over; null: by none. */
  lastWordOf(executor: Executor, processId: string): Promise<Event | null>;
};

/** A durable event, without whom it is for. */
export type Event = { name: DurableName; data: unknown };
type DurableName = Announcement['name'];

export type NewOpening = {
  processId: string;
  kind: Kind;
  streamId: string;
  /** The durable event by which whoever is in the stream while it is open hears of it; null: by none. */
  word: Event | null;
  now: string;
};

/**
 * Keeps a process as open in a stream, in the transaction that opens it and after that. The stream does not end
 * meanwhile. NOT_FOUND; FLOW_STATE_INVALID where it is not live; CONFLICT where another of the kind is open in it.
 */
export async function keepOpening(transaction: Transaction, opening: NewOpening): Promise<void> {
  const { processId, kind, streamId, word, now } = opening;
  await requireLive(transaction, streamId);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO stream_openings (process_id, kind, stream_id, opened_at, word, word_data)
    VALUES (${processId}, ${kind}, ${streamId}, ${now}::timestamptz, ${word?.name ?? null},
      ${word && JSON.stringify(word.data)})
    ON CONFLICT (stream_id, kind) WHERE closed_at IS NULL DO NOTHING
  `);
  if (rowCount === 0) throw new Failure('CONFLICT', `There is a ${kind} in this stream already; end that one first.`);
}

/** Its process's row is shared until the commit: a stream's steps wait for it, other openings do not. */
async function requireLive(transaction: Transaction, streamId: string): Promise<void> {
  await shareProcesses(transaction, [streamId]);
  const found = await transaction.maybeOne(sql.type(z.object({ status: z.string() }))`
    SELECT status FROM streams WHERE process_id = ${streamId}
  `);
  if (!found) throw noStream();
  if (found.status === 'live') return;
  throw new Failure('FLOW_STATE_INVALID', 'This is begun while the stream is live.', {
    details: { current_state: found.status, required_state: 'live', required_states: ['live'] },
  });
}

const openingRow = z.object({ process_id: z.string(), kind: z.custom<Kind>() });
export type Opening = z.infer<typeof openingRow>;

/** What is still open in streams that are over. */
export function listLeftOpen(executor: Executor, limit: number): Promise<readonly Opening[]> {
  return executor.any(sql.type(openingRow)`
    SELECT opening.process_id, kind FROM stream_openings AS opening JOIN streams ON streams.process_id = stream_id
    WHERE closed_at IS NULL AND status <> 'live' ORDER BY opening.process_id LIMIT ${limit}
  `);
}

/** What is over, and of which somebody may still have to hear that it is. */
export function listUnsettled(executor: Executor, limit: number): Promise<readonly Opening[]> {
  return executor.any(sql.type(openingRow)`
    SELECT process_id, kind FROM stream_openings
    WHERE closed_at IS NOT NULL AND settled_at IS NULL ORDER BY process_id LIMIT ${limit}
  `);
}
