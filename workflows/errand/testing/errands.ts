/** Errands for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { type ErrandTerms, errandMachine } from '../machine.ts';

const OPENED = '2026-03-01T09:00:00.000Z';

export function errandIn(state: string, change: Partial<Process<ErrandTerms>> = {}): Process<ErrandTerms> {
  const opened = errandMachine.opening({
    id: '0190f3a2-0000-7000-8000-00000000e001',
    variant: null,
    opened: { within: 'P1D' },
    held: state === 'open' ? '700' : '0',
    asset: 'TOKEN',
    at: OPENED,
  });
  return { ...opened, state, ...change };
}

/** How errands are played. */
export const ERRANDS: Playable<ErrandTerms> = {
  machine: errandMachine,
  variants: [null],
  opens: () => fc.constantFrom('0', '1', '700').map((held) => errandIn('open', { held })),
  smallest: () => errandIn('open'),
  complete: () => ({}),
  actors: {
    giver: '0190f3a2-0000-7000-8000-0000000091fe',
    runner: '0190f3a2-0000-7000-8000-000000001077',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [
    { on: 'money_moved', by: 'system', promise: 'reward', from: 0, to: 1 },
    { on: 'money_moved', by: 'system', promise: 'give_back', from: 0, to: 1 },
  ],
  shapeOf: () => '',
};
