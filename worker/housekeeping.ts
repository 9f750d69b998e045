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
export function startHousekeeping(pool: Pool, log: Logger, now: () => Date): { stop(): void } {
  const timer = setInterval(() => void clean(), HOUR_MS);
  timer.unref();
  void clean();

  async function clean(): Promise<void> {
    const before = (keptMs: number) => new Date(now().getTime() - keptMs).toISOString();
    try {
      const answers = await deleteAnswersBefore(pool, before(ANSWERS_KEPT_MS), AT_ONCE);
      const sessions = await deleteSessionsBefore(pool, before(SESSIONS_KEPT_MS), AT_ONCE);
      if (answers + sessions > 0) log.info({ answers, sessions }, 'old rows were forgotten');
    } catch (error) {
      log.warn({ err: error }, 'old rows could not be forgotten');
    }
  }

  return { stop: () => clearInterval(timer) };
}
