import type { Logger } from 'pino';
import { listUnnoted, noteNext, passOver, readSpans, type Span, setAllNoted } from '#db/notification/noting.ts';
import type { Pool } from '#db/pool.ts';
import type { HeardNumber } from '#realtime/bus.ts';
import { Failure } from '#workflows/failures.ts';
import { inChunks, startTurns, type Turns } from './turns.ts';

/** What is pushed is in no greater hurry: a push waits first for a socket that may have the event. */
const TURN_MS = 1_000;
/** So far a turn looks back: what took longer to be committed is found by the next round. */
const LOOK_BACK_MS = 10_000;
/** A round looks at all since the last one, and begins with the first turn. */
const ROUND_MS = 30_000;
const AT_ONCE = 256;

export type Noting = {
  pool: Pool;
  /** Has these people's clients asked for what they have had. */
  confirm: (heard: readonly HeardNumber[]) => void;
  systemUserId: string;
  log: Logger;
  now: () => Date;
};

/**
 * Notifies people of what their events are worth: messages while they are away, deals that moved, money, payouts. Several
 * workers do no harm: of one person's events one of them looks at each.
 */
export function startNoting({ pool, confirm, systemUserId, log, now }: Noting): Turns {
  let lastRound = Number.NEGATIVE_INFINITY;

  async function turn(stopping: AbortSignal): Promise<number> {
    const { lately, all } = await readSpans(pool, LOOK_BACK_MS);
    if (now().getTime() - lastRound < ROUND_MS) await look(lately, stopping);
    else {
      // Whatever comes of it: what is new is not to wait for what is left.
      lastRound = now().getTime();
      if (await look(all, stopping)) await setAllNoted(pool, all.until);
    }
    return TURN_MS;
  }

  /** Whether nothing of the span is left. What comes meanwhile is of the next: so this ends however much that is. */
  async function look(span: Span, stopping: AbortSignal): Promise<boolean> {
    let left = 0;
    await inChunks(stopping, async () => {
      const userIds = await listUnnoted(pool, span, AT_ONCE);
      const looked = userIds.length === 0 ? 0 : await note(userIds, stopping);
      left = userIds.length - looked;
      // Whoever has much is looked at in parts.
      return looked > 0;
    });
    return left === 0 && !stopping.aborted;
  }

  /** How many of these were looked at. Where one of them cannot be, the others are not held up by that. */
  async function note(userIds: readonly string[], stopping: AbortSignal): Promise<number> {
    try {
      return await noteThese(userIds);
    } catch (error) {
      if (isAway(error)) throw error;
      let looked = 0;
      for (const userId of userIds) if (!stopping.aborted) looked += await noteOne(userId);
      return looked;
    }
  }

  /** One by one what was announced to somebody, and past what cannot be looked at. */
  async function noteOne(userId: string): Promise<number> {
    try {
      return await noteThese([userId], 1);
    } catch (error) {
      if (isAway(error)) throw error;
      log.error(
        { err: error, user_id: userId },
        'something that somebody heard of could not be notified of; passed over',
      );
      await passOver(pool, userId);
      return 1;
    }
  }

  async function noteThese(userIds: readonly string[], rowsOfEach?: number): Promise<number> {
    const asked = { userIds, systemUserId, now: now().toISOString(), ...(rowsOfEach && { rowsOfEach }) };
    const { looked, pushed } = await pool.transaction((transaction) => noteNext(transaction, asked));
    confirm(pushed);
    return looked;
  }

  return startTurns(turn, (error) => {
    log.warn({ err: error }, 'what events are worth could not be notified of; trying again');
    return TURN_MS;
  });
}

const isAway = (error: unknown): boolean => error instanceof Failure && error.code === 'UNAVAILABLE';
