import type { Logger } from 'pino';
import type { Pool } from '#db/pool.ts';
import { listTellings, takeChanged, takeEndedSegments, tellFollowers } from '#db/stream/telling.ts';
import { takeSubscribersChanged } from '#db/subscription/subscriptions.ts';
import { takeHoldersRefunded } from '#db/ticketEvent/tickets.ts';
import type { Bus } from '#realtime/bus.ts';
import { startTurns, type Turns } from './turns.ts';

const TURN_MS = 500;
const AT_ONCE = 32;
/** People whose rooms are looked through in one turn: an event that is cancelled has as many holders as seats. */
const DOUBTED_AT_ONCE = 1_000;

/**
 * Tells what has changed in streams: rooms their status and the ends of segments, followers that one begins or begins
 * soon; and has those leave who paid and do not any more. Several workers do no harm: each takes what no other has.
 */
export function startStreams({ pool, bus, log, now }: { pool: Pool; bus: Bus; log: Logger; now: () => Date }): Turns {
  const say = (streamId: string, name: string, data: object) =>
    bus.live({ rooms: [`stream_${streamId}`], name, data: { streamId, ...data } });

  async function turn(stopping: AbortSignal): Promise<number> {
    for (const { id, status } of await takeChanged(pool, AT_ONCE)) say(id, 'stream:state', { status });
    for (const { stream_id, segment_id } of await takeEndedSegments(pool, now().toISOString(), AT_ONCE)) {
      say(stream_id, 'segment:end', { segmentId: segment_id });
    }
    const doubted = [
      ...(await takeSubscribersChanged(pool, DOUBTED_AT_ONCE)),
      ...(await takeHoldersRefunded(pool, DOUBTED_AT_ONCE)),
    ];
    if (doubted.length > 0) bus.doubt([...new Set(doubted)]);
    for (const telling of await listTellings(pool, AT_ONCE)) {
      for (let more = true; more && !stopping.aborted; ) {
        const told = await pool.transaction((transaction) => tellFollowers(transaction, telling, now().toISOString()));
        more = told?.more ?? false;
      }
    }
    return TURN_MS;
  }

  return startTurns(turn, (error) => {
    log.warn({ err: error }, 'what has changed in streams could not be told; trying again');
    return TURN_MS;
  });
}
