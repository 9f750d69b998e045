import fastify from 'fastify';
import { expect, test } from 'vitest';
import { freePort } from '#local/ports.ts';
import type { Deps } from '../deps.ts';
import { serveNumbers } from './metricsPort.ts';

test('an API whose port for numbers is taken does not start', async () => {
  const config = { METRICS_PORT: await freePort(), HOST: '127.0.0.1' };
  const registry = { contentType: 'text/plain' };
  const appWith = () => {
    const app = fastify();
    const deps = { config, metrics: { registry }, log: { info: () => {}, error: () => {} } };
    serveNumbers(app as never, deps as unknown as Deps, async () => 'tandem_x 1');
    return app;
  };
  const [first, second] = [appWith(), appWith()];
  await first.ready();
  await expect(second.ready()).rejects.toThrow(/EADDRINUSE/);
  await Promise.all([first.close(), second.close().catch(() => {})]);
});
