import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { before } from '#workflows/durations.ts';
import { Failure } from '#workflows/failures.ts';
import { asTicketEvent, GIVEN_BACK_UNTIL, type TicketEvent } from '#workflows/ticketEvent/terms.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { type Transfer, transferAll } from '../money/ledger.ts';
import { eventsOfTransfer } from '../money/walletEvents.ts';
import { getPerson } from '../people/accounts.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import type { Reader } from '../stream/streams.ts';
import { getTicketEvent, noTicketEvent, type TicketEventRow } from './events.ts';
import { paymentOf, refundedOf, refundOf } from './paying.ts';

const row = z.object({
  id: z.string(),
  event_id: z.string(),
  holder_id: z.string(),
  holder_handle: z.string(),
  status: z.enum(['valid', 'refunded']),
  issued_at: z.string(),
  refunded_at: z.string().nullable(),
});
export type TicketRow = z.infer<typeof row>;

const SELECT = sql.fragment`
  SELECT tickets.id, event_id, holder_id, handle AS holder_handle, status, issued_at, refunded_at
  FROM tickets JOIN users ON users.id = holder_id`;

/** Somebody's ticket to an event: the valid one, or the last that was refunded. */
export function findTicketOf(executor: Executor, eventId: string, holderId: string): Promise<TicketRow | null> {
  return executor.maybeOne(sql.type(row)`
    ${SELECT} WHERE event_id = ${eventId} AND holder_id = ${holderId}
    ORDER BY status = 'valid' DESC, tickets.id DESC LIMIT 1
  `);
}

/** All tickets to an event, latest first. */
export function listTickets(
  executor: Executor,
  eventId: string,
  { limit, before: last }: { limit: number; before: string | null },
): Promise<readonly TicketRow[]> {
  return executor.any(sql.type(row)`
    ${SELECT} WHERE event_id = ${eventId} AND (${last}::uuid IS NULL OR tickets.id < ${last}::uuid)
    ORDER BY tickets.id DESC LIMIT ${limit}
  `);
}

/**
 * Sells a ticket: who comes while another buys the last waits for the event's row, and is told that all are sold. Who has
 * one has that one, and pays nothing again. NOT_FOUND, FORBIDDEN, FLOW_STATE_INVALID, LIMIT_REACHED, INSUFFICIENT_FUNDS.
 * Last in its transaction.
 */
export async function sellTicket(
  transaction: Transaction,
  { eventId, buyer }: { eventId: string; buyer: Reader },
  origin: Origin,
): Promise<{ ticket: TicketRow; isNew: boolean }> {
  const { now } = origin;
  await getPerson(transaction, buyer.id);
  const stored = await lockStanding(transaction, eventId, origin);
  const event = await getTicketEvent(transaction, eventId, buyer);
  const known = await findTicketOf(transaction, eventId, buyer.id);
  if (known?.status === 'valid') return { ticket: known, isNew: false };
  if (event.creator_id === buyer.id) throw new Failure('FORBIDDEN', 'It is your own event.');
  await requireOnSale(transaction, event);
  const id = uuid();
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO tickets (id, event_id, holder_id, issued_at) VALUES (${id}, ${eventId}, ${buyer.id}, ${now}::timestamptz)
  `);
  const moves = event.price === 0n ? [] : [paymentOf(event, { id, holderId: buyer.id, now })];
  await transferAll(transaction, moves);
  const after = await appendOwnStep(transaction, stored, { on: 'sell', by: 'system', data: {} }, origin);
  const { sold, capacity } = asTicketEvent(after.process).terms;
  const issued = { eventId, ticketId: id, title: event.title, startsAt: event.starts_at, streamId: event.stream_id };
  await tell(transaction, moves, [
    { user_id: buyer.id, name: 'ticket:issued', data: issued },
    { user_id: event.creator_id, name: 'ticket:sold', data: { eventId, ticketId: id, sold, capacity } },
  ]);
  return { ticket: (await findTicketOf(transaction, eventId, buyer.id)) as TicketRow, isNew: true };
}

/** Locks an event as it stands now: what fell due before is applied first. NOT_FOUND. */
async function lockStanding(transaction: Transaction, eventId: string, origin: Origin): Promise<StoredProcess> {
  for (;;) {
    const stored = await lockProcess(transaction, eventId);
    if (stored?.process.kind !== 'ticketEvent') throw noTicketEvent();
    // One whose tickets are being refunded goes on by itself: nobody else's request does that.
    if (stored.process.state === 'refunding' || !(await expireIfDue(transaction, stored, origin))) return stored;
  }
}

/** Until it begins; after that, for as long as it can be seen live. */
async function requireOnSale(executor: Executor, event: TicketEventRow): Promise<void> {
  const isLate = event.status === 'started';
  const isLive =
    isLate &&
    (await executor.exists(sql.typeAlias('void')`
      SELECT FROM streams WHERE ticket_event_id = ${event.id} AND status = 'live'
    `));
  if (event.status !== 'on_sale' && !isLive) {
    throw new Failure('FLOW_STATE_INVALID', 'No tickets are sold any more.', {
      details: { current_state: event.status, required_state: 'on_sale', required_states: ['on_sale'] },
    });
  }
  if (event.sold >= event.capacity) {
    throw new Failure('LIMIT_REACHED', 'All tickets are sold.', { details: { capacity: event.capacity } });
  }
}

/**
 * Gives a ticket back, with all that was paid for it: by its holder until a day before the event begins, by the creator
 * or an administrator for as long as the money is held. NOT_FOUND for anybody else, FLOW_STATE_INVALID. Last in its
 * transaction.
 */
export async function takeBackTicket(
  transaction: Transaction,
  { eventId, ticketId, by }: { eventId: string; ticketId: string; by: Reader },
  origin: Origin,
): Promise<TicketRow> {
  const { now } = origin;
  const stored = await lockStanding(transaction, eventId, origin).catch((error: unknown) => {
    throw error instanceof Failure && error.code === 'NOT_FOUND' ? noTicket() : error;
  });
  const event = asTicketEvent(stored.process);
  const ticket = await transaction.maybeOne(sql.type(row)`
    ${SELECT} WHERE tickets.id = ${ticketId} AND event_id = ${eventId}
  `);
  const isTheirs = by.isAdmin || stored.seats.creator === by.id;
  if (!ticket || (!isTheirs && ticket.holder_id !== by.id)) throw noTicket();
  if (ticket.status === 'refunded') return ticket;
  requireRefundable(event, isTheirs, now);
  await transaction.query(sql.typeAlias('void')`
    UPDATE tickets SET status = 'refunded', refunded_at = ${now}::timestamptz WHERE id = ${ticketId}
  `);
  const priced = { id: eventId, price: BigInt(event.terms.price), asset: event.asset };
  const moves = priced.price === 0n ? [] : [refundOf(priced, { id: ticketId, holderId: ticket.holder_id, now })];
  await transferAll(transaction, moves);
  await appendOwnStep(transaction, stored, { on: 'take_back', by: 'system', data: {} }, origin);
  await tell(transaction, moves, [refundedOf(event, { id: ticketId, holderId: ticket.holder_id })]);
  return { ...ticket, status: 'refunded', refunded_at: now };
}

function noTicket(): Failure {
  return new Failure('NOT_FOUND', 'There is no such ticket.');
}

function requireRefundable({ state, terms }: TicketEvent, isTheirs: boolean, now: string): void {
  const until = before(terms.starts_at, GIVEN_BACK_UNTIL);
  const isOpen = state === 'on_sale' || state === 'started';
  if (isOpen && (isTheirs || now < until)) return;
  throw new Failure('FLOW_STATE_INVALID', 'This ticket cannot be given back any more.', {
    details: { current_state: state, required_state: 'on_sale', required_states: ['on_sale'], until },
  });
}

async function tell(
  transaction: Transaction,
  moves: readonly Transfer[],
  tells: readonly Announcement[],
): Promise<void> {
  const told = [];
  for (const move of moves) told.push(...(await eventsOfTransfer(transaction, move)));
  await announce(transaction, [...told, ...tells]);
}

/** Holders who are to be looked for in rooms again, as their ticket was refunded: counts as done from now on. */
export function takeHoldersRefunded(executor: Executor, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    UPDATE tickets SET refund_told = true WHERE id IN (
      SELECT id FROM tickets WHERE status = 'refunded' AND NOT refund_told
      ORDER BY id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING holder_id AS id
  `);
}
