import type { Logger } from 'pino';
import { noteBattles } from '#db/battle/noting.ts';
import { closeLeftOpen, takeStandings, tellLastWords } from '#db/openings.ts';
import { grantVoters } from '#db/poll/voting.ts';
import type { Pool } from '#db/pool.ts';
import { takeUpvoted } from '#db/question/questions.ts';
import { listTellings, takeChanged, takeEndedSegments, tellFollowers } from '#db/stream/telling.ts';
import { takeSubscribersChanged } from '#db/subscription/subscriptions.ts';
import { takeHoldersRefunded } from '#db/ticketEvent/tickets.ts';
import type { Bus } from '#realtime/bus.ts';
import { lookAtChallenges, rewardChallenges } from './challenges.ts';
import { inChunks, startTurns, type Turns } from './turns.ts';

const TURN_MS = 500;
const AT_ONCE = 32;
/** People whose rooms are looked through in one turn: an event that is cancelled has as many holders as seats. */
const DOUBTED_AT_ONCE = 1_000;

export type Streaming = {
  pool: Pool;
  bus: Bus;
  /** Has a process's workflow told of its steps. */
  ring: (processId: string) => void;
  systemUserId: string;
  log: Logger;
  now: () => Date;
};

/**
 * Ends what is open in streams that are over, and tells what has changed: rooms their stream's status, the ends of
 * segments and how what is open in it stands, followers that one begins or begins soon, the two of a battle that it
 * begins or is over, voters of what they gain; and has those leave who paid and do not any more. Several workers do no
 * harm: each takes what no other has.
 */
export function startStreams({ pool, bus, ring, systemUserId, log, now }: Streaming): Turns {
  const say = (streamId: string, name: string, data: object) =>
    bus.live({ rooms: [`stream_${streamId}`], name, data: { streamId, ...data } });

  async function live(): Promise<number> {
    for (const { id, status } of await takeChanged(pool, AT_ONCE)) say(id, 'stream:state', { status });
    for (const { stream_id, segment_id } of await takeEndedSegments(pool, now().toISOString(), AT_ONCE)) {
      say(stream_id, 'segment:end', { segmentId: segment_id });
    }
    const doubted = [
      ...(await takeSubscribersChanged(pool, DOUBTED_AT_ONCE)),
      ...(await takeHoldersRefunded(pool, DOUBTED_AT_ONCE)),
    ];
    if (doubted.length > 0) bus.doubt([...new Set(doubted)]);
    const words = [
      ...(await takeStandings(pool, now().toISOString(), AT_ONCE)),
      ...(await takeUpvoted(pool, now().toISOString(), AT_ONCE)),
    ];
    for (const word of words) bus.live({ ...word, rooms: [...word.rooms] });
    const origin = { now: now().toISOString(), systemUserId, correlationId: null };
    // Before what is left open is ended: what has come to its target is won.
    await lookAtChallenges({ pool, bus, ring }, origin, AT_ONCE);
    for (const processId of await closeLeftOpen(pool, origin, AT_ONCE)) ring(processId);
    return TURN_MS;
  }

  async function tell(stopping: AbortSignal): Promise<number> {
    await rewardChallenges(pool, now().toISOString(), AT_ONCE, stopping);
    await inChunks(stopping, () => pool.transaction((transaction) => grantVoters(transaction, now().toISOString())));
    await inChunks(stopping, () =>
      pool.transaction((transaction) => noteBattles(transaction, now().toISOString(), AT_ONCE)),
    );
    await tellLastWords(pool, now().toISOString(), AT_ONCE);
    for (const telling of await listTellings(pool, AT_ONCE)) {
      await inChunks(stopping, async () => {
        const told = await pool.transaction((transaction) => tellFollowers(transaction, telling, now().toISOString()));
        return told?.more ?? false;
      });
    }
    return TURN_MS;
  }

  // Beside each other: what is live does not wait until a hundred thousand followers are told.
  const turns = [live, tell].map((turn) =>
    startTurns(turn, (error) => {
      log.warn({ err: error }, 'what has changed in streams could not be told; trying again');
      return TURN_MS;
    }),
  );
  return {
    async stop() {
      await Promise.all(turns.map((each) => each.stop()));
    },
  };
}
