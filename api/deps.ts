import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Pool } from '#db/pool.ts';
import type { Providers } from '#payments/providers.ts';
import type { Bus } from '#realtime/bus.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';

/** What the API is built from: everything it touches in the world, so that a test can hand it each. */
export type Deps = {
  config: Config;
  pool: Pool;
  /** Null where none is configured. It may be away at any time. */
  redis: Redis | null;
  /** Between processes: who has new events, which logins have ended. */
  bus: Bus;
  providers: Providers;
  log: Logger;
  metrics: Metrics;
  now: () => Date;
  /** Rings for a deal after its step is committed, so that its workflow hears of it now and not at the next sweep. */
  ring: (conversationId: string) => void;
  /** Rings for people after events for them are committed, so that their sockets have them now. */
  ringUsers: (userIds: readonly string[]) => void;
};
