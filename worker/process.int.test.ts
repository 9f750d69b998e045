import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { Runtime, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { SIGNALS_IN_TESTS } from '#local/temporal.ts';
import { battleIn } from '#workflows/battle/testing/battles.ts';
import { boostIn } from '#workflows/boost/testing/boosts.ts';
import { challengeIn } from '#workflows/challenge/testing/challenges.ts';
import { chargeBackIn } from '#workflows/chargeBack/testing/chargeBacks.ts';
import { DEAL_KINDS } from '#workflows/deal/parties.ts';
import type { State } from '#workflows/deal/states.ts';
import { dealIn } from '#workflows/deal/testing/deals.ts';
import { errandIn } from '#workflows/errand/testing/errands.ts';
import { KINDS, type Kind, machineOf } from '#workflows/kinds.ts';
import { payoutIn } from '#workflows/payout/testing/payouts.ts';
import { pollIn } from '#workflows/poll/testing/polls.ts';
import { SEARCH_ATTRIBUTE_KEYS, searchAttributesOf } from '#workflows/process/board.ts';
import type { Process } from '#workflows/process/machine.ts';
import { defineCommand, stepped } from '#workflows/process/messages.ts';
import { streamIn } from '#workflows/stream/testing/streams.ts';
import { subscriptionIn } from '#workflows/subscription/testing/subscriptions.ts';
import { ticketEventIn } from '#workflows/ticketEvent/testing/ticketEvents.ts';
import { topUpMachine } from '#workflows/topUp/machine.ts';
import { tradeIn } from '#workflows/trade/testing/trades.ts';
import type { Sent } from './testing/attributes.ts';
import { openStandIn, type StandIn } from './testing/standIn.ts';

/** The one workflow of every kind, on the real server, with activities that do what a test says. */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const WAIT = { timeout: 60_000, interval: 50 };
const BAD_SEARCH_ATTRIBUTES =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_BAD_SEARCH_ATTRIBUTES;

let place: StandIn;

beforeAll(async () => {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
  place = await openStandIn();
  await place.startWorker();
});
afterAll(() => place?.close());
afterEach(async () => {
  place.before = () => {};
  place.askOrder = async () => {};
});

const now = () => new Date().toISOString();

/** An errand that opened just now and lasts a day, or as long as is said. */
function newErrand(within = 'P1D', held = '700'): string {
  return place.open(errandIn('open', { held, entered_at: now(), stepped_at: now(), terms: { within } }));
}

async function tell(id: string, ...steps: Parameters<StandIn['take']>[]): Promise<void> {
  await place.handleOf(id).signal(
    stepped,
    steps.map((step) => place.take(...step)),
  );
}

const finish = (id: string) => tell(id, [id, 'finish', 'runner']);

describe('activities that fail again and again', () => {
  test('hold up nobody: 60 processes whose transaction keeps failing, and 20 others that are paid at once', async () => {
    const failing = Array.from({ length: 60 }, () => newErrand());
    const healthy = Array.from({ length: 20 }, () => newErrand());
    const sick = new Set(failing);
    place.before = (name, id) => {
      if (name === 'carryPromise' && sick.has(id)) throw new Error('the books are closed');
    };
    await Promise.all([...failing, ...healthy].map((id) => place.start(id, { ownTries: 3 })));
    await vi.waitFor(() => expect(place.count('readNews')).toBeGreaterThanOrEqual(80), WAIT);
    await Promise.all(failing.map(finish));
    await vi.waitFor(() => {
      for (const id of failing) expect(place.count('carryPromise', id)).toBeGreaterThanOrEqual(3);
    }, WAIT);
    const began = performance.now();
    await Promise.all(healthy.map(finish));
    for (const id of healthy) expect(await place.handleOf(id).result()).toEqual({ state: 'done', version: 2 });
    const took = performance.now() - began;
    process.stdout.write(`      20 healthy beside 60 that fail: all paid in ${Math.round(took)} ms\n`);
    // Where those that fail take the slots, none of the others is paid within a minute.
    expect(took).toBeLessThan(40_000);
    // They say so, call an operator, and go on by themselves when it can be done.
    await vi.waitFor(async () => {
      for (const id of failing) expect(place.count('report activity_fails', id)).toBe(1);
    }, WAIT);
    expect(await place.attention(failing[0] as string)).toBe('activity_fails');
    sick.clear();
    for (const id of failing) expect((await place.handleOf(id).result()).state).toBe('done');
    for (const id of failing) expect(place.count('heal activity_fails', id)).toBe(1);
  });

  test('leave a short history: it does not grow with every try', async () => {
    const id = newErrand();
    let tries = 0;
    place.before = (name) => {
      if (name !== 'carryPromise') return;
      tries += 1;
      if (tries <= 6) throw new Error('not yet');
    };
    await place.start(id, { ownTries: 20 });
    await finish(id);
    await place.handleOf(id).result();
    const { historyLength } = await place.handleOf(id).describe();
    expect(historyLength).toBeLessThan(40);
  });

  test('at a provider: it is tried on the server, an operator is called, and it goes through in the end', async () => {
    const id = newErrand();
    let away = true;
    place.before = (name) => {
      if (name === 'askCall' && away) throw new Error('the provider is away');
    };
    const call = { id: 'r1', kind: 'refund' as const, provider: 'sandbox', status: 'due', attempt: 1 };
    const promise = { id: 'p1', kind: 'reward', amount: '700', asset: 'TOKEN', moved: true, held_up: false, call };
    await place.start(id, { callTries: 2 });
    place.stored.get(id)?.promises.push(promise);
    await place.handleOf(id).signal(stepped, []);
    await vi.waitFor(() => expect(place.count('report activity_fails', id)).toBe(1), WAIT);
    expect(await place.attention(id)).toBe('activity_fails');
    const before = (await place.handleOf(id).describe()).historyLength;
    // Rung for again and again, it asks no more often for that.
    for (let i = 0; i < 5; i += 1) await place.handleOf(id).signal(stepped, []);
    await vi.waitFor(() => expect(place.count('readNews', id)).toBeGreaterThanOrEqual(2), WAIT);
    expect(place.count('askCall', id)).toBe(2);
    away = false;
    const { historyLength } = await place.handleOf(id).describe();
    expect(historyLength - before).toBeLessThan(40);
    await place.environment.client.workflowService.updateWorkflowExecutionOptions({
      namespace: place.environment.namespace as string,
      workflowExecution: { workflowId: place.handleOf(id).workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    });
    await vi.waitFor(() => expect(place.count('heal activity_fails', id)).toBe(1), WAIT);
    expect(place.stored.get(id)?.promises).toEqual([]);
  });
});

describe('a run', () => {
  test('starts from the stored process: steps that were taken by other rules are not gone through again', async () => {
    const id = newErrand();
    const state = place.stored.get(id);
    // As though an earlier release had known a step that leads nowhere today.
    if (state)
      state.steps.push({
        n: 1,
        on: 'hurry',
        by: 'giver',
        actor: null,
        from: 'open',
        to: 'open',
        at: now(),
        data: {},
        correlation_id: null,
      });
    if (state) state.process = { ...state.process, version: 1 };
    await place.start(id);
    await tell(id, [id, 'finish', 'runner']);
    expect(await place.handleOf(id).result()).toEqual({ state: 'done', version: 3 });
    expect(place.count('report parked', id)).toBe(0);
  });

  test('that is told a step it cannot make sense of reads where the process stands, and goes on', async () => {
    const id = newErrand();
    await place.start(id);
    await vi.waitFor(() => expect(place.count('readNews', id)).toBe(1), WAIT);
    await place.handleOf(id).signal(stepped, [
      {
        n: 1,
        on: 'hurry',
        by: 'giver',
        actor: null,
        from: 'open',
        to: 'open',
        at: now(),
        data: {},
        correlation_id: null,
      },
    ]);
    await vi.waitFor(() => expect(place.count('readProcess', id)).toBe(2), WAIT);
    await finish(id);
    expect((await place.handleOf(id).result()).state).toBe('done');
    expect(place.count('report parked', id)).toBe(0);
  });

  test('of a process in a state that it does not know is parked and calls an operator; put right, it goes on and the task is closed', async () => {
    const id = newErrand();
    const state = place.stored.get(id) as { process: Process };
    const sound = state.process;
    state.process = { ...sound, state: 'in_transit' };
    await place.start(id);
    await vi.waitFor(async () => expect(await place.attention(id)).toBe('parked'), WAIT);
    expect(place.count('report parked', id)).toBe(1);
    state.process = sound;
    await place.handleOf(id).signal(stepped, []);
    await vi.waitFor(() => expect(place.count('heal parked', id)).toBe(1), WAIT);
    await finish(id);
    expect((await place.handleOf(id).result()).state).toBe('done');
  });

  test('that was sent as many Signals as the server allows, while no worker ran, goes on when one comes', async () => {
    const id = newErrand();
    await place.start(id, { signals: 100 });
    await vi.waitFor(() => expect(place.count('readNews', id)).toBe(1), WAIT);
    await place.stopWorker();
    const handle = place.handleOf(id);
    let refused = 0;
    for (let sent = 0; sent < SIGNALS_IN_TESTS + 20; sent += 20) {
      const signals = Array.from({ length: 20 }, () => handle.signal(stepped, []));
      refused += (await Promise.allSettled(signals)).filter(({ status }) => status === 'rejected').length;
    }
    expect(refused).toBeGreaterThan(0);
    await place.startWorker();
    // The next run takes Signals again.
    await vi.waitFor(() => handle.signal(stepped, []), WAIT);
    await finish(id);
    expect((await place.environment.client.workflow.getHandle(handle.workflowId).result()).state).toBe('done');
  });

  test('begins anew after so many Signals as it is told, and is reminded of nothing twice', async () => {
    const id = newErrand();
    await place.start(id, { signals: 10 });
    const first = (await place.handleOf(id).describe()).runId;
    for (let i = 0; i < 15; i += 1) await place.handleOf(id).signal(stepped, []);
    await vi.waitFor(async () => expect((await place.handleOf(id).describe()).runId).not.toBe(first), WAIT);
    await finish(id);
    expect((await place.handleOf(id).result()).state).toBe('done');
  });
});

describe('a deadline with an open order', () => {
  const withOrder = (within: string) => {
    const id = newErrand(within);
    const state = place.stored.get(id);
    if (state) state.order = { id: 'o1', provider: 'sandbox' };
    return id;
  };

  test('waits for the provider, and what was paid is not closed', async () => {
    const id = withOrder('PT1S');
    place.askOrder = async () => {
      if (place.stored.get(id)?.process.state === 'open') place.take(id, 'finish', 'runner');
    };
    await place.start(id);
    expect((await place.handleOf(id).result()).state).toBe('done');
    expect(place.count('askOrder', id)).toBe(1);
    expect(place.count('expire', id)).toBe(0);
  });

  test('asks once, and passes when the provider says that nothing was paid', async () => {
    const id = withOrder('PT1S');
    await place.start(id);
    expect((await place.handleOf(id).result()).state).toBe('expired');
    expect(place.count('askOrder', id)).toBe(1);
    expect(place.count('report order_unasked', id)).toBe(0);
  });

  test('says that it waits while the provider is away, passes after a bounded time, and calls an operator', async () => {
    const id = withOrder('PT1S');
    place.askOrder = async () => {
      throw new Error('the provider is away');
    };
    await place.start(id, { orderMs: 8_000 });
    await vi.waitFor(() => expect(place.count('askOrder', id)).toBeGreaterThanOrEqual(2), WAIT);
    expect(place.count('expire', id)).toBe(0);
    const metadata = await place.handleOf(id).query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(/waits until .* for the provider's word/);
    expect((await place.handleOf(id).result()).state).toBe('expired');
    expect(place.count('report order_unasked', id)).toBe(1);
  });
});

describe('an Update', () => {
  const finishErrand = defineCommand('finishErrand');

  test('is refused by the machine itself, before any activity, and in its words', async () => {
    const id = newErrand();
    await place.start(id);
    await finish(id);
    await place.handleOf(id).result();
    const other = newErrand('P1D', '0');
    await place.start(other);
    for (const text of ['\u0000', '\ud83d half']) {
      await expect(place.handleOf(other).executeUpdate(finishErrand, { args: [{ why: text }] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('character that is none') },
      });
    }
    expect(place.count('command', other)).toBe(0);
    const answer = await place.handleOf(other).executeUpdate(finishErrand, { args: [{}] });
    expect(answer).toEqual({ state: 'done', version: 1 });
  });

  test('whose activity refuses for good is answered so, and the next one is heard', async () => {
    const id = newErrand();
    await place.start(id);
    let refuse = true;
    place.before = (name) => {
      if (name === 'command' && refuse) throw ApplicationFailure.nonRetryable('Say who you are.', 'VALIDATION_FAILED');
    };
    const update = () => place.handleOf(id).executeUpdate(finishErrand, { args: [{}] });
    await expect(update()).rejects.toMatchObject({ cause: { message: 'Say who you are.' } });
    refuse = false;
    expect((await update()).state).toBe('done');
  });
});

describe('search attributes', () => {
  const topUp = topUpMachine.opening({
    id: 'x',
    variant: null,
    opened: { asset: 'INR', quantity: '7', price: '700' },
    held: '0',
    asset: 'INR',
    at: now(),
  }) as Process;
  /** One of each kind in a state of it. */
  const IN: Record<Kind, (state: string) => Process[]> = {
    battle: (state) => [battleIn(state) as Process],
    boost: (state) => [boostIn(state) as Process],
    challenge: (state) => [challengeIn(state) as Process],
    chargeBack: (state) => [chargeBackIn(state) as Process],
    deal: (state) => DEAL_KINDS.map((kind) => dealIn(state as State, kind) as Process),
    errand: (state) => [errandIn(state) as Process],
    payout: (state) => ['direct', 'four_eyes'].map((variant) => payoutIn(state, variant) as Process),
    poll: (state) => [pollIn(state) as Process],
    stream: (state) => [streamIn(state) as Process],
    subscription: (state) => [subscriptionIn(state) as Process],
    ticketEvent: (state) => [ticketEventIn(state) as Process],
    topUp: (state) => [{ ...topUp, state }],
    trade: (state) => [tradeIn(state) as Process],
  };
  const EVERY = KINDS.flatMap((kind) => Object.keys(machineOf(kind).table.states).flatMap(IN[kind]));
  const EXTREMES = [
    errandIn('open', { held: '1000000000000000', asset: 'BTC', terms: { within: 'P366D' } }),
    errandIn('open', { held: '9223372036854774784', asset: 'USDT' }),
    errandIn('open', { held: '0', entered_at: '1970-01-01T00:00:00.001Z', terms: { within: 'PT1S' } }),
    errandIn('done', { held: '0', asset: 'LYK' }),
  ] as Process[];
  const ATTENTIONS = ['none', 'parked', 'activity_fails', 'refund_failed', 'payout_failed', 'x'.repeat(200)];

  /** As the workflow upserts them. */
  const upserted = (process: Process, attention: string): Sent =>
    searchAttributesOf(machineOf(process.kind), process, attention).map(({ key, value }) => ({ ...key, value }));

  let worker: Worker;
  let run: Promise<void>;
  const taskQueue = `attributes-${randomUUID()}`;
  beforeAll(async () => {
    worker = await Worker.create({
      connection: place.environment.nativeConnection,
      namespace: place.environment.namespace as string,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('./testing/attributes.ts', import.meta.url)),
    });
    run = worker.run();
  });
  afterAll(async () => {
    worker?.shutdown();
    await run;
  });
  const start = (sets: Sent[]) =>
    place.environment.client.workflow.start('attributes', { taskQueue, workflowId: randomUUID(), args: [sets] });

  test('are taken by the server as they are upserted: of every kind in every state, no deadline, the largest amount', async () => {
    const known = Object.values(SEARCH_ATTRIBUTE_KEYS).map(({ name }) => name);
    const sets = [
      ...EVERY.map((process) => upserted(process, 'none')),
      ...EXTREMES.flatMap((process) => ATTENTIONS.map((attention) => upserted(process, attention))),
    ];
    expect(new Set(EVERY.map(({ kind }) => kind)).size).toBe(KINDS.length);
    for (const set of sets) {
      expect(set.map(({ name }) => name).sort()).toEqual([...known].sort());
      const deadline = set.find(({ name }) => name === SEARCH_ATTRIBUTE_KEYS.deadline.name)?.value as Date | null;
      // What Elasticsearch and OpenSearch take as a date, which this server's own store does not ask.
      if (deadline !== null) expect(deadline.getUTCFullYear()).toBeLessThan(2262);
    }
    expect(sets.some((set) => set.some(({ value }) => value === null))).toBe(true);
    const handle = await start(sets);
    expect(await handle.result()).toBe(sets.length);
    const { searchAttributes } = await handle.describe();
    // The last is over: it has no deadline any more.
    expect(searchAttributes.TandemDeadline).toBeUndefined();
    expect(searchAttributes.TandemState).toEqual(['done']);
  });

  test('are refused by the server where one is not what it was registered as, and hold up the workflow', async () => {
    const { held } = SEARCH_ATTRIBUTE_KEYS;
    const handle = await start([[{ name: held.name, type: 'KEYWORD', value: 'many' }]]);
    await vi.waitFor(async () => {
      const { events } = await handle.fetchHistory();
      const failed = events?.find(({ workflowTaskFailedEventAttributes: attributes }) => attributes);
      expect(failed?.workflowTaskFailedEventAttributes?.cause).toBe(BAD_SEARCH_ATTRIBUTES);
    }, WAIT);
    await handle.terminate();
  });
});
