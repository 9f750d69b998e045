import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';

export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A server for probes and numbers. `answers` are by path; of one that ends in `/` is all that lies below it, and what is
 * nobody's is not found. What an answer throws is logged and answered with 500, so that nobody waits for it.
 */
export function createAnswering(log: Pick<Logger, 'error'>, answers: Record<string, Answer>): Server {
  const byPath = new Map(Object.entries(answers));
  const folders = [...byPath].filter(([path]) => path.endsWith('/'));
  return createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const answer = byPath.get(path) ?? folders.find(([folder]) => path.startsWith(folder))?.[1];
    if (!answer) return void response.writeHead(404).end();
    try {
      await answer(request, response);
    } catch (error) {
      log.error({ err: error, path }, 'a request could not be answered');
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  });
}
