import type { Role } from '#db/people/accounts.ts';
import { findSessionUser } from '#db/people/sessions.ts';
import type { Pool } from '#db/pool.ts';
import type { Bus } from '#realtime/bus.ts';
import { Recent } from './recent.ts';

/**
 * How long a look at the database counts. An ended session is refused at once in the process that ended it, within
 * milliseconds in others while Redis is there, and after this without it. Roles change as fast.
 */
const FRESH_MS = 5_000;
const REMEMBERED = 50_000;

export type SessionUser = { id: string; handle: string; roles: readonly Role[] };

export type LiveSessions = {
  /** Whose session this is, null when it has ended. */
  find(sessionId: string): Promise<SessionUser | null>;
  /** Tells this process and all others that a session has ended; its sockets close. */
  announceEnd(sessionId: string): void;
};

export function createLiveSessions(deps: {
  pool: Pool;
  bus: Pick<Bus, 'endSession' | 'listen'>;
  now: () => Date;
}): LiveSessions {
  const known = new Recent<string, { user: SessionUser | null; at: number }>(REMEMBERED);
  deps.bus.listen({
    sessionEnded: (sessionId) => remember(sessionId, null),
    // What ended meanwhile was not heard of.
    reconnected: () => known.clear(),
    ring() {},
    live() {},
  });

  function remember(sessionId: string, user: SessionUser | null): void {
    known.set(sessionId, { user, at: deps.now().getTime() });
  }

  return {
    async find(sessionId) {
      const now = deps.now();
      const seen = known.get(sessionId);
      if (seen && now.getTime() - seen.at < FRESH_MS) return seen.user;
      const user = await findSessionUser(deps.pool, sessionId, now.toISOString());
      // It may have ended while we asked: then what we were told is older than what we know.
      const meanwhile = known.get(sessionId);
      if (meanwhile !== seen && meanwhile?.user === null) return null;
      remember(sessionId, user);
      return user;
    },

    announceEnd: (sessionId) => deps.bus.endSession(sessionId),
  };
}
