import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { HeardEvents } from '#db/heard.ts';
import type { Pool } from '#db/pool.ts';
import type { Secrets } from '#db/secrets.ts';
import type { PayoutProviders, Providers } from '#payments/providers.ts';
import type { Bus } from '#realtime/bus.ts';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Supervisor } from './sandbox/supervisor.ts';

/** What the API is built from: everything it touches in the world, so that a test can hand it each. */
export type Deps = {
  config: Config;
  pool: Pool;
  /** For probes and metrics alone: they are answered while all of `pool` is busy. */
  probes: Pool;
  /** For providers' webhooks alone: they are stored while all of `pool` is busy. */
  inbox: Pool;
  /** How what opens something lies in the database. */
  secrets: Secrets;
  /** Null where none is configured. It may be away at any time. */
  redis: Redis | null;
  /** Between processes: who has new events, which logins have ended. */
  bus: Bus;
  providers: Providers;
  payoutProviders: PayoutProviders;
  /** Null where nobody keeps the parts running of whom they could be asked to be broken. */
  supervisor: Supervisor | null;
  log: Logger;
  metrics: Metrics;
  now: () => Date;
  /** Rings for a deal after its step is committed, so that its workflow hears of it now and not at the next sweep. */
  ring: (conversationId: string) => void;
  /** The same for a provider's fact about it, which goes before steps: money has come in. */
  ringFact: (processId: string) => void;
  /** Rings for people, so that their sockets have new events now; the pool calls it whenever some were committed. */
  ringUsers: (userIds: readonly string[], told?: readonly HeardEvents[]) => void;
};
