import { setTimeout as wait } from 'node:timers/promises';
import { median, quantile } from '../clicks/numbers.ts';
import { Meter } from '../clicks/processes.ts';
import { openCrowd } from './crowd.ts';
import type { Gathered } from './serving.ts';
import { SECRET, type Servers, type Variant } from './variants.ts';

/** A message in a room of many who all have it open: a live event, and two durable ones for each, which a job writes. */
export type Messaged = {
  variant: string;
  members: number;
  /** Until whoever speaks is answered, in ms; the middle of the messages. */
  answered: number;
  /** From then it was said until a socket has it; NaN where a frontend hears of it once. */
  live: { p50: number; last: number };
  kept: { p50: number; last: number };
  missing: number;
  /** CPU of the server for one message to all. */
  serverMs: number;
};

const WITHIN_MS = 60_000;

export async function measureMessages(
  variant: Variant,
  servers: Servers,
  members: number,
  many: number,
): Promise<Messaged> {
  const server = await variant.start(servers);
  const crowd = await openCrowd();
  try {
    const { users, room } = await server.ask<Gathered>({ do: 'gather', many: members });
    const at = { url: `http://127.0.0.1:${server.ready}`, kind: variant.kind, secret: SECRET };
    await crowd.open({ ...at, users, room, joins: 'join_conversation' });
    await wait(3_000);
    await crowd.report();
    const meter = new Meter({ server: server.pid });
    const answered: number[] = [];
    const [live, kept]: [number[], number[]] = [[], []];
    for (let n = 1; n <= many; n++) {
      answered.push(await server.ask<number>({ do: 'say', room, from: users[n % users.length] as string }));
      const given = performance.now();
      while (kept.length < n * members && performance.now() - given < WITHIN_MS) {
        await wait(200);
        const { messages } = await crowd.report();
        live.push(...messages.live);
        kept.push(...messages.kept);
      }
    }
    const { used } = meter.read();
    const of = (all: number[]) => ({
      p50: quantile(
        all.sort((a, b) => a - b),
        0.5,
      ),
      last: quantile(all, 1),
    });
    return {
      ...{ variant: variant.name, members, answered: median(answered), live: of(live), kept: of(kept) },
      ...{ missing: many * members - kept.length, serverMs: (used.server ?? 0) / many },
    };
  } finally {
    await crowd.close();
    await server.stop();
  }
}
