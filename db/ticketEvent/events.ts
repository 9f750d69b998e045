import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Asset } from '#workflows/money.ts';
import { STATES, type TicketEventOpening } from '#workflows/ticketEvent/terms.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import type { Reader } from '../stream/streams.ts';
import { knownTo, noStream } from '../stream/watching.ts';

export type NewTicketEvent = {
  creatorId: string;
  asset: Asset;
  opened: TicketEventOpening;
  /** A stream that is for those who have a ticket from now on. */
  streamId: string | null;
  now: string;
};

/** Announces an event, with its tickets on sale. Its id. NOT_FOUND, FLOW_STATE_INVALID (the stream). */
export async function openTicketEvent(
  transaction: Transaction,
  { creatorId, asset, opened, streamId, now }: NewTicketEvent,
): Promise<string> {
  const id = uuid();
  if (streamId !== null) await requireStream(transaction, streamId, creatorId);
  await openProcess(transaction, {
    ...{ id, kind: 'ticketEvent', by: creatorId, variant: null, held: '0', asset, opened, now },
    seats: { creator: creatorId },
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO ticket_events (process_id, creator_id, title, starts_at, capacity, price, asset, stream_id, created_at)
    VALUES (${id}, ${creatorId}, ${opened.title}, ${opened.starts_at}::timestamptz, ${opened.capacity},
      ${BigInt(opened.price)}, ${asset}, ${streamId}, ${now}::timestamptz)
  `);
  if (streamId !== null) await closeStream(transaction, id, streamId, creatorId);
  return id;
}

const streamStatus = z.object({ status: z.string(), visibility: z.string() });

/** NOT_FOUND where there is no such stream of theirs. */
async function requireStream(transaction: Transaction, streamId: string, creatorId: string): Promise<void> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    SELECT FROM streams WHERE process_id = ${streamId} AND creator_id = ${creatorId}
  `);
  if (rowCount === 0) throw noStream();
}

/** From now on a stream is for those who have a ticket. Nobody is in it yet: it has not begun. */
async function closeStream(transaction: Transaction, id: string, streamId: string, creatorId: string): Promise<void> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    UPDATE streams SET visibility = 'ticket', ticket_event_id = ${id}
    WHERE process_id = ${streamId} AND creator_id = ${creatorId} AND status = 'scheduled' AND visibility <> 'ticket'
  `);
  if (rowCount === 1) return;
  const stream = await transaction.maybeOne(sql.type(streamStatus)`
    SELECT status, visibility FROM streams WHERE process_id = ${streamId} AND creator_id = ${creatorId}
  `);
  if (!stream) throw noStream();
  const why = stream.visibility === 'ticket' ? 'has tickets already' : 'has begun';
  throw new Failure('FLOW_STATE_INVALID', `This stream ${why}.`, {
    details: { current_state: stream.status, required_state: 'scheduled', required_states: ['scheduled'] },
  });
}

/** An event of somebody's that a stream of theirs may be for. NOT_FOUND, FLOW_STATE_INVALID where it is over. */
export async function requireTicketEvent(executor: Executor, id: string, creatorId: string): Promise<void> {
  const status = await executor.maybeOneFirst(sql.type(z.object({ status: z.string() }))`
    SELECT status FROM ticket_events WHERE process_id = ${id} AND creator_id = ${creatorId}
  `);
  if (status === null) throw noTicketEvent();
  if (status === 'on_sale' || status === 'started') return;
  throw new Failure('FLOW_STATE_INVALID', 'This event is over.', {
    details: { current_state: status, required_state: 'on_sale', required_states: ['on_sale', 'started'] },
  });
}

const row = z.object({
  id: z.string(),
  creator_id: z.string(),
  creator_handle: z.string(),
  title: z.string(),
  starts_at: z.string(),
  capacity: z.int(),
  sold: z.int(),
  price: z.bigint(),
  asset: z.string(),
  stream_id: z.string().nullable(),
  status: z.enum(STATES),
  has_ticket: z.boolean(),
  created_at: z.string(),
});
export type TicketEventRow = z.infer<typeof row>;

const SELECT = (readerId: string) => sql.fragment`
  SELECT process_id AS id, creator_id, creator.handle AS creator_handle, title, starts_at, capacity, sold, price, asset,
    stream_id, ticket_events.status, EXISTS (SELECT FROM tickets
      WHERE event_id = process_id AND holder_id = ${readerId} AND tickets.status = 'valid') AS has_ticket,
    ticket_events.created_at
  FROM ticket_events JOIN users AS creator ON creator.id = creator_id`;

/** One that the reader may know of, or has a ticket to. NOT_FOUND. */
export async function getTicketEvent(executor: Executor, id: string, reader: Reader): Promise<TicketEventRow> {
  const found = await executor.maybeOne(sql.type(row)`
    ${SELECT(reader.id)} WHERE process_id = ${id} AND (${reader.isAdmin} OR ${knownTo(reader.id)}
      OR EXISTS (SELECT FROM tickets WHERE event_id = process_id AND holder_id = ${reader.id}))
  `);
  if (!found) throw noTicketEvent();
  return found;
}

export type TicketEventPage = {
  reader: Reader;
  status: string | null;
  creatorId: string | null;
  limit: number;
  before: string | null;
};

/** Those that the reader may know of, latest announced first. */
export function listTicketEvents(
  executor: Executor,
  { reader, status, creatorId, limit, before }: TicketEventPage,
): Promise<readonly TicketEventRow[]> {
  return executor.any(sql.type(row)`
    ${SELECT(reader.id)} WHERE (${reader.isAdmin} OR ${knownTo(reader.id)})
      AND (${status}::text IS NULL OR ticket_events.status = ${status}::text)
      AND (${creatorId}::uuid IS NULL OR creator_id = ${creatorId}::uuid)
      AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
}

export function noTicketEvent(): Failure {
  return new Failure('NOT_FOUND', 'There is no such event.');
}
