import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAnswering } from '#program/answering.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';

/** The numbers at a port of their own, which what stands before the API has no way to. */
export function serveNumbers(app: App, { config, metrics, log }: Deps, read: () => Promise<string>): void {
  const server = createAnswering(log, {
    '/metrics': async (_, response) => {
      const text = await read();
      response.setHeader('content-type', metrics.registry.contentType);
      response.end(text);
    },
  });
  // Before the API listens: one whose numbers nobody sees does not start.
  app.addHook('onReady', async () => {
    server.listen(config.METRICS_PORT, config.HOST);
    await once(server, 'listening');
    log.info({ port: (server.address() as AddressInfo).port }, 'numbers are answered at a port of their own');
  });
  app.addHook('onClose', async () => {
    server.closeAllConnections();
    server.close();
  });
}
