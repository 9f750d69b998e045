import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '#db/pool.ts';
import { newUser, SYSTEM, startDealing } from '#db/testing/dealing.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { createMetrics } from './metrics.ts';
import { type RelayDeps, startRelay } from './relay.ts';
import { createClient } from './temporal.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };

const pools: Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

function depsOf(databaseUrl: string, client: Client): RelayDeps {
  const pool = createPool(databaseUrl);
  pools.push(pool);
  return {
    pool,
    client,
    taskQueue: 'tandem',
    systemUserId: SYSTEM,
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    backlog: createBacklog(),
    now: () => new Date(),
  };
}

/** A Temporal that takes Signals, but for those it refuses; the names of all that came are in `sent`. */
function fakeTemporal(refused: readonly string[] = []): { client: Client; sent: string[] } {
  const sent: string[] = [];
  const client = {
    withDeadline: (_deadline: number, call: () => unknown) => call(),
    workflow: {
      async *list() {},
      async signalWithStart(_workflow: string, { signal }: { signal: string }) {
        sent.push(signal);
        if (refused.includes(signal)) throw new Error(`${signal} is refused`);
      },
    },
  };
  return { client: client as unknown as Client, sent };
}

/** A deal whose workflow is to be told steps and a fact. Answers how many steps. */
async function openPaidDeal(pool: Pool): Promise<number> {
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  await dealing.hear({ kind: 'captured', orderId: await dealing.order(id), paymentId: `pay_${id}` });
  return (await dealing.steps(id)).length;
}

/** What a relay that ran until then has counted. */
async function countsOf({ metrics }: RelayDeps) {
  const read = async (name: 'told' | 'toldSteps' | 'relayFailures') => (await metrics[name].get()).values[0]?.value;
  return { told: await read('told'), steps: await read('toldSteps'), failures: await read('relayFailures') };
}

const howMany = (sent: readonly string[], name: string) => sent.filter((each) => each === name).length;

test('a relay that is stopped while it waits for workflows ends, though nothing rings any more', async () => {
  const client = await createClient({
    address: `127.0.0.1:${await freePort()}`,
    namespace: 'default',
    taskQueue: 'tandem',
  });
  const waits = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const backlog: Backlog = {
    ...createBacklog(),
    async untilAtMost() {
      waits.resolve();
      await goOn.promise;
    },
  };
  const relay = startRelay({ ...depsOf(await createTestDatabase(), client), backlog });
  await waits.promise;
  const stopped = relay.stop();
  goOn.resolve();
  await stopped;
  await client.connection.close();
  expect.assertions(0);
});

test('every Signal counts: that of the facts and that of the steps', async () => {
  const { client, sent } = fakeTemporal();
  const deps = depsOf(await createTestDatabase(), client);
  const steps = await openPaidDeal(deps.pool);
  const relay = startRelay(deps);
  await vi.waitFor(() => expect(sent).toContain('stepped'), DEADLINE);
  await relay.stop();
  expect(sent.slice(0, 2)).toEqual(['paymentReported', 'stepped']);
  expect(await countsOf(deps)).toEqual({ told: sent.length, steps, failures: 0 });
});

test('a Signal that is refused counts once, though it was the only one', async () => {
  const { client, sent } = fakeTemporal(['paymentReported']);
  const deps = depsOf(await createTestDatabase(), client);
  await openPaidDeal(deps.pool);
  const relay = startRelay(deps);
  await vi.waitFor(() => expect(sent).toContain('paymentReported'), DEADLINE);
  await relay.stop();
  expect(await countsOf(deps)).toEqual({ told: 0, steps: 0, failures: sent.length });
});

test('of two Signals to a workflow one counts as sent and the other, which was refused, as failed', async () => {
  const { client, sent } = fakeTemporal(['stepped']);
  const deps = depsOf(await createTestDatabase(), client);
  await openPaidDeal(deps.pool);
  const relay = startRelay(deps);
  await vi.waitFor(() => expect(sent).toContain('stepped'), DEADLINE);
  await relay.stop();
  expect(await countsOf(deps)).toEqual({
    told: howMany(sent, 'paymentReported'),
    steps: 0,
    failures: howMany(sent, 'stepped'),
  });
});

test('while Postgres is away no Signal fails', async () => {
  const deps = depsOf(`postgres://tandem@127.0.0.1:${await freePort()}/tandem`, fakeTemporal().client);
  const warn = vi.spyOn(deps.log, 'warn');
  const relay = startRelay(deps);
  relay.ring(randomUUID());
  await vi.waitFor(
    () => expect(warn).toHaveBeenCalledWith(expect.anything(), 'workflows could not be told; the sweep will'),
    DEADLINE,
  );
  await relay.stop();
  expect(await countsOf(deps)).toEqual({ told: 0, steps: 0, failures: 0 });
});
