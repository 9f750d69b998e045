import type { Pool } from '#db/pool.ts';
import type { PaymentProvider } from '#payments/provider.ts';

/** What is used of pino's logger. */
type Log = Record<'info' | 'warn' | 'error', (fields: object, sentence: string) => void>;

export type ActivityDeps = {
  pool: Pool;
  /** The provider that took a payment gives it back, whichever is used for new orders. */
  provider: (name: string) => PaymentProvider | null;
  systemUserId: string;
  log: Log;
  /** Who heard something: their sockets and the deal's workflow, called after the commit. */
  ring: (conversationId: string) => void;
};
