import type { Patiently } from '#db/looking.ts';
import type { Pool } from '#db/pool.ts';
import type { PayoutProvider } from '#payments/payout.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import type { PushServices } from '#push/services.ts';

/** What is used of pino's logger. */
type Log = Record<'info' | 'warn' | 'error', (fields: object, sentence: string) => void>;

export type ActivityDeps = {
  pool: Pool;
  /** The provider that took a payment gives it back, whichever is used for new orders. */
  provider: (name: string) => PaymentProvider | null;
  /** Who pays out; null where they are not configured here. */
  payoutProvider: (name: string) => PayoutProvider | null;
  systemUserId: string;
  log: Log;
  /** Called when an activity's transactions are committed and its workflow has not heard so: a test dies here. */
  committed?: (processId: string) => void;
  /** Who sent an Update, as the server knows them; null where it does not. */
  senderOf: (update: { workflowId: string; runId: string; updateId: string }) => Promise<string | null>;
  /** For what takes minutes: a connection that nobody else waits for. */
  patiently: Patiently;
  /** Whether other services are told of what happens; left out, they are, and what they were not told is kept. */
  hasBroker?: boolean;
  /** Left out: nobody is pushed to, and the log of each notification says so. */
  push?: PushDeps;
};

/** What pushing takes beside the database. */
export type PushDeps = {
  services: PushServices;
  /** Whether a connected page or app has acknowledged this user's event of that number, or a later one. */
  socketHasTaken: (userId: string, seq: number) => Promise<boolean>;
  /** Their sockets are rung for, after the commit. */
  ringUsers: (userIds: readonly string[]) => void;
};
