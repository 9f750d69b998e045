/** Events for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { ticketEventMachine } from '../machine.ts';
import type { Terms } from '../terms.ts';

const OPENED = '2026-03-01T09:00:00.000Z';
export const STARTS = '2026-03-02T18:00:00.000Z';

export function openedTicketEvent({ price = '100', capacity = 5, starts_at = STARTS } = {}): Process<Terms> {
  return ticketEventMachine.opening({
    ...{ id: '0190f3a2-0000-7000-8000-00000000e7e7', variant: null, held: '0', asset: 'TOKEN', at: OPENED },
    opened: { title: 'An evening of ragas', starts_at, capacity, price, share_bps: 7_000 },
  });
}

/** With two tickets sold, where they are not settled or given back. */
export function ticketEventIn(state: string, given: Parameters<typeof openedTicketEvent>[0] = {}): Process<Terms> {
  const opened = openedTicketEvent(given);
  const sold = state === 'cancelled' ? 0 : 2;
  const held = state === 'settled' || state === 'cancelled' ? '0' : (BigInt(opened.terms.price) * 2n).toString();
  return { ...opened, state, held, terms: { ...opened.terms, sold } };
}

/** How events are played. */
export const TICKET_EVENTS: Playable<Terms> = {
  machine: ticketEventMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        price: fc.integer({ min: 0, max: 1_000_000 }).map(String),
        capacity: fc.integer({ min: 1, max: 6 }),
        starts_at: fc
          .integer({ min: 1, max: 300 * 24 })
          .map((hours) => new Date(Date.parse(OPENED) + hours * 3_600_000).toISOString()),
      })
      .map((given) => openedTicketEvent(given)),
  smallest: () => openedTicketEvent({ capacity: 2 }),
  complete: ({ terms }, on, chance) =>
    on === 'refund_some' ? { tickets: 1 + (chance % Math.max(terms.sold - 1, 1)) } : { amount: '100', promise_id: 'p' },
  actors: {
    creator: '0190f3a2-0000-7000-8000-00000000c4ea',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [{ on: 'creator_paid', by: 'system', promise: 'pay_creator', from: 0, to: 1 }],
  shapeOf: ({ terms }) => String(terms.sold),
};
