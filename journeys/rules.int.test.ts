import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { listWaitingFacts } from '#db/payment/inbox.ts';
import { findOpenOrder, renewOrder } from '#db/payment/orders.ts';
import { sql } from '#db/pool.ts';
import { listSteps } from '#db/process/processes.ts';
import { retellAll, setTold, takeUntold } from '#db/process/relays.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { defineCommand, stepped } from '#workflows/process/messages.ts';
import { expectBooksInOrder, moneyOf, untilSettled } from './books.ts';
import { dealOf, relayOf, stepsTold, untilShown, untilStatus, untilTold } from './known.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import {
  bringTo,
  capture,
  commandsOf,
  later,
  newSides,
  ok,
  order,
  type Played,
  refused,
  type Sides,
  stateOf,
  untilState,
} from './play.ts';

/** The eight rules of "the door, the relay and the workflow", each by the history that breaks a system without it. */

const rule = defineCommand('rule');

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
});
afterAll(() => place?.close());
afterEach(async () => {
  place.faults.signal = place.faults.effected = place.faults.provider = undefined;
  place.clock.offsetMs = 0;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
  await expectBooksInOrder(place);
});

const RELEASED = { external: -500_000n, wallet: 450_000n, fee: 50_000n };
const HOUR = 3_600_000;
/** A run is called stuck after a task has failed and another timed out, 10 s, and looked for every 15 s. */
const STUCK_WITHIN_MS = 80_000;

/** The relay tells, and nobody runs workflows: what is told lies in Temporal. */
async function tellToNobody(): Promise<void> {
  await place.stopWorker();
  place.startRelay();
}

/** Waits until so many ms after a deal's deadline, or before it where that is negative. Returns the deadline. */
async function untilAboutDeadline(id: string, ms: number): Promise<string> {
  const deadline = deadlineOf(await dealOf(place, id)) ?? '';
  await until(
    async () => Date.now() - Date.parse(deadline),
    (late) => late > ms,
  );
  return deadline;
}

async function refundsOf(paymentId: string): Promise<number> {
  const { n } = await place.pool.one(sql.type(z.object({ n: z.bigint() }))`
    SELECT count(*) AS n FROM sandbox_refunds WHERE payment_id = ${paymentId}
  `);
  return Number(n);
}

describe('1: steps', () => {
  test('clicks that come all at once are numbered without gaps, each once, in time', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'disputed');
    await untilShown(place, id);
    const before = (await dealOf(place, id)).version;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? brand : influencer).input(id, 'dispute_statement', `Statement ${i}`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
    const steps = await listSteps(place.pool, id, before, 100);
    expect(steps.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, i) => before + 1 + i));
    expect(new Set(steps.map(({ data }) => data.statement)).size).toBe(40);
    expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort());
    // Under load many steps become few Signals; none is missing, and the history shows each.
    await untilTold(place, id);
    const told = (await stepsTold(place, id)).filter((numbers) => numbers.some((n) => n > before));
    expect([...new Set(told.flat())]).toEqual(Array.from({ length: 40 }, (_, i) => before + 1 + i));
    expect(told.length).toBeLessThan(40);
  });

  test('many steps that nobody was told of become one Signal', async () => {
    const { id, brand } = await bringTo(place, sides, 'disputed');
    await untilShown(place, id);
    const before = (await dealOf(place, id)).version;
    await place.stopRelay();
    for (let i = 0; i < 30; i += 1) await ok(brand.input(id, 'dispute_statement', `Statement ${i}`));
    place.startRelay();
    await untilTold(place, id);
    const told = (await stepsTold(place, id)).filter((steps) => steps.some((n) => n > before));
    expect(told).toEqual([Array.from({ length: 30 }, (_, i) => before + 1 + i)]);
  });

  test('a step is never before its predecessor, though a clock went back', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'brand_owner_pricing');
    place.clock.offsetMs = 60_000;
    await ok(brand.input(id, 'price_offer', '5000'));
    place.clock.offsetMs = -60_000;
    await ok(influencer.click(id, 'negotiate_price'));
    const [offered, negotiated] = await listSteps(place.pool, id, 1, 10);
    expect(negotiated?.at).toBe(offered?.at);
  });

  test('a refusal is remembered under its key: the copy that was delayed is not applied after the state moved on', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    const { id, influencer } = played;
    const start = (key: string) => influencer.click(id, 'start_work', undefined, { 'idempotency-key': key });
    const first = await start('once');
    expect(first.status).toBe(409);
    await order(played);
    await capture(place, played);
    await untilState(place, id, 'payment_completed');
    const copy = await start('once');
    expect(copy.status).toBe(409);
    expect(copy.body).toEqual(first.body);
    expect(copy.headers.get('idempotency-replayed')).toBe('true');
    expect(await stateOf(place, id)).toBe('payment_completed');
    expect((await start('again')).status).toBe(200);
  });

  test('a click and its copies, all at once, are one step and one answer', async () => {
    const { id, brand } = await bringTo(place, sides, 'initial');
    const copies = await Promise.all(
      Array.from({ length: 10 }, () =>
        brand.click(id, 'accept_application', undefined, { 'idempotency-key': 'the_click' }),
      ),
    );
    expect(new Set(copies.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(copies[0]?.status).toBe(200);
    expect(await commandsOf(place, id)).toEqual(['accept_application']);
  });
});

describe('2: promises', () => {
  test('two events that tell of one capture refund it once', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.influencer.click(played.id, 'withdraw'));
    await Promise.all([capture(place, played, {}, `a_${played.id}`), capture(place, played, {}, `b_${played.id}`)]);
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    await until(
      () => listWaitingFacts(place.pool, played.id),
      (waiting) => waiting.length === 0,
    );
    expect((await commandsOf(place, played.id)).filter((on) => on === 'payment_returned')).toHaveLength(1);
    expect(await refundsOf(played.paymentId)).toBe(1);
    expect(await untilSettled(place, played.id)).toEqual({});
  });

  test('a late capture is refunded though the worker died between booking it and hearing so', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.influencer.click(played.id, 'withdraw'));
    await untilStatus(place, played.id, 'COMPLETED');
    let crashes = 0;
    place.faults.effected = (id) => {
      if (id === played.id && crashes++ === 0) throw new Error('died after the commit');
    };
    await capture(place, played);
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    expect(crashes).toBeGreaterThan(1);
    expect(await refundsOf(played.paymentId)).toBe(1);
  });

  test('one that was booked while no worker lived is refunded by whoever comes', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.influencer.click(played.id, 'withdraw'));
    await untilStatus(place, played.id, 'COMPLETED');
    await place.stopWorker();
    await capture(place, played);
    // A click books what waits, and is refused: all there is of the capture now is the promise.
    await refused(played.brand.click(played.id, 'proceed_to_payment'), 409, 'FLOW_STATE_INVALID');
    expect(await listWaitingFacts(place.pool, played.id)).toEqual([]);
    await place.startWorker();
    expect(await untilSettled(place, played.id)).toEqual({});
    expect(await refundsOf(played.paymentId)).toBe(1);
  });
});

describe('3: what a workflow was told is a hint', () => {
  test('an acknowledgement from before a retell counts for nothing after it', async () => {
    const { id } = await bringTo(place, sides, 'brand_owner_pricing');
    await place.stopWorker();
    const [untold] = await place.pool.transaction((transaction) => takeUntold(transaction, [id]));
    if (!untold) throw new Error('nothing to tell');
    await retellAll(place.pool);
    await place.pool.transaction((transaction) => setTold(transaction, [{ untold, last: untold.version }]));
    expect(await relayOf(place, id)).toMatchObject({ told: -1, epoch: untold.epoch + 1 });
  });

  test('two relays at the same deals tell each step, and do no harm', async () => {
    const other = await openParts({ beside: place, worker: false });
    const deals = await Promise.all(Array.from({ length: 6 }, () => bringTo(place, sides, 'disputed')));
    const { relay } = place;
    const second = other.relay;
    expect(relay()).not.toBeNull();
    expect(second()).toBeNull();
    other.startRelay();
    try {
      await Promise.all(
        deals.flatMap(({ id, brand, influencer }) =>
          Array.from({ length: 8 }, async (_, i) => {
            await ok((i % 2 ? brand : influencer).input(id, 'dispute_statement', `Statement ${i}`));
            other.relay()?.ring(id);
          }),
        ),
      );
      for (const { id, brand } of deals) await ok(brand.click(id, 'concede_dispute'));
      for (const { id } of deals) {
        expect(await untilSettled(place, id)).toEqual(RELEASED);
        const commands = await commandsOf(place, id);
        expect(commands.filter((on) => on === 'dispute_statement')).toHaveLength(8);
        expect(commands.filter((on) => on === 'money_released')).toHaveLength(1);
      }
    } finally {
      await other.close();
    }
  });
});

describe('4: the sweep', () => {
  test('an ended deal whose refund is promised is refunded, though its workflow was terminated', async () => {
    const { id, influencer } = await bringTo(place, sides, 'work_in_progress');
    await tellToNobody();
    await ok(influencer.click(id, 'decline_work'));
    await untilTold(place, id);
    await place.workflowOf(id).terminate('by an operator');
    await place.startWorker();
    expect(await untilSettled(place, id)).toEqual({});
  });

  test('a deal that only waits has a workflow again soon after its own was terminated, and no ended one has', async () => {
    const waiting = await bringTo(place, sides, 'work_submitted');
    const over = await bringTo(place, sides, 'real_time');
    for (const { id } of [waiting, over]) await untilTold(place, id);
    await place.workflowOf(waiting.id).terminate('by an operator');
    await untilStatus(place, waiting.id, 'RUNNING');
    await untilShown(place, waiting.id);
    await untilStatus(place, over.id, 'COMPLETED');
  });

  test('a capture that was forwarded, and not booked when its workflow was terminated, is booked', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await tellToNobody();
    await untilTold(place, played.id);
    await capture(place, played);
    const reported = async () => {
      const { events } = await place.workflowOf(played.id).fetchHistory();
      return (events ?? []).some(
        ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === 'paymentReported',
      );
    };
    await until(reported, (seen) => seen);
    expect(await listWaitingFacts(place.pool, played.id)).toHaveLength(1);
    await place.workflowOf(played.id).terminate('by an operator');
    await place.startWorker();
    await untilState(place, played.id, 'payment_completed');
    expect(await moneyOf(place, played.id)).toEqual({ external: -500_000n, escrow: 500_000n });
  });

  test('a bell that nobody heard costs two seconds, not the step', async () => {
    const { id, brand } = await bringTo(place, sides, 'initial');
    await untilShown(place, id);
    const { ring } = place.deps;
    place.deps.ring = () => {};
    try {
      await ok(brand.click(id, 'accept_application'));
    } finally {
      place.deps.ring = ring;
    }
    await untilTold(place, id);
    expect((await stepsTold(place, id)).flat()).toContain(1);
  });

  test('what stays open is rung for ever more seldom, and a new step at once', async () => {
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      refund: async () => ({ status: 'pending', refundId: 'rfnd_slow' }),
      findRefund: async () => ({ status: 'pending', refundId: 'rfnd_slow' }),
    });
    const { id, influencer, brand } = await bringTo(place, sides, 'disputed');
    await ok(influencer.click(id, 'concede_dispute'));
    await until(
      () => relayOf(place, id),
      ({ tries }) => tries >= 3,
    );
    const { ring } = place.deps;
    place.deps.ring = () => {};
    try {
      await ok(brand.click(id, 'close_chat'));
    } finally {
      place.deps.ring = ring;
    }
    await until(
      () => relayOf(place, id),
      ({ told, version }) => told === version,
      5_000,
    );
  });
});

describe('5: the workflow', () => {
  test('steps it knows, twice, out of order or not at all: it ends where Postgres says', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'influencer_price_response');
    await untilShown(place, id);
    await place.stopRelay();
    const workflow = place.workflowOf(id);
    await ok(influencer.click(id, 'negotiate_price'));
    await ok(influencer.input(id, 'negotiation', '6000'));
    await ok(brand.click(id, 'reject_negotiation'));
    const steps = await listSteps(place.pool, id, 0, 100);
    const last = steps.slice(-1);
    // A gap: the last one alone. Then all of them, backwards and twice.
    await workflow.signal(stepped, last);
    await workflow.signal(stepped, [...steps, ...steps].reverse());
    await until(
      () => workflow.describe().then(({ searchAttributes }) => searchAttributes.TandemState?.[0]),
      (state) => state === 'influencer_final_response',
    );
    const described = await workflow.describe();
    expect(described.status.name).toBe('RUNNING');
    expect(described.searchAttributes.TandemDeadline?.[0]).toEqual(new Date(deadlineOf(await dealOf(place, id)) ?? ''));
  });

  test('a step that was never taken changes nothing: the stored deal says where it stands', async () => {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    const [last] = (await listSteps(place.pool, id, 0, 100)).slice(-1);
    if (!last) throw new Error('no step');
    await place.workflowOf(id).signal(stepped, [{ ...last, n: last.n + 1, on: 'of_the_future' }]);
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    expect(await parkedTasks(id)).toEqual([]);
  });

  test('a state it does not know parks the deal and calls an operator; put right, it goes on and the task is closed', async () => {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    await place.stopRelay();
    await place.pool.query(sql.typeAlias('void')`
      INSERT INTO machine_states (kind, state, rests, ends) VALUES ('deal', 'of_the_future', true, false)
    `);
    const setState = (state: string) =>
      place.pool.query(sql.typeAlias('void')`UPDATE processes SET state = ${state} WHERE id = ${id}`);
    await setState('of_the_future');
    // As after a restart: this run has read nothing yet.
    await place.workflowOf(id).terminate('an upgrade went back');
    place.startRelay();
    place.relay()?.ring(id);
    await until(
      () => place.workflowOf(id).describe(),
      ({ searchAttributes }) => searchAttributes.TandemAttention?.[0] === 'parked',
    );
    expect(await parkedTasks(id)).toMatchObject([{ details: { why: expect.stringContaining('of_the_future') } }]);
    await setState('work_submitted');
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    expect(await parkedTasks(id)).toEqual([]);
  });

  async function parkedTasks(id: string) {
    const admin = await place.admin();
    const { data } = await admin.get('/api/admin/tasks?kind=parked_deal').then(({ body }) => body);
    return data.filter((task: { conversation_id: string }) => task.conversation_id === id);
  }

  test('a deal that said more than one message to Temporal can carry is told, and read again, in several', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'work_submitted', {
      policy: { max_revisions: 1_000 },
    });
    await untilShown(place, id);
    await place.stopRelay();
    const long = '字'.repeat(5_000);
    const deliverables = { deliverables: long, description: long, submission_notes: long };
    for (let revision = 0; revision < 50; revision += 1) {
      await ok(brand.click(id, 'request_revision', { feedback: long.slice(0, 2_000) }));
      await ok(influencer.post(`/api/messages/conversations/${id}/work`, deliverables));
    }
    place.startRelay();
    await untilTold(place, id);
    await place.workflowOf(id).terminate('by an operator');
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    await untilStatus(place, id, 'COMPLETED');
    expect(await untilSettled(place, id)).toEqual(RELEASED);
  });

  test('a deal of very many steps is read to its last one', async () => {
    const policy = { max_rounds: 1_000 };
    const { id, brand, influencer } = await bringTo(place, sides, 'influencer_price_response', { policy });
    await untilShown(place, id);
    await place.stopRelay();
    for (let round = 0; round < 200; round += 1) {
      await ok(influencer.click(id, 'negotiate_price'));
      await ok(influencer.input(id, 'negotiation', '6000'));
      await ok(brand.click(id, 'reject_negotiation'));
    }
    await place.workflowOf(id).terminate('by an operator');
    await place.pool.query(
      sql.typeAlias('void')`UPDATE relays SET told = version, behind = false WHERE process_id = ${id}`,
    );
    await place.client.workflow.signalWithStart('deal', {
      workflowId: workflowIdOf('deal', id),
      taskQueue: (await place.workflowOf(id).describe()).taskQueue,
      args: [{ processId: id }],
      signal: stepped,
      signalArgs: [[]],
    });
    await untilShown(place, id);
  });

  test('it completes when nothing is open, and starts again when something is', async () => {
    const played = await bringTo(place, sides, 'real_time');
    const { id } = played;
    await untilStatus(place, id, 'COMPLETED');
    const { runId } = await place.workflowOf(id).describe();
    await capture(place, { ...played, paymentId: `${played.paymentId}_second` });
    await until(
      () => commandsOf(place, id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    await untilStatus(place, id, 'COMPLETED');
    expect((await place.workflowOf(id).describe()).runId).not.toBe(runId);
    expect(await untilSettled(place, id)).toEqual(RELEASED);
  });

  test('a history that has grown long is begun anew, and nothing is forgotten', async () => {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    const workflow = place.workflowOf(id);
    const { runId } = await workflow.describe();
    // At 1,000 events. Few at a time: the server gives up a workflow task that more than 100 Signals overtake.
    const isAnew = async () => (await workflow.describe()).runId !== runId;
    for (let sent = 0; sent < 1_200 && !(await isAnew()); sent += 40) {
      await Promise.all(Array.from({ length: 40 }, () => workflow.signal(stepped, [])));
    }
    await until(
      () => workflow.describe(),
      (described) => described.runId !== runId && described.status.name === 'RUNNING',
    );
    await untilShown(place, id);
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    await untilStatus(place, id, 'COMPLETED');
  });

  test('a deal clicked without pause is found by where it stood a little ago, and in the end by how it ended', async () => {
    const policy = { max_revisions: 20 };
    const { id, brand, influencer } = await bringTo(place, sides, 'work_in_progress', { policy });
    const work = { deliverables: 'https://drive.example/reels' };
    const began = performance.now();
    for (let revision = 0; revision < 12; revision += 1) {
      await ok(influencer.click(id, 'submit_work', work));
      await untilTold(place, id);
      await ok(brand.click(id, 'request_revision', { feedback: 'Once more' }));
      await untilTold(place, id);
    }
    await ok(influencer.click(id, 'submit_work', work));
    await ok(brand.click(id, 'approve_work'));
    await untilStatus(place, id, 'COMPLETED');
    const { searchAttributes } = await place.workflowOf(id).describe();
    expect(searchAttributes).toMatchObject({ TandemState: ['real_time'], TandemHeld: [0] });
    const { events = [] } = await place.workflowOf(id).fetchHistory();
    const shown = events?.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes).length;
    // Three that were saved up, one every 5 s at most, and the last two, which are not put off.
    expect(shown).toBeLessThanOrEqual(5 + Math.ceil((performance.now() - began) / 5_000));
    expect((await commandsOf(place, id)).length).toBeGreaterThan(26);
  });

  test('cancelling it in the Web UI changes nothing: deadlines, rulings and money go on', async () => {
    const { id } = await bringTo(place, sides, 'disputed');
    await untilShown(place, id);
    const workflow = place.workflowOf(id);
    await workflow.cancel();
    const ruling = { release_percent: 100, reason: 'All is there' };
    expect(await workflow.executeUpdate(rule, { args: [ruling] })).toMatchObject({ state: 'real_time' });
    expect(await untilSettled(place, id)).toEqual(RELEASED);
    await untilStatus(place, id, 'COMPLETED');

    const silent = await bringTo(place, sides, 'work_submitted');
    await untilStatus(place, silent.id, 'RUNNING');
    await place.workflowOf(silent.id).cancel();
    await place.skipTime(silent.id);
    await untilState(place, silent.id, 'real_time', 30_000);
    expect(await untilSettled(place, silent.id)).toEqual(RELEASED);
  });

  test('resetting it in the Web UI to its beginning, while it runs and after it ended, changes nothing', async () => {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    await reset(id);
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    await untilStatus(place, id, 'COMPLETED');
    const commands = await commandsOf(place, id);
    await reset(id);
    await untilStatus(place, id, 'COMPLETED');
    expect(await commandsOf(place, id)).toEqual(commands);
    expect(await untilSettled(place, id)).toEqual(RELEASED);
  });

  test('runs that an upgrade can no longer replay are begun anew, and go on from Postgres', async () => {
    const approved = await bringTo(place, sides, 'work_submitted');
    const silent = await bringTo(place, sides, 'work_submitted', { policy: { approve_within: 'PT6S' } });
    const idle = await Promise.all([1, 2, 3].map(() => bringTo(place, sides, 'payment_completed')));
    const runOf = async (id: string) => (await place.workflowOf(id).describe()).runId;
    for (const { id } of [approved, silent, ...idle]) await untilShown(place, id);
    const runs = await Promise.all(idle.map(({ id }) => runOf(id)));
    await place.stopWorker();
    await place.startWorker(fileURLToPath(new URL('./testing/otherRelease.ts', import.meta.url)));
    try {
      await ok(approved.brand.click(approved.id, 'approve_work'));
      // Those that nobody waits for are there again as well, once anything comes to them.
      for (const { id } of idle) await place.workflowOf(id).signal(stepped, []);
      for (const { id } of [approved, silent]) {
        await untilState(place, id, 'real_time', STUCK_WITHIN_MS);
        expect(await untilSettled(place, id)).toEqual(RELEASED);
        await untilStatus(place, id, 'COMPLETED');
      }
      for (const [at, { id }] of idle.entries()) {
        await until(
          () => runOf(id),
          (run) => run !== runs[at],
          STUCK_WITHIN_MS,
        );
        await untilStatus(place, id, 'RUNNING');
        await untilShown(place, id);
      }
    } finally {
      await place.stopWorker();
    }
  }, 180_000);

  async function reset(id: string): Promise<void> {
    const { runId } = await place.workflowOf(id).describe();
    const workflowExecution = { workflowId: workflowIdOf('deal', id), runId };
    const { events } = await place.client.workflow.getHandle(workflowExecution.workflowId, runId).fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed);
    await place.client.workflowService.resetWorkflowExecution({
      namespace: place.namespace,
      workflowExecution,
      reason: 'by an operator',
      workflowTaskFinishEventId: first?.eventId ?? null,
      requestId: `${runId}_reset`,
    });
  }
});

describe('6: deadlines', () => {
  test('a click after the deadline commits the expiry, and is refused as the state then is', async () => {
    await place.stopWorker();
    const played = await bringTo(place, sides, 'influencer_price_response');
    await later(place, 8 * 24 * HOUR, played, async ({ id, influencer }) => {
      const { details } = await refused(influencer.click(id, 'accept_price'), 409, 'FLOW_STATE_INVALID');
      expect(details).toMatchObject({ current_state: 'chat_closed', required_state: 'influencer_price_response' });
    });
    expect((await commandsOf(place, played.id)).at(-1)).toBe('expire');
    expect(await stateOf(place, played.id)).toBe('chat_closed');
  });

  test('a click after silence was approval is told so, and the money moves', async () => {
    await place.stopWorker();
    const played = await bringTo(place, sides, 'work_submitted');
    await later(place, 15 * 24 * HOUR, played, async ({ id, brand }) => {
      const { details } = await refused(
        brand.click(id, 'request_revision', { feedback: 'Too late' }),
        409,
        'FLOW_STATE_INVALID',
      );
      expect(details).toMatchObject({ current_state: 'work_approved' });
    });
    await place.startWorker();
    await untilState(place, played.id, 'real_time');
    expect(await untilSettled(place, played.id)).toEqual(RELEASED);
  });

  test('a timer is told when it was overtaken, and when it is not time yet', async () => {
    const { id } = await bringTo(place, sides, 'work_submitted');
    const deal = await dealOf(place, id);
    const deadline = deadlineOf(deal) ?? '';
    const asked = { processId: id, known: deal.version - 1, now: deadline, correlationId: null };
    const overtaken = await place.activities.expire({ ...asked, entry: deal.entry - 1 });
    expect(overtaken).toMatchObject({ notBefore: null, steps: [{ n: deal.version }] });
    const early = new Date(Date.parse(deadline) - 1).toISOString();
    const tooEarly = await place.activities.expire({ ...asked, now: early, entry: deal.entry });
    expect(tooEarly.notBefore).toBe(deadline);
    expect(await stateOf(place, id)).toBe('work_submitted');
  });

  test('real timers and real clicks around real deadlines: one winner each, and the money follows it', async () => {
    const policy = { approve_within: 'PT3S' };
    // Each clicks around its own deadline as soon as it has one: the others may take longer than that.
    const deals = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const { id, brand } = await bringTo(place, sides, 'work_submitted', { policy });
        await untilAboutDeadline(id, (i - 6) * 10);
        return { id, answer: await brand.click(id, 'open_dispute', { reason: 'At the last moment' }) };
      }),
    );
    for (const { id, answer } of deals) {
      const won = answer.status === 200;
      const commands = await until(
        () => commandsOf(place, id),
        (seen) => seen.includes(won ? 'open_dispute' : 'money_released'),
      );
      expect(commands.includes('expire')).toBe(!won);
      if (!won) expect(answer.status).toBe(409);
      expect(await moneyOf(place, id)).toEqual(won ? { external: -500_000n, escrow: 500_000n } : RELEASED);
    }
  });
});

describe('7: received on time is on time', () => {
  test.for(['a click', 'the timer'] as const)(
    'a capture received before the deadline counts, though it is worked through after it, by %s',
    async (by) => {
      await place.stopWorker();
      const played = await bringTo(place, sides, 'payment_pending');
      await order(played);
      const deal = await dealOf(place, played.id);
      const deadline = deadlineOf(deal) ?? '';
      place.clock.stopped = new Date(Date.parse(deadline) - 1);
      await deliver(played);
      place.clock.stopped = null;
      if (by === 'a click') {
        await later(place, 25 * HOUR, played, ({ id, influencer }) => ok(influencer.click(id, 'start_work')));
        expect(await stateOf(place, played.id)).toBe('work_in_progress');
      } else {
        const asked = { processId: played.id, known: 0, entry: deal.entry, correlationId: null };
        await place.activities.expire({ ...asked, now: new Date(Date.parse(deadline) + HOUR).toISOString() });
        expect(await stateOf(place, played.id)).toBe('payment_completed');
      }
      expect(await moneyOf(place, played.id)).toEqual({ external: -500_000n, escrow: 500_000n });
    },
  );

  test('a capture received at the deadline or after is returned, the deal expired, and the money refunded', async () => {
    await place.stopWorker();
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    place.clock.stopped = new Date(deadlineOf(await dealOf(place, played.id)) ?? '');
    await deliver(played);
    place.clock.stopped = null;
    await place.startWorker();
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    expect((await commandsOf(place, played.id)).slice(-3)).toEqual(['expire', 'payment_returned', 'refund_settled']);
    expect(await untilSettled(place, played.id)).toEqual({});
  });

  test('captures around real deadlines, against real timers: on time is held, late is returned, nothing between', async () => {
    const policy = { pay_within: 'PT4S' };
    const deals = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const played = await bringTo(place, sides, 'payment_pending', { policy });
        await order(played);
        const deadline = await untilAboutDeadline(played.id, (i - 6) * 10);
        await capture(place, played);
        return { id: played.id, deadline };
      }),
    );
    const received = z.object({ received_at: z.string(), outcome: z.string() });
    for (const { id, deadline } of deals) {
      const fact = await until(
        () =>
          place.pool.maybeOne(sql.type(received)`
            SELECT received_at, outcome FROM inbox WHERE process_id = ${id} AND booked_at IS NOT NULL AND fact ->> 'kind' = 'captured'
          `),
        (found) => found !== null,
      );
      expect(fact?.outcome).toBe((fact?.received_at ?? '') < deadline ? 'escrow' : 'returned');
    }
  });

  test('no new order is made while a fact waits', async () => {
    await place.stopWorker();
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    const { id, brand } = played;
    const made = await findOpenOrder(place.pool, id);
    await deliver(played);
    // The order ran out at its provider: a new one would be made now, were there not the fact.
    const kept = await renewOrder(place.pool, id, '2999-01-01T00:00:00.000Z');
    expect(kept?.id).toBe(made?.id);
    await refused(brand.click(id, 'proceed_to_payment'), 409, 'FLOW_STATE_INVALID');
    expect(await stateOf(place, id)).toBe('payment_completed');
  });

  test('one that ran out at its provider is made anew, and money on the old one still counts', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await place.pool.query(sql.typeAlias('void')`
      UPDATE payment_orders SET expires_at = now() WHERE process_id = ${played.id}
    `);
    const { payment_order } = await ok(played.brand.click(played.id, 'proceed_to_payment'));
    expect(payment_order.order_id).not.toBe(played.orderId);
    await capture(place, played);
    await untilState(place, played.id, 'payment_completed');
    await capture(place, { orderId: payment_order.order_id, paymentId: `${played.paymentId}_second` });
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    expect(await moneyOf(place, played.id)).toEqual({ external: -500_000n, escrow: 500_000n });
  });

  /** The provider's webhook, while the API's clock stands still: signed by that clock. */
  async function deliver(played: Played): Promise<void> {
    expect((await capture(place, played)).status).toBe(200);
    expect(await listWaitingFacts(place.pool, played.id)).toHaveLength(1);
  }
});

describe('8: locks', () => {
  test('while the provider is asked for an order the deal is free, and asking again is asking once', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    let calls = 0;
    const answered = Promise.withResolvers<void>();
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async createOrder(asked) {
        calls += 1;
        await answered.promise;
        return real.createOrder(asked);
      },
    });
    const clicks = Array.from({ length: 6 }, () => played.brand.click(played.id, 'proceed_to_payment'));
    await until(
      async () => calls,
      (count) => count === 1,
    );
    // Anybody else may do anything with the deal meanwhile.
    await bookWaitingFacts(place.pool, played.id, {
      now: new Date().toISOString(),
      systemUserId: place.deps.config.SYSTEM_USER_ID,
      correlationId: null,
    });
    await ok(played.influencer.get(`/api/messages/conversations/${played.id}/context`));
    answered.resolve();
    const orders = (await Promise.all(clicks.map(ok))).map(({ payment_order }) => payment_order.order_id);
    expect(new Set(orders).size).toBe(1);
    expect(calls).toBe(1);
  });

  test('a withdrawal while the provider is asked is answered at once', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    const answered = Promise.withResolvers<void>();
    let asked = false;
    place.faults.provider = (real): PaymentProvider => ({
      ...real,
      async createOrder(order) {
        asked = true;
        await answered.promise;
        return real.createOrder(order);
      },
    });
    const click = played.brand.click(played.id, 'proceed_to_payment');
    await until(
      async () => asked,
      (so) => so,
    );
    await ok(played.influencer.click(played.id, 'withdraw'));
    answered.resolve();
    await click;
    expect(await stateOf(place, played.id)).toBe('chat_closed');
  });

  test('deals of the same two people, all at once and from all sides, never lock each other for good', async () => {
    const deals = await Promise.all(Array.from({ length: 16 }, () => bringTo(place, sides, 'work_submitted')));
    await Promise.all(
      deals.flatMap((played, i) => [
        played.brand.click(played.id, i % 2 ? 'approve_work' : 'open_dispute', i % 2 ? undefined : { reason: 'No' }),
        played.influencer.click(played.id, 'open_dispute', { reason: 'Neither' }),
        capture(place, { ...played, paymentId: `${played.paymentId}_second` }),
        played.brand.get('/api/messages/conversations'),
      ]),
    );
    await Promise.all(deals.map(({ id, influencer }) => influencer.click(id, 'concede_dispute')));
    for (const { id } of deals) await untilSettled(place, id);
    const { deadlocks } = await place.pool.one(sql.type(z.object({ deadlocks: z.bigint() }))`
      SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()
    `);
    expect(deadlocks).toBe(0n);
  });
});
