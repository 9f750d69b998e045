import type { Logger } from 'pino';
import { deleteAnswersBefore } from '#db/answers.ts';
import type { Pool } from '#db/pool.ts';
import { deleteSessionsBefore } from '#db/sessions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As the API promises: a key may be used anew after that. */
const ANSWERS_KEPT_MS = 30 * DAY_MS;
/** Longer than a refresh token lives, so that a late reuse is still recognized as one. */
const SESSIONS_KEPT_MS = 60 * DAY_MS;
/** Rows at once, so that no statement holds up others for long. */
const AT_ONCE = 5_000;

/** Forgets what need not be remembered, every hour. Several workers doing so do no harm. */
export function startHousekeeping(pool: Pool, log: Logger, now: () => Date): { stop(): Promise<void> } {
  let stopped = false;
  let cleaning = clean();
  const timer = setInterval(() => {
    cleaning = clean();
  }, HOUR_MS);
  timer.unref();

  async function clean(): Promise<void> {
    const before = (keptMs: number) => new Date(now().getTime() - keptMs).toISOString();
    try {
      const answers = await untilNoneIsLeft(() => deleteAnswersBefore(pool, before(ANSWERS_KEPT_MS), AT_ONCE));
      const sessions = await untilNoneIsLeft(() => deleteSessionsBefore(pool, before(SESSIONS_KEPT_MS), AT_ONCE));
      if (answers + sessions > 0) log.info({ answers, sessions }, 'old rows were forgotten');
    } catch (error) {
      log.warn({ err: error }, 'old rows could not be forgotten');
    }
  }

  /** Round after round: what an hour brings may be more than one takes. Answers how many rows were deleted. */
  async function untilNoneIsLeft(round: () => Promise<number>): Promise<number> {
    let all = 0;
    while (!stopped) {
      const deleted = await round();
      all += deleted;
      if (deleted < AT_ONCE) break;
    }
    return all;
  }

  return {
    /** After the round that is under way. */
    async stop() {
      stopped = true;
      clearInterval(timer);
      await cleaning;
    },
  };
}
