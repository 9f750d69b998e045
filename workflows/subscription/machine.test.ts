import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, evolve, type Process } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { renewalAt, subscriptionMachine } from './machine.ts';
import { monthsAfter, monthToPay } from './months.ts';
import { shareOf, type Terms } from './terms.ts';
import { OPENED, openedSubscription, SUBSCRIPTIONS, subscriptionIn } from './testing/subscriptions.ts';

const AFTER_ORDER = ['active', 'due', 'past_due', 'ending', 'closed', 'ended', 'lapsed'];

describeMachine({
  ...SUBSCRIPTIONS,
  twin: [
    { from: ['awaiting_payment'], by: ['provider'], on: 'payment_captured', to: 'active' },
    { from: ['awaiting_payment'], by: ['provider'], on: 'payment_failed', to: 'same' },
    { from: ['active', 'due'], by: ['subscriber', 'admin'], on: 'cancel', to: 'ending' },
    { from: ['past_due'], by: ['subscriber', 'admin'], on: 'cancel', to: 'ended' },
    { from: ['awaiting_payment'], by: ['subscriber', 'admin'], on: 'cancel', to: 'closed' },
    { from: ['ending'], by: ['subscriber'], on: 'resume', to: 'active' },
    { from: ['due', 'past_due'], by: ['system'], on: 'renew', to: 'active' },
    { from: ['past_due'], by: ['system'], on: 'retry', to: 'again' },
    { from: ['active', 'due'], by: ['system'], on: 'withdraw', to: 'ending' },
    { from: ['awaiting_payment'], by: ['system'], on: 'expire', to: 'closed' },
    { from: ['active'], by: ['system'], on: 'expire', to: 'due' },
    { from: ['due'], by: ['system'], on: 'expire', to: 'past_due' },
    { from: ['past_due'], by: ['system'], on: 'expire', to: 'lapsed' },
    { from: ['ending'], by: ['system'], on: 'expire', to: 'ended' },
    { from: AFTER_ORDER, by: ['system'], on: 'credited', to: 'same' },
    { from: AFTER_ORDER, by: ['provider'], on: 'payment_returned', to: 'same' },
    { from: AFTER_ORDER, by: ['provider'], on: 'refund_settled', to: 'same' },
    { from: AFTER_ORDER, by: ['provider'], on: 'refund_failed', to: 'same' },
  ],
  processIn: (state) => subscriptionIn(state),
  never: () => [],
  late: '2026-12-01T00:00:00.000Z',
  keys: ['amount', 'capture_id', 'price', 'months'],
});

function taken(process: Process<Terms>, on: string, at: string, data = {}, by = 'system'): Process<Terms> {
  const decision = decide(subscriptionMachine, process, { on, by, actor: null, data }, { now: at, feeBps: 0 });
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  return evolve(subscriptionMachine, process, decision.step);
}

const deadline = (process: Process<Terms>) => subscriptionMachine.deadlineOf(process) as string;
const day = (instant: string) => instant.slice(0, 10);

/** Told of, then paid for, on the day. */
function renewed(process: Process<Terms>, price: string | null = null): Process<Terms> {
  const due = taken(process, 'expire', deadline(process), price === null ? {} : { price });
  return taken(due, 'renew', deadline(due));
}

describe('months', () => {
  test('are counted from the day it began: the 31st is the last day where there is none, and the 31st again', () => {
    let process = openedSubscription();
    const days = [day(process.terms.paid_until ?? '')];
    for (let month = 0; month < 13; month += 1) {
      process = renewed(process);
      days.push(day(process.terms.paid_until ?? ''));
    }
    expect(days).toEqual([
      ...['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31'],
      ...['2026-09-30', '2026-10-31', '2026-11-30', '2026-12-31', '2027-01-31', '2027-02-28', '2027-03-31'],
    ]);
  });

  test.each([
    ['2024-02-29T23:59:59.999Z', 12, '2025-02-28T23:59:59.999Z'],
    ['2024-02-29T23:59:59.999Z', 48, '2028-02-29T23:59:59.999Z'],
    ['2027-12-31T00:00:00.000Z', 2, '2028-02-29T00:00:00.000Z'],
    ['2026-03-29T00:30:00.000Z', 1, '2026-04-29T00:30:00.000Z'],
    ['2026-10-31T12:00:00.000Z', 1, '2026-11-30T12:00:00.000Z'],
  ])('from %s, %i of them, end at %s, to the millisecond', (began, months, end) => {
    expect(monthsAfter(began, months)).toBe(end);
  });

  const instants = fc
    .integer({ min: 0, max: 20 * 366 * 24 * 3_600 })
    .map((seconds) => new Date(Date.parse('2020-01-01') + seconds * 1_000).toISOString());

  test('follow each other, each on the day of the first or on the last of its own', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 240 }), (began, months) => {
        const [one, next] = [monthsAfter(began, months), monthsAfter(began, months + 1)];
        expect(one < next).toBe(true);
        const morrow = new Date(Date.parse(next) + 24 * 3_600_000).toISOString();
        const isLast = morrow.slice(8, 10) === '01';
        expect(next.slice(8, 10) === began.slice(8, 10) || isLast).toBe(true);
        expect(next.slice(11)).toBe(began.slice(11));
      }),
    );
  });

  test('that went by while nobody could renew it are not paid for afterwards: the one that it is now is, once', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 60 }), fc.nat(400 * 24 * 3_600), (began, paid, seconds) => {
        const now = new Date(Date.parse(monthsAfter(began, paid)) + seconds * 1_000).toISOString();
        const month = monthToPay(began, paid, now);
        expect(month).toBeGreaterThan(paid);
        expect(monthsAfter(began, month) > now).toBe(true);
        if (month > paid + 1) expect(monthsAfter(began, month - 1) <= now).toBe(true);
      }),
    );
  });
});

describe('a renewal', () => {
  test('a week late is one month, and the next is due on the day that it would have been', () => {
    const due = taken(openedSubscription(), 'expire', deadline(openedSubscription()));
    const process = taken(due, 'renew', '2026-03-07T09:00:00.000Z');
    expect(process.terms).toMatchObject({ months: 2, paid_until: '2026-03-31T09:00:00.000Z' });
  });

  test('costs what was told a week before, whatever the price is on the day', () => {
    const process = renewed(openedSubscription(), '150');
    expect(process.terms).toMatchObject({ price: '150', next_price: null });
  });

  test('that was told of in the last day costs what the month before it did', () => {
    const late = taken(openedSubscription(), 'expire', '2026-02-27T09:00:00.001Z', { price: '150' });
    expect(late.terms.next_price).toBe('100');
  });

  test('that cannot be paid for is tried twice a day for three days, and then no more', () => {
    let process = taken(subscriptionIn('due'), 'expire', '2026-02-28T09:00:00.000Z');
    const tries: string[] = [];
    for (;;) {
      const at = deadline(process);
      tries.push(at);
      if (at === '2026-03-03T09:00:00.000Z') break;
      process = taken(process, 'retry', at);
    }
    expect(tries).toHaveLength(6);
    expect(tries[0]).toBe('2026-02-28T21:00:00.000Z');
    expect(taken(process, 'expire', tries.at(-1) ?? '').state).toBe('lapsed');
  });

  test('cannot be made to reach further or cost less by a step that says so', () => {
    const process = subscriptionIn('due');
    const at = deadline(process);
    const step = { n: 1, on: 'renew', by: 'system', actor: null, from: 'due', to: 'active', at, correlation_id: null };
    const owed = renewalAt(process.terms, at);
    expect(evolve(subscriptionMachine, process, { ...step, data: owed }).state).toBe('active');
    for (const data of [
      { ...owed, months: 12 },
      { ...owed, price: '1' },
    ]) {
      expect(() => evolve(subscriptionMachine, process, { ...step, data })).toThrow(/does not fit/);
    }
  });

  test('counts months on the calendar where a sandbox has moved its time on', () => {
    const moved = 27 * 24 * 3_600_000;
    const terms = subscriptionMachine.clockMoved?.(openedSubscription().terms, moved) as Terms;
    const process = { ...openedSubscription(), terms };
    expect(process.terms.paid_until).toBe('2026-02-01T09:00:00.000Z');
    const next = renewed(process);
    expect(next.terms.paid_until).toBe('2026-03-04T09:00:00.000Z');
  });
});

describe('a subscription', () => {
  test('that is cancelled lasts for as long as it is paid for, and may be resumed until then', () => {
    const cancelled = taken(openedSubscription(), 'cancel', '2026-02-03T00:00:00.000Z', {}, 'subscriber');
    expect([cancelled.state, deadline(cancelled)]).toEqual(['ending', '2026-02-28T09:00:00.000Z']);
    const resumed = taken(cancelled, 'resume', '2026-02-04T00:00:00.000Z', {}, 'subscriber');
    expect([resumed.state, deadline(resumed)]).toEqual(['active', '2026-02-21T09:00:00.000Z']);
  });

  test('that is a gift ends by itself, and is neither renewed nor resumed', () => {
    const gift = openedSubscription({ gift: true });
    expect([gift.state, deadline(gift)]).toEqual(['ending', '2026-02-28T09:00:00.000Z']);
    const command = { on: 'resume', by: 'subscriber', actor: null, data: {} };
    const decision = decide(subscriptionMachine, gift, command, { now: OPENED, feeBps: 0 });
    expect(decision).toMatchObject({ refusal: { code: 'FLOW_STATE_INVALID' } });
  });

  test('has its share rounded down, and nothing of a price is lost', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1_000_000n }), fc.integer({ min: 0, max: 10_000 }), (price, bps) => {
        const share = shareOf(price, bps);
        expect(share >= 0n && share <= price && (share + 1n) * 10_000n > price * BigInt(bps)).toBe(true);
      }),
    );
  });
});
