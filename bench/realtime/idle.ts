import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { memoryOf } from '../clicks/processes.ts';
import { openCrowd } from './crowd.ts';
import type { Memory } from './serving.ts';
import { SECRET, type Servers, type Variant } from './variants.ts';

/** What a socket that is signed in and hears nothing holds, in KB. Heap: null where there is no such. */
export type IdleSocket = { variant: string; sockets: number; heap: number | null; rss: number };

/** What is made once is made by these. */
const FIRST = 100;

export async function measureIdle(variant: Variant, servers: Servers, sockets: number): Promise<IdleSocket> {
  const server = await variant.start(servers);
  const [first, crowd] = [await openCrowd(), await openCrowd()];
  const at = { url: `http://127.0.0.1:${server.ready}`, kind: variant.kind, secret: SECRET, room: null };
  const users = (many: number) => Array.from({ length: many }, () => randomUUID());
  const look = async () => {
    await wait(2_000);
    const heap = variant.kind === 'centrifugo' ? null : (await server.ask<Memory>({ do: 'memory' })).heap;
    return { heap, rss: memoryOf(server.pid) * 1_024 };
  };
  try {
    await first.open({ ...at, users: users(FIRST) });
    const before = await look();
    await crowd.open({ ...at, users: users(sockets) });
    const after = await look();
    return {
      ...{ variant: variant.name, sockets, rss: (after.rss - before.rss) / sockets },
      heap: after.heap === null || before.heap === null ? null : (after.heap - before.heap) / 1_024 / sockets,
    };
  } finally {
    await first.close();
    await crowd.close();
    await server.stop();
  }
}
