import type { TicketEventRow } from '#db/ticketEvent/events.ts';
import type { TicketRow } from '#db/ticketEvent/tickets.ts';
import type { TicketEventView, TicketView } from '#workflows/ticketEvent/contract.ts';
import { text } from '../money/amount.ts';

export function viewTicketEvent({ creator_id, creator_handle, price, ...row }: TicketEventRow): TicketEventView {
  return { ...row, creator: { id: creator_id, handle: creator_handle }, price: text(price, row.asset) };
}

export function viewTicket({ holder_id, holder_handle, ...row }: TicketRow): TicketView {
  return { ...row, holder: { id: holder_id, handle: holder_handle } };
}
