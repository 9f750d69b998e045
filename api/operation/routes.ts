import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import { isOpen } from '../config.ts';
import type { Deps } from '../deps.ts';
import { serveNumbers } from './metricsPort.ts';
import { createWatch, type Numbers, PARTS, type Watch } from './watch.ts';

const tags = ['Operations'];
const part = z.enum(PARTS);

/** For probes and scrapers: no token, and nothing in them that is not a number or a part's name. */
export function operationsRoutes(app: App, deps: Deps): void {
  const watch = createWatch(deps);

  app.get(
    '/livez',
    {
      schema: {
        operationId: 'probes.live',
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
        operationId: 'probes.ready',
        tags,
        summary: 'Whether requests should be sent here',
        description:
          '503 without Postgres, with `details.missing`. Otherwise 200: without Redis, the worker, its relay, ' +
          'Temporal or (where there is one) RabbitMQ clicks and messages are answered, and what has to happen ' +
          'because of them waits; those are named as `degraded`.',
        response: answers({
          200: success(z.object({ ready: z.literal(true), degraded: z.array(part) })),
        }),
      },
    },
    async () => {
      const { missing, degraded } = await watch.parts();
      if (missing.length > 0) {
        const details = { missing, degraded };
        throw new Failure('UNAVAILABLE', `${missing.join(', ')} cannot be reached.`, { retryAfter: 1, details });
      }
      return { success: true as const, data: { ready: true as const, degraded } };
    },
  );

  const numbers = async () => {
    await read(watch, deps.metrics);
    return deps.metrics.registry.metrics();
  };
  const hasPort = deps.config.METRICS_PORT !== undefined;
  if (hasPort) serveNumbers(app, deps, numbers);
  if (hasPort || !isOpen(deps.config, 'metrics')) return;
  const isProduction = deps.config.NODE_ENV === 'production';
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics.read',
        tags,
        summary: 'Numbers for Prometheus',
        response: answers({
          200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } } as never,
        }),
      },
    },
    async ({ headers }, reply) => {
      if (isProduction && isForwarded(headers)) return reply.callNotFound();
      reply.type(deps.metrics.registry.contentType);
      return (await numbers()) as never;
    },
  );
}

/** Whether a request came by what stands before the API: that is how the world comes, and no scraper. */
function isForwarded(headers: IncomingHttpHeaders): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
}

/** Numbers that live in Postgres. Without it the others are still given, and that it is away. */
async function read(watch: Watch, metrics: Deps['metrics']): Promise<void> {
  const [{ parts }, numbers] = await Promise.all([watch.parts(), watch.numbers()]);
  metrics.parts.reset();
  for (const [name, up] of Object.entries(parts)) metrics.parts.set({ part: name }, up ? 1 : 0);
  metrics.unfinished.reset();
  metrics.lag.reset();
  metrics.broken.remove();
  metrics.booksChecked.remove();
  if (!parts.postgres || !numbers) return;
  for (const [of, seconds] of Object.entries(lagsOf(numbers))) metrics.lag.set({ of }, seconds);
  for (const [what, many] of Object.entries(unfinishedOf(numbers))) metrics.unfinished.set({ what }, many);
  metrics.broken.set(numbers.books.broken);
  metrics.booksChecked.set(numbers.books.checked_at);
}

/** By the names that they are told by. */
const lagsOf = (numbers: Numbers) => ({
  webhook: numbers.webhook_lag_seconds,
  relay: numbers.relay_lag_seconds,
  publication: numbers.publication_lag_seconds,
  delivery: numbers.delivery_lag_seconds,
  push: numbers.push_lag_seconds,
});

const unfinishedOf = (numbers: Numbers) => ({
  inbox: numbers.inbox_waiting,
  relay: numbers.relay_waiting,
  promises: numbers.promises_open,
  refunds: numbers.refunds_open,
  tasks: numbers.tasks_open,
  deals: numbers.deals_open,
  publications: numbers.publications_waiting,
  deliveries: numbers.deliveries_waiting,
  pushes: numbers.pushes_waiting,
});
