import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PAYEE } from '#api/sandbox/walletScenarios.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { sql } from '#db/pool.ts';
import { createCodec } from '#worker/codec.ts';
import { KINDS } from '#workflows/kinds.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { chargedBack, follow, press } from './chargeBack.ts';
import { untilShown, untilStatus } from './known.ts';
import { creatorWithTier, fanOf, nextWeek, subscribe } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { bringTo, capture, newSides, ok, openDeal, order, type Sides, untilState } from './play.ts';
import { bringTrade, give, newTraders } from './trade.ts';
import { AT_ONCE, boostProfile, payTopUp, requestPayout } from './wallet.ts';

/** What a cluster of somebody else's gets to see of people: nothing that they wrote, and none of their accounts. */

/** In every text that somebody writes here. */
const WRITTEN = 'saffron';

let place: Parts;

beforeAll(async () => {
  place = await openParts({ env: AT_ONCE });
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place.close();
});

/** Of a local activity, beside its result. */
const MARKED = ['activity_id', 'activity_type', 'attempt', 'backoff', 'complete_time', 'original_schedule_time', 'seq'];

/** Every history of a namespace: its text as JSON, and each payload in it as it lies there. */
async function historiesOf({ client }: Parts): Promise<{ types: Set<string>; text: string; payloads: Payload[] }> {
  const payloads: Payload[] = [];
  const types = new Set<string>();
  let text = '';
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    types.add(type);
    const json = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
    text += json;
    payloads.push(...payloadsIn(JSON.parse(json)));
  }
  return { types, text, payloads };
}

type Json64 = { data: string; metadata: Record<string, string> };
const isPayload = (value: object): value is Json64 => 'metadata' in value && 'data' in value;

function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = isPayload(value)
    ? [
        {
          data: Buffer.from(value.data, 'base64'),
          metadata: Object.fromEntries(
            Object.entries(value.metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
          ),
        },
      ]
    : [];
  return [...here, ...Object.values(value).flatMap(payloadsIn)];
}

const textOf = ({ data }: Payload) => Buffer.from(data ?? []).toString();
const encodingOf = ({ metadata }: Payload) => Buffer.from(metadata?.encoding ?? []).toString();

/** A deal in which everybody writes as much as they can, to its ruling. */
async function talkativeDeal(parts: Parts, { brand, influencer }: Sides): Promise<string> {
  const played = await openDeal({ brand, influencer }, 'bid');
  const { id } = played;
  await ok(influencer.click(id, 'accept_connection'));
  await ok(brand.input(id, 'project_details', `Three ${WRITTEN} reels`));
  await ok(influencer.click(id, 'accept_project'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  await order(played);
  expect((await capture(parts, played)).status).toBe(200);
  await untilState(parts, id, 'payment_completed');
  await ok(influencer.click(id, 'start_work'));
  const work = {
    deliverables: `https://drive.example/${WRITTEN}`,
    description: `The ${WRITTEN} ones`,
    submission_notes: `More ${WRITTEN} than agreed`,
  };
  await ok(influencer.click(id, 'submit_work', work));
  await ok(brand.click(id, 'request_revision', { feedback: `Less ${WRITTEN}` }));
  await ok(influencer.click(id, 'submit_work', work));
  await ok(brand.click(id, 'open_dispute', { reason: `Still too much ${WRITTEN}` }));
  await ok(influencer.input(id, 'dispute_statement', `As much ${WRITTEN} as agreed`));
  const admin = await parts.admin();
  const [task] = await until(
    async () => (await admin.get('/api/admin/tasks?kind=dispute&limit=100')).body.data,
    (tasks) => tasks.length > 0,
  );
  const ruling = { decision: 'rule', release_percent: 50, reason: `Half of the ${WRITTEN}` };
  await ok(admin.post(`/api/admin/tasks/${task.id}/decision`, ruling));
  await untilSettled(parts, id);
  await untilStatus(parts, id, 'COMPLETED');
  return id;
}

/** A charge-back with evidence that somebody wrote, which their bank does not believe. */
async function chargedBackAndLost(parts: Parts): Promise<void> {
  const { id, person, checkout } = await chargedBack(parts);
  await ok(person.post(`/api/charge-backs/${id}/evidence`, { text: `A ${WRITTEN} bill` }));
  await press(checkout, 'charge_back_lost');
  await until(
    () => follow(parts).then(() => parts.workflowOf(id, 'chargeBack').describe()),
    ({ status }) => status.name === 'COMPLETED',
  );
}

/** A poll that its creator has ended, in a stream that is over. */
async function polled(creator: Sides['influencer']): Promise<string> {
  const { stream } = await ok(creator.post('/api/streams', { title: `Choosing ${WRITTEN}` }));
  const on = `/api/streams/${stream.id}`;
  await ok(creator.post(`${on}/start`));
  const asked = {
    question: `How much ${WRITTEN}?`,
    options: [`No ${WRITTEN}`, `More ${WRITTEN}`],
    duration_seconds: 60,
  };
  const { poll } = await ok(creator.post(`${on}/polls`, asked));
  await ok(creator.post(`${on}/polls/${poll.id}/votes`, { option: 1 }));
  await ok(creator.post(`${on}/polls/${poll.id}/close`));
  for (const step of ['end', 'archive']) await ok(creator.post(`${on}/${step}`));
  return poll.id;
}

/** A subscription that nobody paid for, and an event that was cancelled, whose creator calls both what they like. */
async function paidAndOver(): Promise<{ subscription: string; ticketEvent: string }> {
  const creator = await creatorWithTier(place, 60, WRITTEN);
  const fan = await fanOf(place);
  const { subscription } = await subscribe(fan, creator, { tier: WRITTEN, payment: 'order' });
  await ok(fan.ask('DELETE', `/api/subscriptions/${subscription.id}`));
  const said = { title: `An evening with ${WRITTEN}`, starts_at: nextWeek(), capacity: 2, price: 10 };
  const { event } = await ok(creator.post('/api/events', said));
  await ok(fan.post(`/api/events/${event.id}/tickets`));
  await ok(creator.post(`/api/events/${event.id}/cancel`));
  return { subscription: subscription.id, ticketEvent: event.id };
}

describe('histories', () => {
  test('of every kind hold no text that anybody wrote, no name and nobody’s account', async () => {
    const sides = await newSides(place);
    await talkativeDeal(place, sides);
    const traders = await newTraders(place);
    const trade = await bringTrade(traders, 'disputed');
    await ok(give(traders.seller, trade, 'evidence', { text: `A ${WRITTEN} receipt` }));
    await ok(give(traders.buyer, trade, 'statement', { text: `Paid in ${WRITTEN}` }));
    await until(
      () => place.workflowOf(trade, 'trade').describe(),
      ({ searchAttributes }) => searchAttributes.TandemState?.[0] === 'disputed',
    );
    const payout = await requestPayout(place);
    const topUp = await payTopUp(place);
    const given = { userId: sides.brand.id, amount: 100n, reason: 'to be looked at', now: new Date().toISOString() };
    await place.pool.transaction((transaction) => earnCredits(transaction, given));
    const boost = await boostProfile(sides.brand, sides.influencer);
    const { stream } = await ok(sides.influencer.post('/api/streams', { title: `Cooking with ${WRITTEN}` }));
    await ok(sides.influencer.post(`/api/streams/${stream.id}/cancel`));
    const paid = await paidAndOver();
    const { battle } = await ok(
      sides.brand.post('/api/battles', { opponent_id: sides.influencer.id, duration_seconds: 60 }),
    );
    await ok(sides.influencer.post(`/api/battles/${battle.id}/decline`));
    const { stream: aired } = await ok(sides.influencer.post('/api/streams', { title: `More ${WRITTEN}` }));
    await ok(sides.influencer.post(`/api/streams/${aired.id}/start`));
    const goal = { type: 'gifts', target: 500, duration_seconds: 60, reward: `All the ${WRITTEN} that you like` };
    const { challenge } = await ok(sides.influencer.post(`/api/streams/${aired.id}/challenges`, goal));
    await ok(sides.influencer.post(`/api/streams/${aired.id}/challenges/${challenge.id}/stop`));
    const poll = await polled(sides.influencer);
    await chargedBackAndLost(place);
    const live = { poll, battle: battle.id, challenge: challenge.id };
    const played = { payout: payout.id, topUp, boost, stream: stream.id, ...paid, ...live };
    for (const [kind, id] of Object.entries(played)) await untilStatus(place, { id, kind }, 'COMPLETED');
    const { types, text, payloads } = await historiesOf(place);
    expect([...types].sort()).toEqual(KINDS.filter((kind) => kind !== 'errand').sort());
    const all = [text, ...payloads.map(textOf)].join('\n');
    // It is what was played, and can be read.
    for (const seen of [
      'request_revision',
      'dispute_statement',
      'evidence',
      'statement',
      'payout_paid',
      'credited',
      'credits_used',
    ])
      expect(all).toContain(seen);
    const people = await place.pool.any(sql.type(z.object({ id: z.string(), handle: z.string() }))`
      SELECT id, handle FROM users WHERE id <> ${place.deps.config.SYSTEM_USER_ID}
    `);
    expect(people.length).toBeGreaterThanOrEqual(5);
    const words = [WRITTEN, 'seller@bank', 'Monsoon', PAYEE, payout.destinationId];
    for (const word of [...words, ...people.flatMap(({ id, handle }) => [id, handle])]) {
      expect(all, word).not.toContain(word);
    }
  });

  test('under a key hold nothing that can be read but what is searched by, and the deal is paid all the same', async () => {
    const codec = createCodec([randomBytes(32)]);
    const parts = await openParts({ dataConverter: { payloadCodecs: [codec] } });
    try {
      const { id } = await bringTo(parts, await newSides(parts), 'work_approved');
      await untilState(parts, id, 'real_time');
      expect(await untilSettled(parts, id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
      await untilShown(parts, id);
      const { payloads } = await historiesOf(parts);
      const plain = payloads.filter((payload) => encodingOf(payload) !== 'binary/encrypted');
      expect(payloads.length - plain.length).toBeGreaterThan(5);
      for (const payload of plain) expect(textOf(payload)).not.toContain(id);
      // What is searched by is the cluster's to read; of what was done in place the SDK marks name and times in plain.
      const marks = plain
        .filter(({ metadata }) => metadata?.type === undefined)
        .map((each) => JSON.parse(textOf(each)));
      for (const mark of marks) expect(Object.keys(mark).sort()).toEqual(MARKED);
      const decoded = await codec.decode(payloads);
      expect(decoded.map(textOf).join('\n')).toContain(id);
    } finally {
      await parts.close();
    }
  });
});
