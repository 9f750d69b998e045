import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer };
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

/** What may happen instead of an answer, or be answered instead. */
export type Trouble = 'silence' | 'cut' | Answer;

export type PushServer = {
  url: string;
  /** From now on each request whose path matches meets this. */
  trouble(trouble: Trouble, path?: RegExp): void;
  calm(): void;
  /** Until it is told to go on, requests are taken and not answered; how many are is `held`. */
  hold(): { held(): number; reached(many: number): Promise<void>; goOn(): void };
  close(): Promise<void>;
};

/** An HTTP server on a free port of 127.0.0.1 that answers JSON and can be told to fail as networks do. */
export async function startPushServer(answer: (asked: Asked) => Answer): Promise<PushServer> {
  let now: { trouble: Trouble; path: RegExp } | null = null;
  let held: (() => void)[] | null = null;
  const reached: { many: number; done: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const asked = await read(request);
    if (held) {
      const gate = held;
      await new Promise<void>((go) => {
        gate.push(go);
        for (const { many, done } of reached) if (gate.length >= many) done();
      });
    }
    const trouble = now?.path.test(asked.path) ? now.trouble : null;
    if (trouble === 'silence') return;
    if (trouble === 'cut') return void request.socket.resetAndDestroy();
    say(response, trouble ?? answer(asked));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    trouble(trouble, path = /./) {
      now = { trouble, path };
    },
    calm() {
      now = null;
    },
    hold() {
      held = [];
      const gate = held;
      return {
        held: () => gate.length,
        reached: (many) =>
          new Promise<void>((done) => {
            if (gate.length >= many) done();
            else reached.push({ many, done });
          }),
        goOn() {
          held = null;
          for (const go of gate) go();
        },
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks) };
}

function say(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
