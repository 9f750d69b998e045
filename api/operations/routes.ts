import { z } from 'zod';
import { getReadings } from '#db/readings.ts';
import { findRelayLag } from '#db/relays.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { lookAtParts } from './parts.ts';

const tags = ['Operations'];
const part = z.enum(['postgres', 'redis', 'worker', 'relay', 'temporal']);

/** For probes and scrapers: no token, and nothing in them that is not a number or a part's name. */
export function operationsRoutes(app: App, deps: Deps): void {
  app.get(
    '/livez',
    {
      schema: {
        tags,
        summary: 'Whether this process works',
        response: answers({ 200: success(z.object({ alive: z.literal(true) })) }),
      },
    },
    async () => ({ success: true as const, data: { alive: true as const } }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'Whether requests should be sent here',
        description:
          '503 without Postgres, with `details.missing`. Otherwise 200: without Redis, the worker, its relay or ' +
          'Temporal clicks and messages are answered, and what has to happen because of them waits; those are named ' +
          'as `degraded`.',
        response: answers({
          200: success(z.object({ ready: z.literal(true), degraded: z.array(part) })),
        }),
      },
    },
    async () => {
      const { missing, degraded } = await lookAtParts(deps);
      if (missing.length > 0) {
        const details = { missing, degraded };
        throw new Failure('UNAVAILABLE', `${missing.join(', ')} cannot be reached.`, { retryAfter: 1, details });
      }
      return { success: true as const, data: { ready: true as const, degraded } };
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags,
        summary: 'Numbers for Prometheus',
        response: answers({
          200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } } as never,
        }),
      },
    },
    async (_request, reply) => {
      await read(deps);
      reply.type(deps.metrics.registry.contentType);
      return deps.metrics.registry.metrics() as never;
    },
  );
}

/** Numbers that live in Postgres. Without it the others are still given, and that it is away. */
async function read({ pool, redis, metrics, now }: Deps): Promise<void> {
  const { parts } = await lookAtParts({ pool, redis });
  for (const [name, up] of Object.entries(parts)) metrics.parts.set({ part: name }, up ? 1 : 0);
  metrics.unfinished.reset();
  metrics.lag.reset();
  if (!parts.postgres) return;
  const [readings, relay] = await Promise.all([getReadings(pool), findRelayLag(pool, now().toISOString())]);
  metrics.lag.set({ of: 'webhook' }, readings.webhook_lag_seconds);
  metrics.lag.set({ of: 'relay' }, Math.max(0, relay.seconds ?? 0));
  metrics.unfinished.set({ what: 'inbox' }, readings.inbox_waiting);
  metrics.unfinished.set({ what: 'relay' }, Number(relay.deals));
  metrics.unfinished.set({ what: 'promises' }, readings.promises_open);
  metrics.unfinished.set({ what: 'refunds' }, readings.refunds_open);
  metrics.unfinished.set({ what: 'tasks' }, readings.tasks_open);
  metrics.unfinished.set({ what: 'deals' }, readings.deals_open);
}
