/** Top-ups for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { topUpMachine } from '../machine.ts';
import type { Terms } from '../terms.ts';

function open(asset: 'INR' | 'TOKEN' = 'TOKEN'): Process<Terms> {
  return topUpMachine.opening({
    id: '0190f3a2-0000-7000-8000-0000000007a0',
    variant: null,
    opened: { asset, quantity: '7', price: '700' },
    held: '0',
    asset: 'INR',
    at: '2026-03-01T09:00:00.000Z',
  });
}

export function topUpIn(state: string): Process<Terms> {
  return { ...open(), state };
}

/** How top-ups are played. */
export const TOP_UPS: Playable<Terms> = {
  machine: topUpMachine,
  variants: [null],
  opens: () => fc.constantFrom('INR', 'TOKEN').map((asset) => open(asset as 'INR')),
  smallest: () => open(),
  complete: () => ({ amount: '700', capture_id: '0190f3a2-0000-7000-8000-00000000ca97' }),
  actors: { buyer: '0190f3a2-0000-7000-8000-0000000000b0', admin: null, provider: null, system: null },
  tells: [
    { on: 'credited', by: 'system', promise: 'credit', from: 0, to: 1 },
    { on: 'refund_settled', by: 'provider', promise: 'refund', from: 1, to: 2 },
    { on: 'refund_failed', by: 'provider', promise: 'refund', from: 1, to: 1 },
  ],
  shapeOf: () => '',
};
