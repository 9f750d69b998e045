import type { Pool } from '#db/pool.ts';
import { statusOf } from '#db/stream/streams.ts';
import type { State } from '#workflows/stream/terms.ts';

/** How streams stand, for what thousands do in one of them: looked at twice a second, and not each time. */
export type Standing = { statusOf(streamId: string): Promise<State | null> };

/** One that is live is taken to be so for as long, in ms. */
const TAKEN_MS = 500;

export function createStanding(pool: Pool, now: () => number = () => performance.now()): Standing {
  const known = new Map<string, { until: number; status: Promise<State | null> }>();

  function look(streamId: string): Promise<State | null> {
    for (const [id, { until }] of known) if (until <= now()) known.delete(id);
    const status = statusOf(pool, streamId);
    known.set(streamId, { until: now() + TAKEN_MS, status });
    // What may be live in a moment, or was not found out, is asked again.
    const forget = () => known.delete(streamId);
    status.then((found) => found === 'live' || forget(), forget);
    return status;
  }

  return {
    statusOf(streamId) {
      const found = known.get(streamId);
      return found && found.until > now() ? found.status : look(streamId);
    },
  };
}
