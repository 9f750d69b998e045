/** Challenges for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { challengeMachine } from '../machine.ts';
import { type Terms, TYPES } from '../terms.ts';

export const OPENED = '2026-03-01T09:00:00.000Z';

export function challengeIn(
  state: string,
  { target = 100, lasts = 60_000, type = 'gifts' as (typeof TYPES)[number] } = {},
): Process<Terms> {
  const opened = challengeMachine.opening({
    id: '0190f3a2-0000-7000-8000-00000000c4a1',
    variant: null,
    opened: { stream_id: '0190f3a2-0000-7000-8000-00000000577a', type, target, lasts },
    held: '0',
    asset: 'TOKEN',
    at: OPENED,
  });
  return { ...opened, state, terms: { ...opened.terms, progress: state === 'open' ? null : target } };
}

/** How challenges are played. */
export const CHALLENGES: Playable<Terms> = {
  machine: challengeMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        target: fc.integer({ min: 1, max: 1_000_000_000 }),
        lasts: fc.integer({ min: 1_000, max: 86_400_000 }),
        type: fc.constantFrom(...TYPES),
      })
      .map((given) => challengeIn('open', given)),
  smallest: () => challengeIn('open'),
  complete: ({ terms }, on, chance) => ({
    progress: on === 'reach' ? terms.target + (chance % 7) : chance % terms.target,
  }),
  actors: {
    creator: '0190f3a2-0000-7000-8000-00000000c4ea',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [],
  shapeOf: () => '',
};
