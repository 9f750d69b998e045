import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import type { Closing } from './closing.ts';
import { atOnce, openDeal, type Person, register } from './deals.ts';
import { Meter, memoryOf } from './processes.ts';
import { startStack } from './stack.ts';

/** What open deals cost while nobody does anything: CPU and memory of every part with a thousand of them, and with none. */

const DEALS = 1_000;
/** Each brand owner deals with each influencer. */
const PEOPLE = 32;
/** Until what was started by the last change is over: the server's last timers for it ring after 10 s. */
const QUIET_MS = 20_000;
const PATIENCE_MS = 120_000;

export type Idle = { deals: number; seconds: number; none: Watched; open: Watched };

/** By process, and `all` of them together. */
export type Watched = {
  /** In per cent of a core. */
  cpu: Record<string, number>;
  /** In MB. */
  memory: Record<string, number>;
};

export async function measureIdle(
  dir: string,
  closing: Closing,
  seconds: number,
  say: (line: string) => void,
): Promise<Idle> {
  const stack = await startStack(dir, say);
  closing.add(() => stack.stop());
  const { url } = stack.postgres;
  const api = await stack.startApi(url);
  const worker = await stack.startWorker(url);
  const pids = {
    api: api.pid,
    worker: worker.pid,
    temporal: stack.temporal.pid,
    postgres: stack.postgres.pid,
    redis: stack.redis.pid,
  };
  const watch = async (): Promise<Watched> => {
    await tidy(url);
    await wait(QUIET_MS);
    const meter = new Meter(pids);
    await wait(seconds * 1_000);
    const { used } = meter.read();
    return {
      cpu: withSum(Object.entries(used).map(([name, ms]) => [name, ms / seconds / 10])),
      memory: withSum(Object.entries(pids).map(([name, pid]) => [name, memoryOf(pid)])),
    };
  };
  const none = await watch();
  await openDeals(api.url);
  await allStarted(stack.temporal.address);
  const open = await watch();
  await stack.stop();
  return { deals: DEALS, seconds, none, open };
}

function withSum(parts: [name: string, value: number][]): Record<string, number> {
  return { ...Object.fromEntries(parts), all: parts.reduce((sum, [, each]) => sum + each, 0) };
}

async function openDeals(url: string): Promise<void> {
  const brands: Person[] = [];
  const influencers: Person[] = [];
  await atOnce(PEOPLE, async () => {
    brands.push(await register(url, 'brand_owner'));
    influencers.push(await register(url, 'influencer'));
  });
  await atOnce(DEALS, async (number) => {
    const brand = brands[Math.floor(number / PEOPLE)] as Person;
    await openDeal(url, brand, influencers[number % PEOPLE] as Person);
  });
}

/** Until every deal's workflow has run and shows what it waits for. */
async function allStarted(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const { workflow } = new Client({ connection });
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const { count } = await workflow.count(`TandemState = 'initial'`);
      if (count >= DEALS) return;
      if (performance.now() > deadline) throw new Error(`${count} of ${DEALS} workflows were started`);
      await wait(250);
    }
  } finally {
    await connection.close();
  }
}

/** What Postgres would do by itself in a while, once, because of what was written: not a cost of being idle. */
async function tidy(url: string): Promise<void> {
  const client = new Postgres({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  await client.end();
}
