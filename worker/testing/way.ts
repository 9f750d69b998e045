import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can freeze: connections stay and are taken, and nothing comes through. */
export type Way = { address: string; connected: Promise<unknown>; freeze(): void; close(): void };

/** To `host:port`; without a server it is frozen at once. */
export async function openWay(to: string | null, port = 0): Promise<Way> {
  const sockets = new Set<Socket>();
  let frozen = to === null;
  const way = createServer((near) => {
    sockets.add(near.on('error', () => {}));
    if (frozen || to === null) return;
    const [host, port] = to.split(':');
    const far = connect(Number(port), host).on('error', () => {});
    sockets.add(far);
    near.pipe(far).pipe(near);
  });
  const connected = once(way, 'connection');
  await once(way.listen(port, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(way.address() as AddressInfo).port}`,
    connected,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close() {
      way.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
