import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Cluster, openCluster } from './cluster.ts';
import { type Company, openCompany } from './company.ts';
import { until } from './person.ts';

/** Two API processes behind one address under load, and what each of them stands on taken away. */

/** 30 s once under `bench/realtime`; `AWAY_SECONDS=30` has it here too. */
const REDIS_AWAY_MS = Number(process.env.AWAY_SECONDS ?? 4) * 1_000;
const EACH_MS = 400;
const PATIENCE = { timeout: 240_000 };

let cluster: Cluster;
let company: Company;
beforeAll(async () => {
  cluster = await openCluster(tmpdir(), 2);
}, 120_000);
afterEach(() => company?.close());
afterAll(() => cluster?.close());

/** Six people talk while something happens, and go on for a while after it. */
async function underLoad(happens: (reached: (more: number) => Promise<unknown>) => Promise<void>): Promise<void> {
  company = await openCompany(cluster.url, 6);
  const stop = company.talk(EACH_MS);
  const reached = (more: number) => {
    const goal = company.said() + more;
    return until(
      async () => company.said(),
      (said) => said >= goal,
      60_000,
    );
  };
  await reached(12);
  await happens(reached);
  await reached(12);
  await stop();
  expect(await company.whatIsWrong()).toEqual([]);
}

test('Redis is away under load: every client’s durable log is the database’s', PATIENCE, async () => {
  await underLoad(async (reached) => {
    await cluster.loseRedis();
    const before = company.said();
    await wait(REDIS_AWAY_MS);
    // It goes on all the while.
    expect(company.said()).toBeGreaterThan(before);
    await reached(6);
    await cluster.bringRedis();
  });
});

test.each(['in order', 'kill -9'] as const)(
  'Postgres is restarted (%s) under load: what was acknowledged is there once, and is told once and in order',
  PATIENCE,
  async (how) => {
    await underLoad(async () => {
      await cluster.losePostgres(how);
      await cluster.bringPostgres();
    });
  },
);

test('the nodes are killed in turn under load: whoever was at one goes on at another', PATIENCE, async () => {
  await underLoad(async (reached) => {
    for (let n = 0; n < 2; n++) {
      await cluster.killNode();
      await reached(12);
      await cluster.startNode();
      await reached(6);
    }
  });
});
