import { Failure } from '#workflows/failures.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import type { Between } from './between.ts';

const DAY_S = 24 * 60 * 60;
const DAY_MS = DAY_S * 1_000;

/**
 * Refuses who writes to somebody that never answered, beyond so many messages a day. Of messages sent in the same
 * instant a few more may pass. RATE_LIMITED, naming the limit.
 */
export function refuseUnanswered({ nth_at, answered }: Pick<Between, 'nth_at' | 'answered'>, now: string): void {
  if (nth_at === null || answered) return;
  const left = Date.parse(nth_at) + DAY_MS - Date.parse(now);
  if (left <= 0) return;
  const many = TALK_LIMITS.unanswered;
  const retryAfter = Math.ceil(left / 1_000);
  throw new Failure(
    'RATE_LIMITED',
    `They have not answered: at most ${many} messages a day can be sent until they do.`,
    {
      retryAfter,
      details: { limit: 'unanswered_messages', allowed: many, per_seconds: DAY_S, retry_after: retryAfter },
    },
  );
}
