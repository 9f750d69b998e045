import type { Metric } from '@temporalio/common';
import { MetricsBuffer } from '@temporalio/worker';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Updates kept until they are taken: at some 5,000 a second under load, taken every second. */
const BUFFERED = 20_000;
const TAKEN_EVERY_MS = 1_000;
/** Different metrics and different tags of one, at most: neither may grow with ids. */
const METRICS_AT_MOST = 200;
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

type Known = {
  labels: readonly string[];
  update: (labels: Record<string, string>, value: number) => void;
};

/** What Temporal's SDK measures of itself, among our own metrics: slots, polls, cache, latencies, failures. */
export function createSdkMetrics(registry: Registry) {
  const buffer = new MetricsBuffer({ maxBufferSize: BUFFERED, useSecondsForDurations: true });
  const known = new Map<string, Known>();

  function take(): void {
    for (const { metric, value, attributes } of buffer.retrieveUpdates()) {
      let found = known.get(metric.name);
      if (!found) {
        if (known.size >= METRICS_AT_MOST) continue;
        found = register(registry, metric, Object.keys(attributes));
        known.set(metric.name, found);
      }
      // What a metric's first update had no tag for is left out of the later ones.
      const { labels, update } = found;
      update(Object.fromEntries(labels.map((name) => [name, String(attributes[name] ?? '')])), value);
    }
  }

  const timer = setInterval(take, TAKEN_EVERY_MS);
  timer.unref();
  return { buffer, take, stop: () => clearInterval(timer) };
}

function register(registry: Registry, metric: Metric, labels: string[]): Known {
  const options = {
    name: metric.name,
    help: metric.description ?? metric.name,
    labelNames: labels,
    registers: [registry],
  };
  switch (metric.kind) {
    case 'gauge': {
      const gauge = new Gauge(options);
      return { labels, update: (tags, value) => gauge.set(tags, value) };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...options, buckets: SECONDS });
      return { labels, update: (tags, value) => histogram.observe(tags, value) };
    }
    case 'up-down-counter': {
      const gauge = new Gauge(options);
      return { labels, update: (tags, value) => gauge.inc(tags, value) };
    }
    default: {
      const counter = new Counter(options);
      return { labels, update: (tags, value) => counter.inc(tags, value) };
    }
  }
}
