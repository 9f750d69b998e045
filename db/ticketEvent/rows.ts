import { asTicketEvent, type TicketEvent } from '#workflows/ticketEvent/terms.ts';
import { viewStanding } from '#workflows/ticketEvent/view.ts';
import { announced } from '../event/announce.ts';
import type { KindRows } from '../process/kind.ts';
import { moveTicketEvent } from './settling.ts';

/**
 * What an event's steps write beside themselves: its creator hears that it is cancelled. Holders hear of it with their
 * money, and its row is written by `follow_ticket_event` in the same transaction.
 */
export const ticketEventRows: KindRows = {
  besideOf({ seats }, { on }, process) {
    const { id, terms } = asTicketEvent(process);
    const cancelled = { name: 'event:cancelled', data: { eventId: id, title: terms.title } };
    return {
      speech: null,
      events: on === 'cancel' ? [announced(seats.creator as string, [cancelled])] : [],
      told: false,
      orders: [],
      tasks: [],
      closes: null,
    };
  },

  tells: { pay_creator: 'creator_paid' },
  tellsWallets: true,
  rules: null,
  moveAtDeadline: moveTicketEvent,

  answerOf: ({ process }) => answer(asTicketEvent(process)),
  unchangedOf: (process) => answer(asTicketEvent(process)),

  // Nobody is awaited, and no provider's payment is behind it.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function answer(event: TicketEvent) {
  return { status: 200, body: { success: true, data: { event: viewStanding(event) } } };
}
