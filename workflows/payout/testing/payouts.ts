/** Payouts for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { payoutMachine } from '../machine.ts';
import type { Terms } from '../terms.ts';

const OPENED = '2026-03-01T09:00:00.000Z';

const opened = {
  fee: '7',
  net: '693',
  hold_for: 'PT10M',
  provider: 'sandbox',
  destination_id: '0190f3a2-0000-7000-8000-00000000de51',
};

export function openPayout(variant: string | null, held = '700', at = OPENED): Process<Terms> {
  return payoutMachine.opening({
    id: '0190f3a2-0000-7000-8000-0000000009a1',
    variant,
    opened,
    held,
    asset: 'INR',
    at,
  });
}

export function payoutIn(state: string, variant: string | null): Process<Terms> {
  const process = openPayout(variant);
  return { ...process, state, held: state === 'requested' || state === 'held' ? '700' : '0' };
}

/** How payouts are played. */
export const PAYOUTS: Playable<Terms> = {
  machine: payoutMachine,
  variants: ['direct', 'four_eyes'],
  opens: (variant) => fc.constantFrom('1', '700', '1000000000000000').map((held) => openPayout(variant, held)),
  smallest: (variant) => openPayout(variant),
  complete: (_, on) =>
    on === 'reject' || on === 'give_up' || on === 'payout_failed' ? { reason: 'no', amount: '700' } : { amount: '700' },
  actors: {
    payee: '0190f3a2-0000-7000-8000-0000000009ee',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [
    { on: 'money_sent', by: 'system', promise: 'send', from: 0, to: 1 },
    { on: 'payout_paid', by: 'provider', promise: 'send', from: 1, to: 2 },
    { on: 'payout_failed', by: 'provider', promise: 'send', from: 1, to: 2 },
    { on: 'payout_reversed', by: 'provider', promise: 'send', from: 2, to: 2 },
    { on: 'money_returned', by: 'system', promise: 'give_back', from: 0, to: 1 },
  ],
  shapeOf: ({ terms }) => (terms.cleared ? 'cleared' : ''),
};
