import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the test servers here see it. */
export type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
};

export type Answer = { status: number; body: unknown; headers?: Record<string, string> };

export type RunningServer = { url: string; close(): Promise<void> };

/** An HTTP server on a free port of 127.0.0.1. Closing it cuts what is still open. */
export async function startServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RunningServer> {
  const server: Server = createServer(handle);
  // Whoever asks is in this process too: after a stall both would end what they kept, and a call be sent into its end.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers JSON, whole request in hand; a throw becomes a 500 with its message. */
export function jsonServer(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<RunningServer> {
  return startServer(async (request, response) => {
    let result: Answer;
    try {
      result = await answer(await readAsked(request));
    } catch (error) {
      result = { status: 500, body: { error: { message: String(error) } } };
    }
    response.writeHead(result.status, { 'content-type': 'application/json', ...result.headers });
    response.end(JSON.stringify(result.body));
  });
}

/** Delivers a webhook once. A receiver that is gone hears nothing of it: a test is over before its last one has come. */
export async function deliver(url: string, body: string, headers: Record<string, string>): Promise<void> {
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }).catch(
    () => {},
  );
}

export async function readAsked(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://here');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}
