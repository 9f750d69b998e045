import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../clicks/numbers.ts';
import { kernelOf, Meter } from '../clicks/processes.ts';
import { openCrowd } from './crowd.ts';
import { ROOM, SECRET, type Servers, type Variant } from './variants.ts';

/** What a live event to a room costs each time it is delivered, and how late it is. */
export type FannedOut = {
  variant: string;
  sockets: number;
  /** Events that are said together, as where a hundred people write at once. */
  together: number;
  delivered: number;
  missing: number;
  /** CPU of the server for each delivery, and of the generators, in µs. */
  serverUs: number;
  /** What of the server's the kernel had: writes, and on one machine their receipt as well. */
  kernelUs: number;
  generatorUs: number;
  p50: number;
  p99: number;
  /** The busiest generator's share of a core. */
  busy: number;
};

/** So many deliveries a second, whatever the room's size. */
const PER_SECOND = 10_000;
const WARM_MS = 2_000;

export async function measureFanOut(
  variant: Variant,
  servers: Servers,
  { sockets, together }: { sockets: number; together: number },
  seconds: number,
): Promise<FannedOut> {
  const server = await variant.start(servers);
  const crowd = await openCrowd();
  try {
    const users = Array.from({ length: sockets }, () => randomUUID());
    const room = variant.kind === 'centrifugo' ? `live:${ROOM}` : ROOM;
    const at = { url: `http://127.0.0.1:${server.ready}`, kind: variant.kind, secret: SECRET };
    await crowd.open({ ...at, users, room });
    const publish = () => server.ask({ do: 'publish', room: ROOM, events: Array.from({ length: together }, typing) });
    await evenly(publish, sockets * together, WARM_MS);
    await settle();
    await crowd.report();
    const meter = new Meter({ server: server.pid });
    const kernel = kernelOf(server.pid);
    const sent = await evenly(publish, sockets * together, seconds * 1_000);
    await settle();
    const { used } = meter.read();
    const kernelMs = kernelOf(server.pid) - kernel;
    const { events, latencies, cpuMs, busy } = await crowd.report();
    return {
      ...{
        variant: variant.name,
        sockets,
        together,
        delivered: events,
        missing: sent * sockets * together - events,
        busy,
      },
      serverUs: (1_000 * (used.server ?? 0)) / events,
      kernelUs: (1_000 * kernelMs) / events,
      generatorUs: (1_000 * cpuMs) / events,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  } finally {
    await crowd.close();
    await server.stop();
  }
}

/** One each so many ms, by the clock, whether or not the last was done. Answers how many. */
async function evenly(publish: () => Promise<unknown>, deliveries: number, ms: number): Promise<number> {
  const every = (1_000 * deliveries) / PER_SECOND;
  const began = performance.now();
  const all: Promise<unknown>[] = [];
  for (let n = 0; n * every < ms; n++) {
    await wait(Math.max(0, began + n * every - performance.now()));
    all.push(publish());
  }
  await Promise.all(all);
  return all.length;
}

/** Until what was sent is there, and what it left behind is cleared away. */
const settle = () => wait(1_500);

function typing(): object {
  const ids = { conversationId: ROOM, userId: ROOM };
  return { ...ids, isTyping: true, username: 'somebody', t: Number(process.hrtime.bigint()) / 1e6 };
}
