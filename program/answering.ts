import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** A server for probes and numbers: what `answer` throws is logged and answered with 500, so that nobody waits for it. */
export function createAnswering(
  log: Pick<Logger, 'error'>,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  return createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      log.error({ err: error, path: request.url?.split('?')[0] }, 'a request could not be answered');
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  });
}
