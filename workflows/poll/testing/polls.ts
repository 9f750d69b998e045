/** Polls for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { pollMachine } from '../machine.ts';
import { OPTIONS, SECONDS, type Terms } from '../terms.ts';

export const OPENED = '2026-03-01T09:00:00.000Z';
const STREAM = '0190f3a2-0000-7000-8000-00000000577a';

export function pollIn(state: string, { options = 3, seconds = 60 } = {}): Process<Terms> {
  const opened = pollMachine.opening({
    id: '0190f3a2-0000-7000-8000-000000009011',
    variant: null,
    opened: { stream_id: STREAM, options, duration_seconds: seconds },
    held: '0',
    asset: 'TOKEN',
    at: OPENED,
  });
  const ended_by = state === 'open' ? null : 'time';
  const counts = state === 'closed' ? Array.from({ length: options }, () => 0) : null;
  return { ...opened, state, terms: { ...opened.terms, ended_by, counts } };
}

/** How polls are played. */
export const POLLS: Playable<Terms> = {
  machine: pollMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        options: fc.integer({ min: OPTIONS.least, max: OPTIONS.most }),
        seconds: fc.integer({ min: SECONDS.least, max: SECONDS.most }),
      })
      .map((given) => pollIn('open', given)),
  smallest: () => pollIn('open', { options: 2 }),
  complete: ({ state, terms }, _, chance): Record<string, unknown> =>
    state === 'counting'
      ? { counts: Array.from({ length: terms.options }, (_, option) => (chance >> option) & 15) }
      : {},
  actors: {
    creator: '0190f3a2-0000-7000-8000-00000000c4ea',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [],
  shapeOf: ({ terms }) => String(terms.ended_by),
};
