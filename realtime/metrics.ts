import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OutboxEvent } from '#db/event/outbox.ts';
import type { CloseReason } from './closeCodes.ts';

type Counted = { inc(by?: number): void };

export interface RealtimeMetrics {
  readonly connections: Gauge<'door'>;
  readonly users: Gauge;
  /** So many frames more, each way. */
  readonly frames: { readonly in: Counted; readonly out: Counted };
  readonly commands: Counter<'name' | 'outcome'>;
  readonly closes: Counter<'reason'>;
  readonly liveDropped: Counter;
  readonly fetchFailures: Counter;
  delivered(event: OutboxEvent): void;
  closed(reason: CloseReason | 'client' | 'frame_too_large'): void;
}

/** Counters and gauges of the sockets, in the process's registry. */
export function createMetrics(registry: Registry): RealtimeMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'tandem_socket_events_total',
    help: 'Durable events written to sockets',
    labelNames: ['name'],
    registers,
  });
  const lag = new Histogram({
    name: 'tandem_outbox_lag_seconds',
    help: 'From the writing of a durable event to its way to a socket, for events at most a minute old',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers,
  });
  const frames = { in: new Tally(), out: new Tally() };
  new Counter({
    name: 'tandem_socket_frames_total',
    help: 'Frames, by direction',
    labelNames: ['direction'],
    registers,
    collect() {
      for (const direction of ['in', 'out'] as const) this.inc({ direction }, frames[direction].take());
    },
  });
  const closes = new Counter({
    name: 'tandem_socket_closes_total',
    help: 'Sockets closed, by reason',
    labelNames: ['reason'],
    registers,
  });
  return {
    connections: new Gauge({
      name: 'tandem_socket_connections',
      help: 'Open sockets',
      labelNames: ['door'],
      registers,
    }),
    users: new Gauge({ name: 'tandem_socket_users', help: 'Users with a signed-in socket here', registers }),
    frames,
    commands: new Counter({
      name: 'tandem_socket_commands_total',
      help: 'Commands, by name and outcome (done, or the failure code)',
      labelNames: ['name', 'outcome'],
      registers,
    }),
    closes,
    liveDropped: new Counter({
      name: 'tandem_socket_live_dropped_total',
      help: 'Live events dropped for slow readers',
      registers,
    }),
    fetchFailures: new Counter({
      name: 'tandem_outbox_read_failures_total',
      help: 'Reads of durable events that Postgres did not answer',
      registers,
    }),
    delivered(event) {
      events.inc({ name: event.name });
      // What a client catches up on after a day says nothing about us.
      const age = (Date.now() - Date.parse(event.at)) / 1000;
      if (age <= 60) lag.observe(Math.max(0, age));
    },
    closed(reason) {
      closes.inc({ reason });
    },
  };
}

/** Counts what happens for each socket that hears an event, and is read when somebody looks: a counter costs more than that. */
class Tally implements Counted {
  #count = 0;

  inc(by = 1): void {
    this.#count += by;
  }

  /** What has been counted since the last look. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
