import type { Logger } from 'pino';
import { listUnnoted, noteNext, readClock, setAllNoted } from '#db/notification/noting.ts';
import type { Pool } from '#db/pool.ts';
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
  confirm: (userIds: readonly string[]) => void;
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
    const isRound = now().getTime() - lastRound >= ROUND_MS;
    if (!isRound) {
      await look(LOOK_BACK_MS, stopping);
      return TURN_MS;
    }
    const until = await readClock(pool);
    const isAll = await look(null, stopping);
    if (isAll) await setAllNoted(pool, until);
    lastRound = now().getTime();
    return TURN_MS;
  }

  /** Whether nothing is left that was there before. */
  async function look(lastMs: number | null, stopping: AbortSignal): Promise<boolean> {
    let left = 0;
    await inChunks(stopping, async () => {
      const userIds = await listUnnoted(pool, lastMs, AT_ONCE);
      const looked = userIds.length === 0 ? 0 : await note(userIds);
      left = userIds.length - looked;
      // Whoever has much is looked at in parts.
      return looked > 0;
    });
    return left === 0 && !stopping.aborted;
  }

  /** How many of these were looked at. Where one of them cannot be, the others are not held up by that. */
  async function note(userIds: readonly string[]): Promise<number> {
    try {
      return await noteThese(userIds);
    } catch (error) {
      if (userIds.length === 1) {
        log.error({ err: error, user_id: userIds[0] }, 'somebody could not be notified of what their events are worth');
        return 0;
      }
      let looked = 0;
      for (const userId of userIds) looked += await note([userId]);
      return looked;
    }
  }

  async function noteThese(userIds: readonly string[]): Promise<number> {
    const asked = { userIds, systemUserId, now: now().toISOString() };
    const { looked, pushed } = await pool.transaction((transaction) => noteNext(transaction, asked));
    confirm(pushed);
    return looked;
  }

  return startTurns(turn, (error) => {
    log.warn({ err: error }, 'what events are worth could not be notified of; trying again');
    return TURN_MS;
  });
}
