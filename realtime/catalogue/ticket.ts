import { TICKET_EVENTS } from '#workflows/ticketEvent/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const TOLD = { class: 'durable', from: ['Tandem'], rooms: ['user'], built: true } as const;
const OF = { eventId: PERSONS.thing, ticketId: PERSONS.message };
const title = 'An evening of ragas';

/** Tickets to creators' events. */
export const ticket = {
  name: 'ticket',
  events: {
    'ticket:issued': event({
      ...{ ...TOLD, hears: 'who has it', summary: 'You have a ticket', schema: TICKET_EVENTS['ticket:issued'] },
      example: { ...OF, title, startsAt: PERSONS.at, streamId: null },
    }),
    'ticket:sold': event({
      ...{ ...TOLD, hears: 'the creator', summary: 'A ticket was sold', schema: TICKET_EVENTS['ticket:sold'] },
      example: { ...OF, sold: 3, capacity: 100 },
    }),
    'ticket:refunded': event({
      ...{ ...TOLD, hears: 'whose it was', summary: 'A ticket was refunded', schema: TICKET_EVENTS['ticket:refunded'] },
      example: { ...OF, asset: 'TOKEN', amount: '25' },
    }),
    'event:cancelled': event({
      ...{ ...TOLD, hears: 'the creator, and who has a ticket', schema: TICKET_EVENTS['event:cancelled'] },
      summary: 'An event does not take place; all are refunded',
      example: { eventId: PERSONS.thing, title },
    }),
  },
} satisfies Domain;
