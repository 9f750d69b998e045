/** Boosts for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { boostMachine } from '../machine.ts';
import { MAX_LASTS_MS, MIN_LASTS_MS } from '../score.ts';
import { TARGETS, type Terms } from '../terms.ts';

export const OPENED = '2026-03-01T09:00:00.000Z';

export function boostIn(
  state: string,
  { held = '100', lasts = 24 * 3_600_000, target = 'profile' as (typeof TARGETS)[number] } = {},
): Process<Terms> {
  const opened = boostMachine.opening({
    id: '0190f3a2-0000-7000-8000-00000000b001',
    variant: null,
    opened: { target, target_id: '0190f3a2-0000-7000-8000-000000007a61', duration: lasts / 3_600_000, lasts },
    held,
    asset: 'CREDIT',
    at: OPENED,
  });
  if (state === 'active') return opened;
  return { ...opened, state, held: '0', terms: { ...opened.terms, refunded: '0' } };
}

/** How boosts are played. */
export const BOOSTS: Playable<Terms> = {
  machine: boostMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        held: fc.integer({ min: 1, max: 1_000_000 }).map(String),
        lasts: fc.integer({ min: MIN_LASTS_MS, max: MAX_LASTS_MS }),
        target: fc.constantFrom(...TARGETS),
      })
      .map((given) => boostIn('active', given)),
  smallest: () => boostIn('active'),
  complete: () => ({ amount: '100', promise_id: 'p' }),
  actors: {
    booster: '0190f3a2-0000-7000-8000-00000000b057',
    owner: '0190f3a2-0000-7000-8000-0000000000e2',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [
    { on: 'credits_used', by: 'system', promise: 'use', from: 0, to: 1 },
    { on: 'credits_settled', by: 'system', promise: 'settle', from: 0, to: 1 },
  ],
  shapeOf: () => '',
};
