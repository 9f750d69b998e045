import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteInBattle } from '#db/battle/counting.ts';
import { doAs, newBattle } from '#db/battle/testing/fighting.ts';
import { openBoost } from '#db/boost/boosts.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { openErrand } from '#db/errand/testing/errands.ts';
import { sql } from '#db/pool.ts';
import { findProcess } from '#db/process/processes.ts';
import { workflowBundle } from '#worker/bundle.ts';
import { broadcastId, looseRefundId, pushId, workflowIdOf } from '#workflows/ids.ts';
import { roomOf } from '#workflows/kinds.ts';
import { defineCommand, stepped } from '#workflows/process/messages.ts';
import { untilSettled } from './books.ts';
import { chargedBack, follow, press } from './chargeBack.ts';
import { giveErrand } from './errand.ts';
import { untilShown, untilStatus } from './known.ts';
import { creatorWithTier, fanOf, nextWeek, subscribe } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, register, until } from './person.ts';
import {
  bringTo,
  capture,
  commandsOf,
  newSides,
  ok,
  openDeal,
  order,
  type Played,
  type Sides,
  untilState,
} from './play.ts';
import { announce, onAir } from './streaming.ts';
import { bringTrade, give, newTraders, sharesOf } from './trade.ts';

/**
 * What is played now leaves histories in Temporal that replay against the code that played them. With RECORD=1 they are
 * kept in `workflows/<room>/histories/`, where `worker/replay.test.ts` holds the code of every later day to them.
 */

const rule = defineCommand('rule');

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  // Begun anew after fewer Signals than usual, so that such a run is short enough to be kept.
  const env = { PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' };
  place = await openParts({ patience: { signals: 40 }, env });
  sides = await newSides(place);
});
afterAll(() => place?.close());

/** What is to be recorded: a run by its workflow and, where that has several, the id of the run. */
type Recorded = { type: string; workflowId: string; runId?: string | undefined };

const DEALS: Record<string, () => Promise<Played>> = {
  async 'a campaign from application to release'() {
    const played = await bringTo(place, sides, 'real_time');
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },

  async 'a bid that was negotiated and revised'() {
    const played = await bringTo(place, sides, 'influencer_final_response', { kind: 'bid' });
    const { id, brand, influencer } = played;
    await ok(influencer.click(id, 'negotiate_price'));
    await ok(influencer.input(id, 'negotiation', '5,250.50'));
    await ok(brand.click(id, 'accept_negotiation', { price: '5250.50' }));
    await order(played);
    await capture(place, played, { amount: 525_050 });
    await untilState(place, id, 'payment_completed');
    await ok(influencer.click(id, 'start_work'));
    for (const feedback of ['Louder', 'Softer']) {
      await ok(influencer.click(id, 'submit_work', { deliverables: 'https://drive.example/reels' }));
      await ok(brand.click(id, 'request_revision', { feedback }));
    }
    await ok(influencer.click(id, 'submit_work', { deliverables: 'https://drive.example/reels' }));
    await ok(brand.click(id, 'approve_work', { feedback: 'Lovely' }));
    await untilState(place, id, 'real_time');
    await untilStatus(place, id, 'COMPLETED');
    return played;
  },

  async 'a dispute that was ruled on in the Web UI'() {
    const played = await bringTo(place, sides, 'disputed');
    const { id, influencer } = played;
    await ok(influencer.input(id, 'dispute_statement', 'All three are there'));
    await untilShown(place, id);
    await place.workflowOf(id).executeUpdate(rule, { args: [{ release_percent: 60, reason: 'Two of three reels' }] });
    await untilSettled(place, id);
    await untilStatus(place, id, 'COMPLETED');
    return played;
  },

  async 'a capture that came after the withdrawal, and was refunded'() {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.brand.click(played.id, 'withdraw'));
    await untilStatus(place, played.id, 'COMPLETED');
    await capture(place, played);
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },

  async 'a deadline that passed, with its reminder'() {
    const played = await openDeal(sides, 'campaign', { answer_within: 'PT2S' });
    await untilState(place, played.id, 'chat_closed');
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },
};

/** Runs of a workflow, the first first. */
async function runsOf(workflowId: string, atLeast = 1): Promise<{ runId: string }[]> {
  return until(
    async () => {
      const found: { runId: string; startTime: Date }[] = [];
      for await (const run of place.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) found.push(run);
      return found.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
    },
    (found) => found.length >= atLeast,
  );
}

/** An ended deal may be told again, by a run that finds nothing to do: what is recorded is the one that did it all. */
async function firstRunOf({ id }: Pick<Played, 'id'>): Promise<Recorded> {
  const workflowId = workflowIdOf('deal', id);
  return { type: 'deal', workflowId, runId: (await runsOf(workflowId))[0]?.runId };
}

const RUNS: Record<string, () => Promise<Recorded>> = {
  ...Object.fromEntries(
    Object.entries(DEALS).map(([name, play]) => [name, async () => firstRunOf(await play())] as const),
  ),

  async 'a deal whose transactions failed, were tried at the server and went through'() {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    let crashes = 0;
    place.faults.effected = (deal) => {
      if (deal !== id) return;
      crashes += 1;
      if (crashes <= 5) throw new Error('died after the commit');
    };
    try {
      await ok(brand.click(id, 'approve_work'));
      await untilStatus(place, id, 'COMPLETED');
    } finally {
      place.faults.effected = undefined;
    }
    expect(await untilSettled(place, id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
    return firstRunOf({ id });
  },

  async 'a deal that was parked and went on'() {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    await place.pool.query(sql.typeAlias('void')`
      INSERT INTO machine_states (kind, state, rests, ends) VALUES ('deal', 'of_the_future', true, false)
    `);
    const setState = (state: string) =>
      place.pool.query(sql.typeAlias('void')`UPDATE processes SET state = ${state} WHERE id = ${id}`);
    await setState('of_the_future');
    await place.workflowOf(id).terminate('an upgrade went back');
    place.relay()?.ring(id);
    await until(
      () => place.workflowOf(id).describe(),
      ({ searchAttributes }) => searchAttributes.TandemAttention?.[0] === 'parked',
    );
    await setState('work_submitted');
    await ok(brand.click(id, 'approve_work'));
    await untilStatus(place, id, 'COMPLETED');
    const workflowId = workflowIdOf('deal', id);
    return { type: 'deal', workflowId, runId: (await runsOf(workflowId, 2))[1]?.runId };
  },

  async 'the first run of a deal that was begun anew'() {
    return { ...(await continued()), runId: (await runsOf((await continued()).workflowId, 2))[0]?.runId };
  },

  async 'the second run of a deal that was begun anew'() {
    return { ...(await continued()), runId: (await runsOf((await continued()).workflowId, 2))[1]?.runId };
  },

  async 'a trade in dispute that was split by a ruling in the Web UI'() {
    const traders = await newTraders(place);
    const id = await bringTrade(traders, 'disputed');
    await ok(give(traders.seller, id, 'evidence', { text: 'Half of it came' }));
    await until(
      () =>
        place
          .workflowOf(id, 'trade')
          .describe()
          .then(
            ({ searchAttributes }) => searchAttributes.TandemState?.[0],
            () => 'none',
          ),
      (state) => state === 'disputed',
    );
    const ruling = { release_percent: 50, reason: 'Half of it was paid' };
    await place.workflowOf(id, 'trade').executeUpdate(rule, { args: [ruling] });
    await place.workflowOf(id, 'trade').result();
    expect(await sharesOf(place, id, traders)).toEqual({ buyer: 500n, seller: -500n });
    const workflowId = workflowIdOf('trade', id);
    return { type: 'trade', workflowId, runId: (await runsOf(workflowId))[0]?.runId };
  },

  async 'a trade that nobody paid, and that expired'() {
    const id = await bringTrade(await newTraders(place), 'awaiting_payment', { pay_within: 'PT2S' });
    const workflowId = workflowIdOf('trade', id);
    await until(
      () => commandsOf(place, id),
      (commands) => commands.at(-1) === 'asset_returned',
    );
    await place.workflowOf(id, 'trade').result();
    return { type: 'trade', workflowId, runId: (await runsOf(workflowId))[0]?.runId };
  },

  async 'an errand that was finished and rewarded'() {
    const pair = { brand_owner: sides.brand.id, influencer: sides.influencer.id };
    const id = await openErrand(place.pool, pair, new Date().toISOString());
    place.deps.ring(id);
    await untilRuns(id, 'errand');
    expect(await giveErrand(place, id, 'finish', sides.influencer.id)).toBe(true);
    return ended(id, 'errand', 'done');
  },

  async 'a boost that was cancelled before its time'() {
    const now = new Date().toISOString();
    const booster = sides.brand;
    const process = await place.pool.transaction(async (transaction) => {
      await earnCredits(transaction, { userId: booster.id, amount: 1_000n, reason: 'a test', now });
      const opened = { target: 'profile', target_id: sides.influencer.id, duration: 24, lasts: DAY_MS } as const;
      return openBoost(transaction, { boosterId: booster.id, amount: 1_000n, opened, now });
    });
    place.deps.ring(process.id);
    await untilRuns(process.id, 'boost');
    const headers = { authorization: `Bearer ${booster.access}` };
    const { status } = await fetch(`${place.url}/api/credits/boosts/${process.id}`, { method: 'DELETE', headers });
    expect(status).toBe(200);
    return ended(process.id, 'boost', 'cancelled');
  },

  async 'a stream that was put off, began and ended'() {
    const creator = await register(place.url, ['creator']);
    const id = await announce(creator);
    await untilRuns(id, 'stream');
    const scheduled_at = new Date(Date.now() + 3_600_000).toISOString();
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { scheduled_at }));
    for (const step of ['start', 'end', 'archive']) await ok(creator.post(`/api/streams/${id}/${step}`));
    return ended(id, 'stream', 'archived');
  },

  async 'a subscription that began by order, was renewed, cancelled and ended'() {
    const [creator, fan] = [await creatorWithTier(place), await fanOf(place)];
    const { subscription, payment_order } = await subscribe(fan, creator, { payment: 'order' });
    const { id } = subscription;
    await untilRuns(id, 'subscription');
    await capture(place, { orderId: payment_order.order_id, paymentId: `pay_${id}` }, { amount: payment_order.amount });
    const untilDone = (last: string) =>
      until(
        () => commandsOf(place, id),
        (commands) => commands.at(-1) === last,
      );
    await untilDone('credited');
    const clock = `/api/sandbox/processes/${id}/clock`;
    await ok(fan.post(clock, { advance: 'P25D' }));
    await untilDone('expire');
    await ok(fan.post(clock, { advance: 'P7D' }));
    await untilDone('renew');
    await ok(fan.ask('DELETE', `/api/subscriptions/${id}`));
    await ok(fan.post(clock, { advance: 'P31D' }));
    return ended(id, 'subscription', 'ended');
  },

  async 'an event that was cancelled, and its tickets refunded'() {
    const [creator, fan] = [await register(place.url, ['creator']), await fanOf(place)];
    const said = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 2, price: 10 };
    const { event } = await ok(creator.post('/api/events', said));
    await untilRuns(event.id, 'ticketEvent');
    await ok(fan.post(`/api/events/${event.id}/tickets`));
    await ok(creator.post(`/api/events/${event.id}/cancel`));
    return ended(event.id, 'ticketEvent', 'cancelled');
  },

  async 'a battle for stakes that was accepted, fought and won'() {
    const now = new Date().toISOString();
    const { id, challenger, opponent } = await newBattle(place.pool, { stake: 40n, lasts: 3_000, now });
    place.deps.ring(id);
    await untilRuns(id, 'battle');
    await doAs(place.pool, id, opponent.id, 'accept', new Date().toISOString());
    place.deps.ring(id);
    const vote = { battleId: id, voterId: sides.brand.id, participantId: challenger.id };
    await voteInBattle(place.pool, { ...vote, now: new Date().toISOString() });
    return ended(id, 'battle', 'ended');
  },

  async 'a challenge that was stopped'() {
    const creator = await register(place.url, ['creator']);
    const challenges = `/api/streams/${await onAir(creator)}/challenges`;
    const goal = { type: 'gifts', target: 500, duration_seconds: 60 };
    const { challenge } = await ok(creator.post(challenges, goal));
    await untilRuns(challenge.id, 'challenge');
    await ok(creator.post(`${challenges}/${challenge.id}/stop`));
    return ended(challenge.id, 'challenge', 'stopped');
  },

  async 'a poll that was voted in and ended by its creator'() {
    const creator = await register(place.url, ['creator']);
    const polls = `/api/streams/${await onAir(creator)}/polls`;
    const asked = { question: 'What is next?', options: ['Rice', 'Noodles', 'Soup'], duration_seconds: 600 };
    const { poll } = await ok(creator.post(polls, asked));
    await untilRuns(poll.id, 'poll');
    await ok(creator.post(`${polls}/${poll.id}/votes`, { option: 2 }));
    await ok(creator.post(`${polls}/${poll.id}/close`));
    return ended(poll.id, 'poll', 'closed');
  },

  async 'a payout that was paid after its hold window'() {
    const person = await register(place.url, ['influencer']);
    const wallet = `/api/wallet/${person.id}`;
    await ok(person.post('/api/sandbox/faucet', { asset: 'INR', amount: '1000.00' }));
    await ok(person.post(`${wallet}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
    const { destination } = await ok(person.post(`${wallet}/destinations`, { kind: 'sandbox', account: 'ok' }));
    const asked = { amount: '600.00', asset: 'INR', destination_id: destination.id };
    const { payout } = await ok(person.post(`${wallet}/payouts`, asked));
    return ended(payout.id, 'payout', 'paid');
  },

  async 'a top-up that was paid and credited'() {
    const person = await register(place.url, ['viewer']);
    const { top_up, payment_order } = await ok(person.post('/api/wallet/topup', { amount: 7 }));
    const { order_id: orderId, amount } = payment_order;
    await capture(place, { orderId, paymentId: `pay_${top_up.id}` }, { amount });
    return ended(top_up.id, 'topUp', 'paid');
  },

  async 'a charge-back that was answered with evidence, and won'() {
    const { id, person, checkout } = await chargedBack(place);
    await ok(person.post(`/api/charge-backs/${id}/evidence`, { text: 'It was my own card' }));
    await untilRuns(id, 'chargeBack');
    const admin = await place.admin();
    await ok(admin.post(`/api/admin/charge-backs/${id}/submit`));
    await press(checkout, 'charge_back_won');
    await until(
      () => follow(place).then(() => person.get(`/api/charge-backs/${id}`)),
      ({ body }) => body.data.charge_back.status === 'won',
    );
    return ended(id, 'chargeBack', 'won');
  },

  async 'a refund of money that belonged to nothing'() {
    const paymentId = `pay_${randomUUID()}`;
    await capture(place, { orderId: `order_${randomUUID()}`, paymentId });
    const admin = await place.admin();
    const [task] = await until(
      async () => {
        const { body } = await admin.get('/api/admin/tasks?kind=unmatched_capture&limit=100');
        return body.data.filter((each: Json) => each.details.payment_id === paymentId);
      },
      (found: Json[]) => found.length > 0,
    );
    const { refund_id } = await ok(
      admin.post(`/api/admin/tasks/${task.id}/decision`, { decision: 'refund', reason: 'Not ours' }),
    );
    const found =
      refund_id ??
      (await place.pool.oneFirst(sql.typeAlias('id')`
        SELECT refunds.id FROM refunds JOIN captures ON captures.id = refunds.capture_id WHERE payment_id = ${paymentId}
      `));
    const workflowId = looseRefundId(found);
    // Its provider decides a moment later, and the workflow asks after a minute.
    await until(
      () =>
        place.skipTime(found, 'refund').then(
          () => true,
          () => false,
        ),
      (skips) => skips,
    );
    await untilCompleted(workflowId);
    return { type: 'refund', workflowId };
  },

  async 'an announcement to a role, told page by page'() {
    await register(place.url, ['creator']);
    const written = { title: 'To creators', body: 'Read on', kind: 'security' };
    const { broadcast } = await ok(
      (await place.admin()).post('/api/notifications/send', { role: 'creator', ...written }),
    );
    const workflowId = broadcastId(broadcast.id);
    await untilCompleted(workflowId);
    return { type: 'broadcast', workflowId };
  },

  async 'a push to a phone that no service reaches'() {
    const person = await register(place.url, ['viewer']);
    await ok(person.post('/api/devices', { platform: 'fcm', token: randomUUID().repeat(4) }));
    const written = { title: 'To one', body: 'Read on', kind: 'security' };
    await ok((await place.admin()).post('/api/notifications/send', { user_ids: [person.id], ...written }));
    const workflowId = pushId(person.id);
    await untilCompleted(workflowId);
    return { type: 'push', workflowId, runId: (await runsOf(workflowId))[0]?.runId };
  },

  async 'a job that looked at the books'() {
    const workflowId = `job-${randomUUID()}`;
    const { client, taskQueue } = place;
    await client.workflow.execute('job', { taskQueue, workflowId, args: [{ name: 'check_books' }] });
    return { type: 'job', workflowId };
  },
};

async function untilCompleted(workflowId: string): Promise<void> {
  await until(
    () =>
      place.client.workflow
        .getHandle(workflowId)
        .describe()
        .then(
          ({ status }) => status.name as string,
          () => 'none',
        ),
    (status) => status === 'COMPLETED',
  );
}

const DAY_MS = 86_400_000;

async function untilRuns(id: string, kind: string): Promise<void> {
  await until(
    () =>
      place
        .workflowOf(id, kind)
        .describe()
        .then(
          ({ searchAttributes }) => searchAttributes.TandemState?.[0],
          () => undefined,
        ),
    (state) => state !== undefined,
  );
}

/** The run that brought a process to this end, once it is over. */
async function ended(id: string, kind: string, state: string): Promise<Recorded> {
  await until(
    async () => (await findProcess(place.pool, id))?.process.state,
    (seen) => seen === state,
  );
  await untilSettled(place, id);
  await place.workflowOf(id, kind).result();
  const workflowId = workflowIdOf(kind, id);
  return { type: kind, workflowId, runId: (await runsOf(workflowId))[0]?.runId };
}

let deal: Promise<Recorded> | null = null;

/** A deal whose first run was told so often that it was begun anew. */
function continued(): Promise<Recorded> {
  deal ??= (async () => {
    const { id, brand } = await bringTo(place, sides, 'work_submitted');
    await untilShown(place, id);
    const first = (await place.workflowOf(id).describe()).runId;
    await until(
      async () => {
        await place.workflowOf(id).signal(stepped, []);
        return (await place.workflowOf(id).describe()).runId;
      },
      (runId) => runId !== first,
    );
    await ok(brand.click(id, 'approve_work'));
    await untilStatus(place, id, 'COMPLETED');
    return { type: 'deal', workflowId: workflowIdOf('deal', id) };
  })();
  return deal;
}

test.for(Object.keys(RUNS))('%s', async (name) => {
  const { type, workflowId, runId } = await (RUNS[name] as () => Promise<Recorded>)();
  const history = await place.client.workflow.getHandle(workflowId, runId).fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
  expect(history.events?.length).toBeGreaterThan(5);
  if (!process.env.RECORD) return;
  const folder = fileURLToPath(new URL(`../workflows/${roomOf(type)}/histories/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const recorded = { name, workflowId, history: JSON.parse(historyToJSON(history)) };
  writeFileSync(`${folder}${name.replaceAll(/\W+/g, '-')}.json`, `${JSON.stringify(recorded, null, 1)}\n`);
});
