import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

/** Between signs of life: several fit into the time after which an activity is given to another worker. */
export const SIGN_MS = 5_000;

/**
 * Whoever is at work on an activity that is waited for by signs of life (`heartbeatTimeout`) gives them for as long as
 * this process lives: another takes up what a dead one was at, however long it might have taken.
 */
export function holdWork(context: Pick<Context, 'info' | 'heartbeat'>) {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      if (!context.info.heartbeatTimeoutMs) return next(input);
      const signs = setInterval(() => context.heartbeat(), SIGN_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(signs);
      }
    },
  };
  return { inbound };
}
