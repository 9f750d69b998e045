/** Streams for tests. */
import fc from 'fast-check';
import type { Process } from '../../process/machine.ts';
import type { Playable } from '../../process/testing/world.ts';
import { streamMachine } from '../machine.ts';
import type { Terms } from '../terms.ts';

export const OPENED = '2026-03-01T09:00:00.000Z';
const HOUR_MS = 3_600_000;

const later = (instant: string, ms: number) => new Date(Date.parse(instant) + ms).toISOString();

export function streamIn(
  state: string,
  { starts_at = null as string | null, watched = true, silent = false } = {},
): Process<Terms> {
  const opened = streamMachine.opening({
    id: '0190f3a2-0000-7000-8000-00000000577a',
    variant: null,
    opened: { starts_at, watched },
    held: '0',
    asset: 'TOKEN',
    at: OPENED,
  });
  const began = state !== 'scheduled' && state !== 'cancelled';
  const terms = { ...opened.terms, started_at: began ? OPENED : null, silent_since: silent ? OPENED : null };
  return { ...opened, state, terms };
}

/** How streams are played. */
export const STREAMS: Playable<Terms> = {
  machine: streamMachine,
  variants: [null],
  opens: () =>
    fc
      .record({
        starts_at: fc.option(fc.integer({ min: 0, max: 300 * 24 }).map((hours) => later(OPENED, hours * HOUR_MS))),
        watched: fc.boolean(),
      })
      .map((given) => streamIn('scheduled', given)),
  smallest: () => streamIn('scheduled'),
  complete: (process) => ({ starts_at: later(process.stepped_at, 2 * HOUR_MS) }),
  actors: {
    creator: '0190f3a2-0000-7000-8000-00000000c4ea',
    admin: '0190f3a2-0000-7000-8000-00000000ad11',
    provider: null,
    system: null,
  },
  tells: [],
  shapeOf: ({ terms }) => String(terms.silent_since === null),
};
