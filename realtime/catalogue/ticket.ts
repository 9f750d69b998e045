import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { type Domain, event } from './declaration.ts';

const TOLD = { class: 'durable', from: ['Tandem'], rooms: ['user'], built: false } as const;
const of = { eventId: id, ticketId: id };

/** Tickets to creators' events. */
export const ticket = {
  name: 'ticket',
  events: {
    'ticket:issued': event({
      ...{ ...TOLD, hears: 'who has it', summary: 'You have a ticket' },
      schema: z.object({ ...of, title: z.string(), startsAt: z.iso.datetime(), streamId: id.nullable() }),
    }),
    'ticket:sold': event({
      ...{ ...TOLD, hears: 'the creator', summary: 'A ticket was sold' },
      schema: z.object({ ...of, sold: z.int(), capacity: z.int() }),
    }),
    'ticket:refunded': event({
      ...{ ...TOLD, hears: 'whose it was', summary: 'A ticket was refunded' },
      schema: z.object({ ...of, asset: z.string(), amount: z.string() }),
    }),
    'event:cancelled': event({
      ...{
        ...TOLD,
        hears: 'the creator, and who has a ticket',
        summary: 'An event does not take place; all are refunded',
      },
      schema: z.object({ eventId: id, title: z.string() }),
    }),
  },
} satisfies Domain;
