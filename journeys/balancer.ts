import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Balancer = { url: string; close(): void };

/** Leads each connection to the next of these, or to one after it where that does not answer. */
export async function openBalancer(targets: () => string[]): Promise<Balancer> {
  let turn = 0;
  const open = new Set<Socket>();
  const keep = (socket: Socket) => open.add(socket.on('close', () => open.delete(socket)));
  const server = createServer((near) => {
    keep(near.on('error', () => near.destroy()));
    const from = turn++;
    lead(
      near,
      targets().map((_, n, all) => all[(from + n) % all.length] as string),
    );
  });

  function lead(near: Socket, [first, ...others]: readonly string[]): void {
    if (first === undefined) return void near.destroy();
    const { hostname, port } = new URL(first);
    const far = connect(Number(port), hostname);
    keep(far);
    let there = false;
    far.on('connect', () => {
      there = true;
      near.pipe(far).pipe(near);
    });
    far.on('error', () => {});
    far.on('close', () => (there ? near.destroy() : lead(near, others)));
    near.on('close', () => far.destroy());
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
