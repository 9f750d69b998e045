import { z } from 'zod';
import { asTicketEvent } from '#workflows/ticketEvent/terms.ts';
import type { Announcement } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import type { Moving } from '../process/kind.ts';
import type { StoredProcess } from '../process/stored.ts';
import { refundedOf, refundOf } from './paying.ts';

/** Holders refunded by one step: each has a wallet and a counter locked. */
const CHUNK = 100;

/**
 * What an event comes to at its deadline. One that is cancelled refunds the next holders, in the step's own transaction,
 * until all have what they paid; one whose stream never began is cancelled where it would be paid out.
 */
export async function moveTicketEvent(transaction: Transaction, stored: StoredProcess, now: string): Promise<Moving> {
  const { id, state } = asTicketEvent(stored.process);
  if (state === 'refunding') return refundNext(transaction, stored, now);
  const on = state === 'started' && (await neverBegan(transaction, id)) ? 'cancel' : 'expire';
  return { on, data: {}, moves: [], tells: [] };
}

const streams = z.object({ never: z.boolean() });

/** Whether it was to be seen in streams, and none of them ever went on air. */
async function neverBegan(executor: Executor, id: string): Promise<boolean> {
  return executor.oneFirst(sql.type(streams)`
    SELECT count(*) > 0 AND count(started_at) = 0 AS never FROM streams WHERE ticket_event_id = ${id}
  `);
}

const ticket = z.object({ id: z.string(), holder_id: z.string() });

async function refundNext(transaction: Transaction, { process }: StoredProcess, now: string): Promise<Moving> {
  const event = asTicketEvent(process);
  const tickets = await transaction.any(sql.type(ticket)`
    UPDATE tickets SET status = 'refunded', refunded_at = ${now}::timestamptz WHERE id IN (
      SELECT id FROM tickets WHERE event_id = ${event.id} AND status = 'valid' ORDER BY id LIMIT ${CHUNK}
    ) RETURNING id, holder_id
  `);
  const { sold, price, title } = event.terms;
  const priced = { id: event.id, price: BigInt(price), asset: event.asset };
  const holders = tickets.map(({ id, holder_id: holderId }) => ({ id, holderId, now }));
  const cancelled = { eventId: event.id, title };
  return {
    ...(tickets.length === sold
      ? { on: 'expire', data: {} }
      : { on: 'refund_some', data: { tickets: tickets.length } }),
    moves: priced.price === 0n ? [] : holders.map((each) => refundOf(priced, each)),
    tells: holders.flatMap((each): Announcement[] => [
      { user_id: each.holderId, name: 'event:cancelled', data: cancelled },
      refundedOf(event, each),
    ]),
  };
}
