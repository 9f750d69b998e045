import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createSdkMetrics } from './sdkMetrics.ts';

type Update = { metric: { name: string; kind: string; description?: string }; value: number; attributes: object };

function measuring(updates: Update[]) {
  const registry = new Registry();
  const metrics = createSdkMetrics(registry);
  metrics.stop();
  Object.assign(metrics.buffer, { retrieveUpdates: () => updates.splice(0).values() });
  metrics.take();
  return { registry, metrics, updates };
}

const counter = (name: string, attributes: object = {}): Update => ({
  metric: { name, kind: 'counter' },
  value: 1,
  attributes,
});

test("what the SDK measures is among the worker's own metrics, by its kind", async () => {
  const { registry } = measuring([
    counter('temporal_workflow_completed', { namespace: 'default' }),
    counter('temporal_workflow_completed', { namespace: 'default' }),
    { metric: { name: 'temporal_slots', kind: 'gauge' }, value: 7, attributes: {} },
    { metric: { name: 'temporal_latency', kind: 'histogram', description: 'How long' }, value: 0.3, attributes: {} },
  ]);
  const text = await registry.metrics();
  expect(text).toContain('temporal_workflow_completed{namespace="default"} 2');
  expect(text).toContain('temporal_slots 7');
  expect(text).toContain('temporal_latency_bucket{le="0.5"} 1');
});

test('tags that a metric has only now and then do not break it, and metrics without end are not kept', async () => {
  const { registry } = measuring([
    counter('temporal_a', { one: 'x' }),
    counter('temporal_a', { one: 'x', two: 'y' }),
    counter('temporal_a'),
    ...Array.from({ length: 500 }, (_, i) => counter(`temporal_${i}`)),
  ]);
  expect((await registry.getMetricsAsJSON()).length).toBeLessThanOrEqual(200);
  expect(await registry.metrics()).toContain('temporal_a{one="x"} 2');
});
