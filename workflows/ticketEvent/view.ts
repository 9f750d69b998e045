/** How an event is seen by who gave it a command. */
import type { TicketEventStanding } from './contract.ts';
import { ticketEventMachine } from './machine.ts';
import type { TicketEvent } from './terms.ts';

export function viewStanding(event: TicketEvent): TicketEventStanding {
  const { id, state, terms } = event;
  return { id, status: state, sold: terms.sold, deadline: ticketEventMachine.deadlineOf(event) };
}
