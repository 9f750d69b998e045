import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a client and a server that a test breaks: everything that goes over it goes through here. */
export type Wire = {
  url: string;
  /** Breaks all that is open; what comes after is let through. */
  cut(): void;
  /** Nothing is let through until it is mended. */
  break(): void;
  mend(): void;
  /** What is sent arrives, and what is answered does not: the line breaks instead. For connections that begin after this. */
  swallow(): void;
  close(): Promise<void>;
};

export async function openWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let state: 'whole' | 'broken' | 'swallowing' = 'whole';
  const server = createServer((near) => {
    if (state === 'broken') return near.destroy();
    const far = connect(Number(port), hostname);
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    near.pipe(far);
    if (state === 'swallowing') far.once('data', end);
    else far.pipe(near);
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    break() {
      state = 'broken';
      cut();
    },
    mend() {
      state = 'whole';
    },
    swallow() {
      state = 'swallowing';
      cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
