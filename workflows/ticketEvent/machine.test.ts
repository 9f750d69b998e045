import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, evolve, type Process, type Promised } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { ticketEventMachine } from './machine.ts';
import type { Terms } from './terms.ts';
import { openedTicketEvent, STARTS, TICKET_EVENTS, ticketEventIn } from './testing/ticketEvents.ts';

const OPEN = ['on_sale', 'started'];

describeMachine({
  ...TICKET_EVENTS,
  twin: [
    { from: OPEN, by: ['system'], on: 'sell', to: 'same' },
    { from: OPEN, by: ['system'], on: 'take_back', to: 'same' },
    { from: OPEN, by: ['creator', 'admin', 'system'], on: 'cancel', to: 'refunding' },
    { from: ['refunding'], by: ['system'], on: 'refund_some', to: 'again' },
    { from: ['on_sale'], by: ['system'], on: 'expire', to: 'started' },
    { from: ['started'], by: ['system'], on: 'expire', to: 'settled' },
    { from: ['refunding'], by: ['system'], on: 'expire', to: 'cancelled' },
    { from: ['settled'], by: ['system'], on: 'creator_paid', to: 'same' },
  ],
  processIn: (state) => ticketEventIn(state),
  never: () => [],
  late: '2026-12-01T00:00:00.000Z',
  keys: ['tickets', 'amount'],
});

function taken(process: Process<Terms>, on: string, data = {}): { next: Process<Terms>; promised: Promised[] } {
  const now = ticketEventMachine.deadlineOf(process) ?? process.stepped_at;
  const at = on === 'expire' ? now : process.stepped_at;
  const decision = decide(ticketEventMachine, process, { on, by: 'system', actor: null, data }, { now: at, feeBps: 0 });
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  const promised = ticketEventMachine.promisesOf(process, decision.step);
  return { next: evolve(ticketEventMachine, process, decision.step), promised };
}

describe('an event', () => {
  test('sells as many tickets as it has seats, says so to whoever comes after, and sells one that came back again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1_000), (capacity, price) => {
        let process = openedTicketEvent({ capacity, price: String(price) });
        for (let sold = 1; sold <= capacity; sold += 1) {
          process = taken(process, 'sell').next;
          expect(process).toMatchObject({ held: String(price * sold), terms: { sold } });
        }
        expect(() => taken(process, 'sell')).toThrow(/LIMIT_REACHED/);
        process = taken(process, 'take_back').next;
        expect(taken(process, 'sell').next.terms.sold).toBe(capacity);
      }),
    );
  });

  test('holds what was paid for a day after it began, and pays the creator’s share then, losing nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 30 }), (price, sold) => {
        let process = openedTicketEvent({ capacity: 30, price: String(price) });
        for (let each = 0; each < sold; each += 1) process = taken(process, 'sell').next;
        process = taken(process, 'expire').next;
        expect(ticketEventMachine.deadlineOf(process)).toBe('2026-03-03T18:00:00.000Z');
        const { next, promised } = taken(process, 'expire');
        const all = BigInt(price * sold);
        const sum = (place: string) =>
          promised
            .flatMap(({ legs }) => legs)
            .reduce((of, leg) => (leg.place === place ? of + BigInt(leg.amount) : of), 0n);
        expect(sum('wallet:creator')).toBe((all * 7_000n) / 10_000n);
        expect(sum('wallet:creator') + sum('fee')).toBe(all);
        expect(next).toMatchObject({ state: 'settled', held: '0' });
      }),
    );
  });

  test('that is cancelled gives back so many at a time, and is over with the last', () => {
    let process = taken(ticketEventIn('on_sale', { capacity: 5 }), 'sell').next;
    process = taken(process, 'cancel').next;
    expect(ticketEventMachine.deadlineOf(process)).toBe(process.entered_at);
    process = taken(process, 'refund_some', { tickets: 2 }).next;
    expect(process).toMatchObject({ state: 'refunding', held: '100', terms: { sold: 1 } });
    // The last go with the step that ends it, so that it never waits with nothing to wait for.
    expect(() => taken(process, 'refund_some', { tickets: 1 })).toThrow(/CONFLICT/);
    expect(taken(process, 'expire').next).toMatchObject({ state: 'cancelled', held: '0', terms: { sold: 0 } });
  });

  test('whose tickets are free or unsold promises nothing', () => {
    for (const process of [openedTicketEvent(), ticketEventIn('on_sale', { price: '0' })]) {
      const { next } = taken(process, 'expire');
      expect(next.terms.starts_at).toBe(STARTS);
      expect(taken(next, 'expire').promised).toEqual([]);
    }
  });
});
