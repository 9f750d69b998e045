import { expect, test } from 'vitest';
import { decide, evolve } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { payoutMachine } from './machine.ts';
import { boundsOf, partsOf } from './policy.ts';
import { openPayout, PAYOUTS, payoutIn } from './testing/payouts.ts';

describeMachine({
  ...PAYOUTS,
  twin: [
    { from: ['requested'], by: ['admin'], on: 'approve', to: 'held', variant: 'four_eyes' },
    { from: ['requested'], by: ['admin'], on: 'reject', to: 'cancelled', variant: 'four_eyes' },
    { from: ['requested', 'held'], by: ['payee', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['requested'], by: ['system'], on: 'expire', to: 'held', variant: 'direct' },
    { from: ['requested'], by: ['system'], on: 'expire', to: 'cancelled', variant: 'four_eyes' },
    { from: ['held'], by: ['system'], on: 'expire', to: 'processing' },
    { from: ['held'], by: ['system'], on: 'clear', to: 'again' },
    { from: ['held'], by: ['system'], on: 'give_up', to: 'cancelled' },
    { from: ['processing'], by: ['system'], on: 'money_sent', to: 'same' },
    { from: ['cancelled'], by: ['system'], on: 'money_returned', to: 'same' },
    { from: ['processing'], by: ['provider'], on: 'payout_paid', to: 'paid' },
    { from: ['processing'], by: ['provider'], on: 'payout_failed', to: 'failed' },
    { from: ['paid'], by: ['provider'], on: 'payout_reversed', to: 'reversed' },
  ],
  processIn: payoutIn,
  never: () => [],
  late: '2027-01-01T00:00:00.000Z',
  keys: ['reason', 'amount'],
  accountsOf: ({ terms }) => [terms.destination_id],
});

const expire = { on: 'expire', by: 'system', actor: null, data: {} };

test('one that nobody approves is given back, and one that needs no approval goes on at once', () => {
  const asked = openPayout('four_eyes');
  const decision = decide(payoutMachine, asked, expire, { now: payoutMachine.deadlineOf(asked) as string, feeBps: 0 });
  if (!('step' in decision)) throw new Error('refused');
  expect(decision.step.to).toBe('cancelled');
  expect(payoutMachine.promisesOf(asked, decision.step)).toMatchObject([{ kind: 'give_back', amount: '700' }]);
  const direct = openPayout('direct');
  expect(payoutMachine.deadlineOf(direct)).toBe(direct.entered_at);
});

test('what it waited for being there, it goes at once and not after another hold window', () => {
  const held = payoutIn('held', 'direct');
  const now = '2026-03-02T09:00:00.000Z';
  const clear = decide(payoutMachine, held, { ...expire, on: 'clear' }, { now, feeBps: 0 });
  if (!('step' in clear)) throw new Error('refused');
  expect(payoutMachine.deadlineOf(evolve(payoutMachine, held, clear.step))).toBe(now);
});

test('the parts of a payout add up, and the fee is rounded down', () => {
  expect(partsOf(999n, 150, 5n)).toEqual({ gross: 999n, fee: 19n, net: 980n });
  expect(boundsOf('INR', 50)).toEqual({ least: 100n, daily: 25_000_000n, fourEyesFrom: 5_000_000n });
});
