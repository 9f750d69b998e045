/** Battles for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { ANSWER_MS, battleMachine } from '../machine.ts';
import type { Tallies, Terms } from '../terms.ts';

export const OPENED = '2026-03-01T09:00:00.000Z';

export const tallied = (challenger: number, opponent: number, tokens: readonly [number, number] = [0, 0]): Tallies => ({
  challenger: { votes: challenger, tokens: tokens[0] },
  opponent: { votes: opponent, tokens: tokens[1] },
});

export function battleIn(
  state: string,
  { stake = '50', lasts = 300_000, answer_within = ANSWER_MS } = {},
): Process<Terms> {
  const opened = battleMachine.opening({
    id: '0190f3a2-0000-7000-8000-00000000ba77',
    variant: null,
    opened: { stream_id: null, lasts, answer_within },
    held: stake,
    asset: 'TOKEN',
    at: OPENED,
  });
  if (state === 'invited') return opened;
  const held = state === 'running' ? (BigInt(stake) * 2n).toString() : '0';
  const result =
    state === 'ended' ? { tallies: tallied(1, 0), winner: 'challenger' as const, forfeited_by: null } : null;
  return { ...opened, state, held, terms: { ...opened.terms, result } };
}

/** How battles are played. */
export const BATTLES: Playable<Terms> = {
  machine: battleMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        stake: fc.oneof(fc.constant('0'), fc.integer({ min: 1, max: 1_000_000 }).map(String)),
        lasts: fc.integer({ min: 1_000, max: 3_600_000 }),
      })
      .map((given) => battleIn('invited', given)),
  smallest: () => battleIn('invited'),
  complete({ state }, on, chance) {
    if (on.startsWith('stakes_')) return { amount: '100', promise_id: 'p' };
    if (state !== 'running') return {};
    const forfeits = on === 'close' && { forfeited_by: (['challenger', null, 'opponent'] as const)[chance % 3] };
    return { tallies: tallied(chance % 7, chance % 5, [chance % 11, chance % 3]), ...forfeits };
  },
  actors: {
    challenger: '0190f3a2-0000-7000-8000-00000000c4a1',
    opponent: '0190f3a2-0000-7000-8000-0000000000bb',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [
    { on: 'stakes_paid', by: 'system', promise: 'pay', from: 0, to: 1 },
    { on: 'stakes_returned', by: 'system', promise: 'give_back', from: 0, to: 1 },
  ],
  // Chance 0 is a tie of nothing: who wins is another shape.
  shapeOf: ({ terms }) => terms.result?.winner ?? '',
};
