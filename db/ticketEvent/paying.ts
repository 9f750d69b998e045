import { formatDecimal } from '#workflows/money.ts';
import type { TicketEvent } from '#workflows/ticketEvent/terms.ts';
import type { Announcement } from '../event/announce.ts';
import { accounts, type Transfer } from '../money/ledger.ts';

type Paid = { id: string; holderId: string; now: string };
type Priced = { id: string; price: bigint; asset: string };

/** From the holder's wallet to where it is held until the event has taken place. */
export function paymentOf({ id: eventId, price, asset }: Priced, { id, holderId, now }: Paid): Transfer {
  return {
    ...{ key: `ticket_${id}`, reason: 'ticket', conversationId: eventId, occurredAt: now },
    legs: [
      { account: accounts.wallet(holderId, asset), amount: -price },
      { account: accounts.escrow(eventId, asset), amount: price },
    ],
  };
}

/** The same, back. */
export function refundOf(event: Priced, ticket: Paid): Transfer {
  const paid = paymentOf(event, ticket);
  return {
    ...{ ...paid, key: `ticket_back_${ticket.id}`, reason: 'ticket_refund' },
    legs: paid.legs.map(({ account, amount }) => ({ account, amount: -amount })),
  };
}

/** What its holder is told. */
export function refundedOf(
  { id: eventId, asset, terms }: TicketEvent,
  { id: ticketId, holderId }: { id: string; holderId: string },
): Announcement {
  const amount = formatDecimal(BigInt(terms.price), asset);
  return { user_id: holderId, name: 'ticket:refunded', data: { eventId, ticketId, asset, amount } };
}
