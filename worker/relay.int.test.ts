import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { newUser, SYSTEM, startDealing } from '#db/deal/testing/dealing.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import * as workflows from '#workflows/index.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { createClient } from './cluster.ts';
import { createLookForEnded } from './ended.ts';
import { createMetrics } from './metrics.ts';
import { type Relay, type RelayDeps, startRelay } from './relay.ts';

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

const SCHEDULED = proto.temporal.api.enums.v1.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED;

/** What the server would say: whether a workflow's task waits for a worker, and which workflows ended or live. */
type Standing = {
  waits: boolean;
  asked: number;
  ended: string[];
  living: string[];
  looks: Record<Look, number>;
  types: string[];
};
type Look = 'ended' | 'stuck';

/** A Temporal that takes Signals, but for those it refuses; the names of all that came are in `sent`. */
function fakeTemporal(refused: readonly string[] = []): { client: Client; sent: string[]; standing: Standing } {
  const sent: string[] = [];
  const standing: Standing = {
    waits: false,
    asked: 0,
    ended: [],
    living: [],
    looks: { ended: 0, stuck: 0 },
    types: [],
  };
  const client = {
    withDeadline: (_deadline: number, call: () => unknown) => call(),
    workflow: {
      async *list({ query }: { query: string }) {
        const look = query.includes('TemporalReportedProblems')
          ? 'stuck'
          : query.includes('CloseTime')
            ? 'ended'
            : null;
        if (look !== null) standing.looks[look] += 1;
        if (look === 'stuck') standing.types = [...query.matchAll(/'(\w+)'/g)].map(([, name]) => name as string);
        if (look !== null && refused.includes(look)) throw new Error(`${look} runs are not listed`);
        if (query.includes("ExecutionStatus = 'Running' AND WorkflowId IN")) {
          for (const workflowId of standing.living)
            if (query.includes(workflowId)) yield { workflowId, runId: 'lives' };
        } else if (query.includes('CloseTime')) {
          for (const workflowId of standing.ended) yield { workflowId, runId: `ended ${workflowId}` };
        }
      },
      getHandle: () => ({
        async describe() {
          standing.asked += 1;
          return { raw: { pendingWorkflowTask: standing.waits ? { state: SCHEDULED } : null } };
        },
      }),
      async signalWithStart(_workflow: string, { signal }: { signal: string }) {
        sent.push(signal);
        if (refused.includes(signal)) throw new Error(`${signal} is refused`);
      },
    },
  };
  return { client: client as unknown as Client, sent, standing };
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
  const client = createClient({
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
  expect.assertions(0);
});

const version = z.object({ version: z.string() });

test('what one relay has told, another that hears the same bell does not write again', async () => {
  const { client } = fakeTemporal();
  const databaseUrl = await createTestDatabase();
  const deps = depsOf(databaseUrl, client);
  const dealing = startDealing(deps.pool, await newUser(deps.pool, 'admin'));
  const now = () => dealing.clock.now;
  const relays = [startRelay({ ...deps, now }), startRelay({ ...depsOf(databaseUrl, client), now })] as const;
  const pair = await dealing.newPair();
  const rowOf = (id: string) =>
    deps.pool.one(sql.type(version)`SELECT xmin::text AS version FROM relays WHERE process_id = ${id} AND NOT behind`);
  const toldBy = async (relay: Relay) => {
    const id = await dealing.open('campaign', pair);
    relay.ring(id);
    await vi.waitFor(() => rowOf(id), DEADLINE);
    return id;
  };
  const id = await toldBy(relays[0]);
  const row = await rowOf(id);
  for (const relay of relays) {
    relay.ring(id);
    // What is rung for after it is told after it.
    await toldBy(relay);
  }
  expect(await rowOf(id)).toEqual(row);
  await Promise.all(relays.map((relay) => relay.stop()));
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

test('a workflow whose Signals nobody comes to is sent no more of them than are told ahead, and all is told later', async () => {
  const { client, sent, standing } = fakeTemporal();
  const deps: RelayDeps = { ...depsOf(await createTestDatabase(), client), signalsAhead: 3 };
  const dealing = startDealing(deps.pool, await newUser(deps.pool, 'admin'));
  const id = await dealing.open('campaign', await dealing.newPair(), { max_rounds: 1_000 });
  standing.waits = true;
  const relay = startRelay(deps);
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  // No worker runs: every click rings, and so does the sweep.
  for (let round = 0; standing.asked < 5; round += 1) {
    await dealing.give(id, 'influencer', 'negotiate_price');
    await dealing.give(id, 'influencer', 'negotiation', { price: 6000 });
    await dealing.give(id, 'brand_owner', 'reject_negotiation');
    relay.ring(id);
    if (round > 300) throw new Error(`the server was asked ${standing.asked} times`);
  }
  expect(sent.length).toBeLessThanOrEqual(3);
  standing.waits = false;
  relay.ring(id);
  const told = () => deps.metrics.toldSteps.get().then(({ values }) => values[0]?.value);
  const steps = (await dealing.steps(id)).length;
  await vi.waitFor(async () => expect(await told()).toBeGreaterThanOrEqual(steps), DEADLINE);
  await relay.stop();
});

test('at its start a worker asks only for processes that wait and have no living run', async () => {
  const { client, standing } = fakeTemporal();
  const { pool } = depsOf(await createTestDatabase(), client);
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const pair = await dealing.newPair();
  const open = async () => dealing.open('campaign', pair);
  const [alone, lives, over] = [await open(), await open(), await open()];
  await dealing.give(over, 'brand_owner', 'reject_application');
  standing.ended = [alone, lives, over].map((id) => workflowIdOf('deal', id));
  standing.living = [workflowIdOf('deal', lives)];
  const look = createLookForEnded({ pool, client });
  expect(await look()).toEqual([alone]);
  expect(await look()).toEqual([]);
});

test.each([
  { fails: 'stuck', says: 'no look for runs that cannot go on', other: 'ended' },
  { fails: 'ended', says: 'no look for runs that were ended', other: 'stuck' },
] as const)('a look for $fails runs that fails says so, and the look for $other ones is made', async (look) => {
  const { client, standing } = fakeTemporal([look.fails]);
  const deps = depsOf(await createTestDatabase(), client);
  const warn = vi.spyOn(deps.log, 'warn');
  const relay = startRelay(deps);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledWith({ err: expect.any(Error) }, look.says), DEADLINE);
  await vi.waitFor(() => expect(standing.looks[look.other]).toBeGreaterThan(0), DEADLINE);
  await relay.stop();
});

test('a look for stuck runs is for every workflow there is', async () => {
  const { client, standing } = fakeTemporal();
  const relay = startRelay(depsOf(await createTestDatabase(), client));
  await vi.waitFor(() => expect(standing.looks.stuck).toBeGreaterThan(0), DEADLINE);
  await relay.stop();
  expect(standing.types).toEqual(expect.arrayContaining(Object.keys(workflows)));
});
