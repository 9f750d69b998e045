import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Line } from '#db/line.ts';

/** What one API process counts. One registry a process: two apps in one test do not see each other's. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(options: { process?: boolean; line?: () => Pick<Line, 'state'> } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry, prefix: 'tandem_' });
  return {
    registry,
    /** Requests by route pattern, never by path: ids would make a series each. */
    requests: new Histogram({
      name: 'tandem_http_request_seconds',
      help: 'Time from request to answer',
      labelNames: ['method', 'route', 'status'] as const,
      // A click takes some ms and a provider's call seconds.
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    failures: new Counter({
      name: 'tandem_failures_total',
      help: 'Requests and commands that were refused or failed',
      labelNames: ['error_code'] as const,
      registers,
    }),
    transitions: new Counter({
      name: 'tandem_transitions_total',
      help: 'Steps of deals taken at this door',
      labelNames: ['command'] as const,
      registers,
    }),
    messages: new Counter({
      name: 'tandem_messages_total',
      help: 'Messages written at this door',
      registers,
    }),
    ...measuresOfLoad(registers, options.line),
    ...measuresOfBooks(registers),
    /** What is unfinished, read from Postgres when somebody asks. */
    unfinished: new Gauge({
      name: 'tandem_unfinished',
      help:
        'Things that are open or wait: deals, promises, refunds, tasks, webhooks (inbox), untold deals (relay), what ' +
        'other services (publications), customers (deliveries) and devices (pushes) are to be told',
      labelNames: ['what'] as const,
      registers,
    }),
    lag: new Gauge({
      name: 'tandem_lag_seconds',
      help:
        'Age of the oldest webhook that is not booked, of the oldest step whose workflow was not told, of the oldest ' +
        'publication that RabbitMQ has not taken, and since when the first delivery and the first push are due',
      labelNames: ['of'] as const,
      registers,
    }),
    parts: new Gauge({
      name: 'tandem_part_up',
      help: 'Whether a part that we depend on works, as /readyz sees it',
      labelNames: ['part'] as const,
      registers,
    }),
  };
}

/** What waits for Postgres in this process, and who was refused for it. */
function measuresOfLoad(registers: Registry[], line: (() => Pick<Line, 'state'>) | undefined) {
  return {
    shed: new Counter({
      name: 'tandem_shed_total',
      help: 'Requests refused as too many waited for Postgres (length), or one for too long (age)',
      labelNames: ['why'] as const,
      registers,
    }),
    waiting: new Gauge({
      name: 'tandem_database_waiting',
      help: 'Questions to Postgres that wait for a connection of this process',
      registers,
      collect() {
        this.set(line?.().state().waiting ?? 0);
      },
    }),
    waitingSeconds: new Gauge({
      name: 'tandem_database_waiting_seconds',
      help: 'How long the first of them has waited',
      registers,
      collect() {
        this.set((line?.().state().oldestMs ?? 0) / 1_000);
      },
    }),
  };
}

/** What looks at the books found, read from Postgres as well. */
function measuresOfBooks(registers: Registry[]) {
  return {
    broken: new Gauge({
      name: 'tandem_broken_invariants',
      help: 'Invariants that the last look at each found broken, whoever looked',
      registers,
    }),
    booksChecked: new Gauge({
      name: 'tandem_books_checked_at',
      help: 'When, in Unix seconds, that invariant was looked at which nobody has looked at for longest',
      registers,
    }),
  };
}
