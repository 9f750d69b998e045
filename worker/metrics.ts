import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What the worker measures. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    evolved: new Histogram({
      name: 'tandem_evolved_seconds',
      help: 'From the commit of a step to its workflow having evolved through it',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60],
      registers,
    }),
    transitions: new Counter({
      name: 'tandem_transitions_total',
      help: 'Steps that workflows evolved through, by kind of process and command',
      labelNames: ['kind', 'command'],
      registers,
    }),
    told: new Counter({ name: 'tandem_relay_signals_total', help: 'Signals sent to workflows', registers }),
    toldSteps: new Counter({ name: 'tandem_relay_steps_total', help: 'Steps those Signals carried', registers }),
    relayFailures: new Counter({
      name: 'tandem_relay_failures_total',
      help: 'Signals that could not be sent',
      registers,
    }),
    activityFailures: new Counter({
      name: 'tandem_activity_failures_total',
      help: 'Tries of activities that failed, by activity',
      labelNames: ['activity'],
      registers,
    }),
    stuckRuns: new Counter({
      name: 'tandem_stuck_runs_total',
      help: 'Runs that could not go on and were begun anew, by workflow',
      labelNames: ['workflow'],
      registers,
    }),
    untold: new Gauge({
      name: 'tandem_relay_untold_processes',
      help: 'Processes with steps their workflow may not know, counted up to 10,000',
      registers,
    }),
    oldestPromise: new Gauge({
      name: 'tandem_oldest_promise_seconds',
      help: 'Age of the oldest promise whose money has not moved; 0 where there is none',
      registers,
    }),
  };
}
