import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { dealMachine } from '#workflows/deal/machine.ts';
import type { CommandName, DealKind } from '#workflows/deal/table.ts';
import { COMPLETE } from '#workflows/deal/testing/deals.ts';
import { allowedCommands, isEnded } from '#workflows/process/machine.ts';
import { accounts, listDealEntries } from '../money/ledger.ts';
import { retryRefund } from '../payment/refunds.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { listOpenPromises } from '../process/processes.ts';
import { listTasks } from '../task/tasks.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Dealing, newUser, startDealing } from './testing/dealing.ts';

let databaseUrl: string;
let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl);
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(async () => {
  await pool?.end();
});

const side = fc.constantFrom<'brand_owner' | 'influencer' | 'admin'>('brand_owner', 'influencer', 'admin');
const refunds = fc.constantFrom<'processed' | 'failed' | 'pending' | null>('processed', 'failed', 'pending', null);

/** One thing that happens to a deal. `pick` chooses among what is possible there. */
const move = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('click' as const), side, pick: fc.nat(30) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('capture' as const),
      /** Of few, so that the same payment and the same webhook come again. */
      payment: fc.nat(2),
      event: fc.nat(3),
      amount: fc.constantFrom('agreed', 'agreed', 'agreed', 'other'),
      booked: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), payment: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('book' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('carry' as const), refunds }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('hearRefund' as const), failed: fc.boolean(), pick: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retry' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('chargeBack' as const),
      payment: fc.nat(2),
      dispute: fc.nat(1),
      outcome: fc.constantFrom(null, 'won' as const, 'lost' as const),
      amount: fc.constantFrom('499999', '1'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), past: fc.boolean() }) },
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

const CLOSING = /^(reject_(?!negotiation)|withdraw|decline_work|cancel_late_work|close_chat)/;

let orders = new Map<string, string>();

async function make(id: string, what: Move): Promise<void> {
  const deal = await dealing.deal(id);
  const now = dealing.clock.now.toISOString();
  switch (what.do) {
    case 'click': {
      // Most clicks go on with the deal: it would be over before anything happened to it.
      const allowed = (allowedCommands(dealMachine, deal, what.side, now) as CommandName[]).filter(
        (on) => what.pick === 0 || !CLOSING.test(on),
      );
      const on = allowed[what.pick % Math.max(allowed.length, 1)];
      if (on === 'proceed_to_payment') orders.set(id, await dealing.order(id).catch(() => orders.get(id) ?? 'none'));
      else if (on) await dealing.give(id, what.side, on, COMPLETE[on]);
      return;
    }
    case 'capture': {
      const orderId = orders.get(id);
      if (!orderId) return;
      const amount = what.amount === 'agreed' ? (deal.terms.agreed ?? '1') : '77';
      const paymentId = `pay_${id}_${what.payment}`;
      await dealing.hear({ kind: 'captured', orderId, paymentId, amount }, `${id}_${what.event}`);
      if (what.booked) await dealing.book(id);
      return;
    }
    case 'fail': {
      const orderId = orders.get(id);
      if (orderId) await dealing.hear({ kind: 'failed', orderId, paymentId: `pay_${id}_${what.payment}` });
      return;
    }
    case 'book':
      return dealing.book(id);
    case 'carry':
      return dealing.carry(id, what.refunds);
    case 'hearRefund': {
      // Those that arrived too: a bank may send them back.
      const refunds = await listRefunds(id);
      const refund = refunds[what.pick % Math.max(refunds.length, 1)];
      if (!refund) return;
      const key = `${refund.id}_${refund.attempt}`;
      await dealing.hear({
        kind: what.failed ? 'refund_failed' : 'refunded',
        refundId: `at_${key}`,
        refundKey: key,
        amount: refund.amount.toString(),
        // After it arrived, where it has: what failed before that is no news.
        occurredAt: new Date(dealing.clock.now.getTime() + (what.failed ? 1 : 0)).toISOString(),
      });
      return;
    }
    case 'chargeBack': {
      const paymentId = `pay_${id}_${what.payment}`;
      const { amount, outcome, dispute } = what;
      const kind = outcome === null ? 'charge_back_opened' : 'charge_back_closed';
      return dealing.hear({ kind, paymentId, amount, outcome, disputeId: `${paymentId}_${dispute}` });
    }
    case 'retry':
      for (const { call } of await listOpenPromises(pool, id)) {
        if (call) await retryRefund(pool, call.id, null, now);
      }
      return;
    default: {
      const deadline = deadlineOf(deal);
      if (deadline === null) return;
      const half = (Date.parse(deadline) - dealing.clock.now.getTime()) / 2;
      dealing.clock.now = new Date(what.past ? Date.parse(deadline) : dealing.clock.now.getTime() + Math.max(half, 0));
      await dealing.expire(id);
    }
  }
}

const refundRow = z.object({ id: z.string(), attempt: z.int(), amount: z.bigint() });

async function listRefunds(id: string) {
  return pool.any(sql.type(refundRow)`
    SELECT refunds.id, attempt, refunds.amount FROM refunds JOIN captures ON captures.id = refunds.capture_id
    WHERE captures.process_id = ${id} ORDER BY refunds.id
  `);
}

async function brokenInvariants() {
  return (await checkInvariants(pool)).filter(({ ok }) => !ok);
}

/** An operator lets go on what waits for a bank. */
async function letGoOn(id: string): Promise<void> {
  for (const kind of ['charge_back', 'held_up'] as const) {
    for (const task of await listTasks(pool, { open: true, kind, limit: 100, before: null })) {
      if (task.process_id === id) await dealing.decide(task.id, 'go_on');
    }
  }
}

/** From here on nobody does anything: time passes, promises are carried out, the provider says yes. */
async function fallSilent(id: string): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    await dealing.book(id);
    // A charge-back of a payment that we have not heard of is about no deal.
    await dealing.book(null);
    await letGoOn(id);
    for (const { call } of await listOpenPromises(pool, id)) {
      if (call) await retryRefund(pool, call.id, null, dealing.clock.now.toISOString());
    }
    await dealing.carry(id, 'processed');
    const deal = await dealing.deal(id);
    if (isEnded(dealMachine, deal) && (await listOpenPromises(pool, id)).length === 0) return;
    const deadline = deadlineOf(deal);
    if (deadline) dealing.clock.now = new Date(Math.max(Date.parse(deadline), dealing.clock.now.getTime()));
    await dealing.expire(id);
  }
  const left = { deal: await dealing.deal(id), promises: await listOpenPromises(pool, id) };
  throw new Error(`the deal did not end: ${JSON.stringify(left)}`);
}

const kind = fc.constantFrom<DealKind>('campaign', 'bid');

/** How far a deal has come when things begin to happen to it. */
const start = fc.constantFrom('opened', 'ordered', 'paid', 'submitted');
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never;

async function bring(dealKind: DealKind, to: Start): Promise<string> {
  orders = new Map();
  const id = await dealing.open(dealKind, await dealing.newPair(), { max_rounds: 2, max_revisions: 1 });
  if (to === 'opened') return id;
  if (dealKind === 'campaign') await dealing.give(id, 'brand_owner', 'accept_application');
  else {
    await dealing.give(id, 'influencer', 'accept_connection');
    await dealing.give(id, 'brand_owner', 'send_project_details', COMPLETE.send_project_details);
    await dealing.give(id, 'influencer', 'accept_project');
  }
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 4999.99 });
  await dealing.give(id, 'influencer', 'accept_price');
  orders.set(id, await dealing.order(id));
  if (to === 'ordered') return id;
  await make(id, { do: 'capture', payment: 0, event: 0, amount: 'agreed', booked: true });
  if (to === 'paid') return id;
  await dealing.give(id, 'influencer', 'start_work');
  await dealing.give(id, 'influencer', 'submit_work', COMPLETE.submit_work);
  return id;
}

test('whatever happens to a deal in whatever order, no invariant breaks, and in silence it ends with empty hands', async () => {
  await fc.assert(
    fc.asyncProperty(kind, start, fc.array(move, { minLength: 10, maxLength: 50 }), async (dealKind, to, moves) => {
      const id = await bring(dealKind, to);
      for (const what of moves) await make(id, what);
      expect(await brokenInvariants()).toEqual([]);
      await fallSilent(id);
      expect(await brokenInvariants()).toEqual([]);
      const left = new Map<string, bigint>();
      for (const entry of await listDealEntries(pool, id)) left.set(entry.account, entry.balance_after);
      expect(left.get(accounts.escrow(id, 'INR').code) ?? 0n).toBe(0n);
      expect(left.get(accounts.refundClearing(id, 'INR').code) ?? 0n).toBe(0n);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);

test('things that happen to a deal in the same instant are done one after the other, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      kind,
      start,
      fc.array(fc.array(move, { minLength: 2, maxLength: 5 }), { minLength: 4, maxLength: 10 }),
      async (dealKind, to, rounds) => {
        const id = await bring(dealKind, to);
        for (const moves of rounds) await Promise.all(moves.map((what) => make(id, what)));
        expect(await brokenInvariants()).toEqual([]);
        await fallSilent(id);
        expect(await brokenInvariants()).toEqual([]);
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
}, 120_000);

test('money went every way there is in these deals', async () => {
  const seen = await pool.anyFirst(sql.type(z.object({ what: z.string() }))`
    SELECT DISTINCT command AS what FROM steps
    UNION SELECT DISTINCT disposition FROM captures
    UNION SELECT DISTINCT coalesce(outcome, 'waits') FROM inbox
  `);
  expect([...seen]).toEqual(
    expect.arrayContaining([
      ...['escrow', 'returned', 'suspense', 'known'],
      ...['money_released', 'refund_started', 'refund_settled', 'expire'],
    ]),
  );
});

test('nobody waited for each other in a circle', async () => {
  const name = await pool.oneFirst(sql.type(z.object({ name: z.string() }))`SELECT current_database() AS name`);
  const watcher = createPool(databaseUrl);
  // A connection tells what it saw when it ends.
  await pool.end();
  const deadlocks = await watcher.oneFirst(sql.type(z.object({ deadlocks: z.bigint() }))`
    SELECT deadlocks FROM pg_stat_database WHERE datname = ${name}
  `);
  await watcher.end();
  expect(deadlocks).toBe(0n);
});
