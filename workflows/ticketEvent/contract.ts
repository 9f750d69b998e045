/** What travels of events that tickets are sold for: requests, views and what is announced, as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { words } from '../talk/contract.ts';
import { MOST_SEATS, STATES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const TICKET = '0190a000-0000-7000-8000-000000000002';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

const TICKET_ASSETS = ['TOKEN', 'INR', 'USD'] as const;

export const ticketEventRequest = z
  .strictObject({
    title: words(150),
    starts_at: instant,
    capacity: z.int().min(1).max(MOST_SEATS),
    price: z.union([z.string().max(40), z.number()]).describe('Of one ticket, in the asset; 0: free'),
    asset: z.enum(TICKET_ASSETS).default('TOKEN'),
    stream_id: id
      .nullish()
      .describe('A stream of yours that is announced: from then on it is for those who have a ticket'),
  })
  .meta({
    id: 'TicketEventRequest',
    examples: [{ title: 'An evening of ragas', starts_at: AT, capacity: 100, price: '25', asset: 'TOKEN' }],
  });

export const ticketEventStatus = z
  .enum(STATES)
  .describe('refunding: cancelled, and tickets are being refunded; settled: it took place, and its creator was paid')
  .meta({ id: 'TicketEventStatus' });

const person = z.object({ id, handle: z.string() });

export const ticketEventView = z
  .object({
    id,
    creator: person,
    title: z.string(),
    starts_at: instant,
    capacity: z.int(),
    sold: z.int(),
    price: z.string().describe('Of one ticket, decimal text in the asset'),
    asset: z.string(),
    stream_id: id.nullable(),
    status: ticketEventStatus,
    has_ticket: z.boolean().describe('Whether you have a ticket'),
    created_at: instant,
  })
  .meta({
    id: 'TicketEvent',
    examples: [
      {
        ...{ id: THING, creator: { id: ASHA, handle: 'asha' }, title: 'An evening of ragas', starts_at: AT },
        ...{ capacity: 100, sold: 3, price: '25', asset: 'TOKEN', stream_id: null, status: 'on_sale' },
        ...{ has_ticket: false, created_at: AT },
      },
    ],
  });
export type TicketEventView = z.infer<typeof ticketEventView>;

/** What a command to one comes to. */
export const ticketEventStanding = z
  .object({ id, status: ticketEventStatus, sold: z.int(), deadline: instant.nullable() })
  .meta({
    id: 'TicketEventStanding',
    examples: [{ id: THING, status: 'refunding', sold: 3, deadline: AT }],
  });

export type TicketEventStanding = z.infer<typeof ticketEventStanding>;

export const ticketView = z
  .object({
    id,
    event_id: id,
    holder: person,
    status: z.enum(['valid', 'refunded']),
    issued_at: instant,
    refunded_at: instant.nullable(),
  })
  .meta({
    id: 'Ticket',
    examples: [
      {
        ...{ id: TICKET, event_id: THING, holder: { id: BEN, handle: 'ben' }, status: 'valid', issued_at: AT },
        refunded_at: null,
      },
    ],
  });
export type TicketView = z.infer<typeof ticketView>;

const of = { eventId: id, ticketId: id };

/** Durable events, by name, with the data each carries. */
export const TICKET_EVENTS = {
  'ticket:issued': z.object({ ...of, title: z.string(), startsAt: instant, streamId: id.nullable() }),
  'ticket:sold': z.object({ ...of, sold: z.int(), capacity: z.int() }),
  'ticket:refunded': z.object({ ...of, asset: z.string(), amount: z.string() }),
  'event:cancelled': z.object({ eventId: id, title: z.string() }),
} as const;
