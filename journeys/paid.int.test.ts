import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { balanceOf } from '#db/money/walletEvents.ts';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { findProcess } from '#db/process/processes.ts';
import { expireIfDue } from '#db/process/step.ts';
import { withTokens } from '#db/stream/testing/live.ts';
import { openedTicketEvent } from '#db/ticketEvent/testing/ticketEvents.ts';
import { sellTicket } from '#db/ticketEvent/tickets.ts';
import { Client } from '#realtime/testing/client.ts';
import { openFrontend } from '#realtime/testing/frontend.ts';
import { durationMs } from '#workflows/durations.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { untilTold } from './known.ts';
import {
  creatorWithTier,
  fanOf,
  heardOf,
  nextWeek,
  silentEvent,
  soon,
  subscribe,
  tokensOf,
  untilStanding,
} from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, sendWebhook, until } from './person.ts';
import { commandsOf, ok, signInAgain } from './play.ts';
import { announce, heard, onAir, watching } from './streaming.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';
import { paidTopUp } from './wallet.ts';

// What creators sell by the month and at the door, on Postgres and Temporal as they are: over REST and both doors.

let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});
afterEach(async () => {
  place.faults.signal = place.faults.effected = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
});
const here = () => place;

const [HOUR_MS, DAY_MS] = [3_600_000, 24 * 3_600_000];
const originAt = (at: Parts, now: string) => ({
  now,
  systemUserId: at.deps.config.SYSTEM_USER_ID,
  correlationId: null,
});

const tokensIn = async (at: Parts, userId: string): Promise<bigint> =>
  (await balanceOf(at.pool, userId, 'TOKEN', at.deps.now().toISOString())).available;

/** Orders of first months, by the subscription. */
const orders = new Map<string, Json>();

/** One whose first month is ordered, with `within` left to pay for it. */
async function ordered(at: Parts, within?: string): Promise<string> {
  if (within !== undefined) at.clock.offsetMs = (durationMs(within) ?? 0) - DAY_MS;
  try {
    const asked = await subscribe(await fanOf(at), await creatorWithTier(at), { payment: 'order' });
    orders.set(asked.subscription.id, asked.payment_order);
    return asked.subscription.id;
  } finally {
    if (within !== undefined) at.clock.offsetMs = 0;
  }
}

/** That it was paid is there, and waits to be booked. */
async function isPaid(at: Parts, id: string): Promise<void> {
  const { order_id, amount, currency } = orders.get(id);
  const data = { order_id, payment_id: `pay_${id}`, amount, currency };
  // By everybody's clock: where the API's stands still for somebody else, it is moved on only after this.
  at.clock.stopped = null;
  await until(
    () => sendWebhook(at.url, { id: `paid_${id}`, type: 'payment.captured', data }),
    ({ status }) => status === 200,
  );
}

describeRaces(
  {
    kind: 'subscription',
    on: 'payment_captured',
    bring: ordered,
    lead: isPaid,
    async give(at, id) {
      await bookWaitingFacts(at.pool, id, originAt(at, at.deps.now().toISOString()));
      return (await commandsOf(at, id)).includes('payment_captured');
    },
    tells: { given: 'credited', silent: 'expire' },
    ends: { given: 'active', silent: 'closed' },
    async expectSettled(at, id, how) {
      await untilSettled(at, id);
      const { seats } = (await findProcess(at.pool, id)) ?? {};
      const creator = await tokensIn(at, seats?.creator ?? '');
      // What is bought is spent at once: beside what whoever is new has.
      expect([await tokensIn(at, seats?.subscriber ?? ''), creator]).toEqual([100n, how === 'given' ? 142n : 100n]);
    },
  },
  here,
);

/** Who sells the seats of an event, and who has one. */
const hosts = new Map<string, { creator: Person; holderId: string }>();

/** One that has begun, with a seat sold, and `within` left until its creator is paid. */
async function begun(at: Parts, within = 'P1D'): Promise<string> {
  const began = at.deps.now().getTime() + (durationMs(within) ?? 0) - DAY_MS;
  const now = new Date(began - 2 * HOUR_MS).toISOString();
  const creator = await register(at.url, ['creator']);
  const { id } = await openedTicketEvent(at.pool, { now, creatorId: creator.id });
  const { id: holderId } = await withTokens(at.pool, 30n, now);
  const bought = { eventId: id, buyer: { id: holderId, isAdmin: false } };
  await at.pool.transaction((transaction) => sellTicket(transaction, bought, originAt(at, now)));
  const stored = await findProcess(at.pool, id);
  const origin = originAt(at, new Date(began).toISOString());
  if (!stored || !(await expireIfDue(at.pool, stored, origin))) throw new Error('it has not begun');
  hosts.set(id, { creator, holderId });
  at.deps.ring(id);
  return id;
}

describeRaces(
  {
    kind: 'ticketEvent',
    on: 'cancel',
    bring: begun,
    async give(at, id) {
      const { creator } = hosts.get(id) as { creator: Person };
      const person = at.clock.stopped === null ? creator : await signInAgain(at, creator);
      return (await person.post(`/api/events/${id}/cancel`)).status === 200;
    },
    tells: { given: 'expire', silent: 'creator_paid' },
    ends: { given: 'cancelled', silent: 'settled' },
    async expectSettled(at, id, how) {
      await untilSettled(at, id);
      const { creator, holderId } = hosts.get(id) as { creator: Person; holderId: string };
      const both = [await tokensIn(at, holderId), await tokensIn(at, creator.id)];
      expect(both).toEqual(how === 'given' ? [30n, 100n] : [0n, 121n]);
    },
  },
  here,
);

describeEndings(
  {
    kind: 'subscription',
    silences: [{ state: 'awaiting_payment', lastsMs: DAY_MS, end: 'closed' }],
    bring: (at) => ordered(at),
    async expectEnd(at, id) {
      expect((await findProcess(at.pool, id))?.process.held).toBe('0');
    },
  },
  here,
);

describeEndings(
  {
    kind: 'ticketEvent',
    silences: [
      { state: 'on_sale', lastsMs: 2 * HOUR_MS, end: 'settled' },
      { state: 'started', lastsMs: DAY_MS, end: 'settled' },
    ],
    bring: silentEvent,
    async expectEnd(at, id) {
      // What was paid for its one ticket is its creator's and ours.
      await until(
        () => commandsOf(at, id),
        (commands) => commands.at(-1) === 'creator_paid',
      );
      expect((await findProcess(at.pool, id))?.process.held).toBe('0');
    },
  },
  here,
);

/** Who may not be in a stream is told so everywhere: over REST, at both doors, and where pictures are asked for. */
async function expectOutside(person: Person, id: string): Promise<void> {
  const door = doorOf(person);
  expect(await door.command('join_stream', id)).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  door.close();
  const page = openFrontend(() => place, { namespace: '/chat', auth: { token: person.access } });
  expect(await page.asks('join_stream', { streamId: id })).toMatchObject({ error_code: 'NOT_FOUND' });
  page.close();
  for (const asked of [person.get(`/api/streams/${id}/state`), person.post(`/api/streams/${id}/token`)]) {
    expect((await asked).status).toBe(403);
  }
  expect((await person.post(`/api/streams/${id}/chat`, { text: 'let me in' })).status).toBe(403);
}

const doorOf = (person: Person) =>
  new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => person.access });

/** Both doors' sockets of somebody who is in a stream's room, and may be given a token for its pictures. */
async function inside(person: Person, id: string) {
  const [door, page] = [doorOf(person), await watching(place, person, id)];
  expect(await door.command('join_stream', id)).toMatchObject({ success: true });
  // There is no media server here: it is not refused for whom it is for.
  expect((await person.post(`/api/streams/${id}/token`)).status).toBe(503);
  return {
    /** Both are put out within seconds, by themselves. */
    async untilOut() {
      const room = `stream_${id}`;
      await until(
        async () => door.lives.filter(({ name }) => name === 'left_room'),
        (all) => all.some(({ data }) => (data as Json).room === room),
        10_000,
      );
      await until(
        async () => heard(page, 'left_room'),
        (all) => all.some((data) => data.room === room),
        10_000,
      );
      door.close();
      page.close();
    },
  };
}

describe('a subscription', () => {
  test('opens what is for subscribers at once, everywhere, and closes it within seconds of its end', async () => {
    const creator = await creatorWithTier(place);
    const [fan, other] = [await fanOf(place), await fanOf(place)];
    const id = await onAir(creator, { visibility: 'subscribers' });
    await expectOutside(fan, id);
    const { subscription } = await subscribe(fan, creator);
    const there = await inside(fan, id);
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { subscribers_only: true }));
    await ok(fan.post(`/api/streams/${id}/chat`, { text: 'Hello' }));
    await expectOutside(other, id);
    await ok(fan.ask('DELETE', `/api/subscriptions/${subscription.id}`));
    // What is paid for is kept.
    expect((await fan.get(`/api/streams/${id}/state`)).status).toBe(200);
    await untilTold(place, subscription.id);
    await place.skipTime(subscription.id, 'subscription');
    await untilStanding(place, subscription.id, 'ended');
    await there.untilOut();
    await expectOutside(fan, id);
  });

  test('is renewed on its day for as long as there are tokens, then tried for three days, and lapses', async () => {
    const [creator, fan] = [await creatorWithTier(place), await fanOf(place)];
    await ok(fan.post('/api/sandbox/faucet', { asset: 'TOKEN', amount: '20' }));
    const { subscription } = await subscribe(fan, creator);
    await untilTold(place, subscription.id);
    await place.skipTime(subscription.id, 'subscription');
    await untilStanding(place, subscription.id, 'lapsed');
    const commands = await commandsOf(place, subscription.id);
    const tries = Array.from({ length: 5 }, () => 'retry');
    expect(commands).toEqual(['expire', 'renew', 'expire', 'expire', ...tries, 'expire']);
    expect([await tokensOf(fan), await tokensOf(creator)]).toEqual(['0', '184']);
    const { data } = (await fan.get(`/api/subscriptions/${subscription.id}`)).body;
    const lasted = Date.parse(data.subscription.paid_until) - Date.parse(data.subscription.created_at);
    expect(Math.round(lasted / DAY_MS)).toBeGreaterThanOrEqual(59);
    expect(await heardOf(fan, 'subscription:')).toEqual([
      ...['subscription:started', 'subscription:renews_soon', 'subscription:renewed', 'subscription:renews_soon'],
      ...['subscription:renewal_failed', 'subscription:lapsed'],
    ]);
  });

  test('that fell due while every worker was away for a week is renewed once, for the month that it is then', async () => {
    const [creator, fan] = [await creatorWithTier(place), await fanOf(place)];
    await ok(fan.post('/api/sandbox/faucet', { asset: 'TOKEN', amount: '500' }));
    const { subscription } = await subscribe(fan, creator);
    const began = Date.parse(subscription.created_at);
    await place.stopWorker();
    await ok(fan.post(`/api/sandbox/processes/${subscription.id}/clock`, { advance: 'P38D' }));
    await place.startWorker();
    await until(
      () => commandsOf(place, subscription.id),
      (commands) => commands.includes('renew'),
    );
    await untilTold(place, subscription.id);
    expect((await commandsOf(place, subscription.id)).filter((command) => command === 'renew')).toHaveLength(1);
    // Two months of sixty; of each the creator has seven tenths, beside what whoever is new has.
    expect([await tokensOf(fan), await tokensOf(creator)]).toEqual(['480', '184']);
    const { subscription: now } = await ok(fan.get(`/api/subscriptions/${subscription.id}`));
    expect(now.status).toBe('active');
    // Its day is the one that it began on, moved as its clock was.
    const days = (Date.parse(now.paid_until) - (began - 38 * DAY_MS)) / DAY_MS;
    expect(Math.round(days)).toBeGreaterThanOrEqual(59);
    expect(Math.round(days)).toBeLessThanOrEqual(62);
    await expectBooksInOrder(place);
  });

  test('whose first month is paid by order begins with the payment, once, and asking again is the same order', async () => {
    const [creator, fan] = [await creatorWithTier(place), await fanOf(place)];
    const asked = await subscribe(fan, creator, { payment: 'order' });
    const again = await subscribe(fan, creator, { payment: 'order' });
    expect([again.subscription.id, again.payment_order]).toEqual([asked.subscription.id, asked.payment_order]);
    for (let each = 0; each < 2; each += 1) {
      await paidTopUp(place, { top_up: asked.subscription, payment_order: asked.payment_order });
    }
    await until(
      () => commandsOf(place, asked.subscription.id),
      (commands) => commands.includes('credited'),
    );
    expect(await commandsOf(place, asked.subscription.id)).toEqual(['payment_captured', 'credited']);
    expect([await tokensOf(fan), await tokensOf(creator)]).toEqual(['100', '142']);
  });

  test('of others is not there, and what makes no sense is one clear refusal that costs nothing', async () => {
    const [creator, fan, other] = [await creatorWithTier(place), await fanOf(place), await fanOf(place)];
    const { subscription } = await subscribe(fan, creator);
    const refused = async (asked: Promise<{ status: number; body: Json }>) => {
      const { status, body } = await asked;
      return [status, body.error_code];
    };
    const path = `/api/subscriptions/${subscription.id}`;
    expect(await refused(other.get(path))).toEqual([404, 'NOT_FOUND']);
    expect(await refused(other.ask('DELETE', path))).toEqual([404, 'NOT_FOUND']);
    expect(await refused(creator.ask('DELETE', path))).toEqual([403, 'FORBIDDEN']);
    const ask = (who: Person, body: object) =>
      refused(who.post('/api/subscriptions', { creator_id: creator.id, tier: 'gold', ...body }));
    expect(await ask(fan, {})).toEqual([409, 'CONFLICT']);
    expect(await ask(creator, {})).toEqual([403, 'FORBIDDEN']);
    expect(await ask(other, { tier: 'silver' })).toEqual([404, 'NOT_FOUND']);
    expect(await ask(other, { gift_to: other.id })).toEqual([403, 'FORBIDDEN']);
    expect(await ask(other, { gift_to: fan.id })).toEqual([409, 'CONFLICT']);
    expect(await ask(other, { gift_to: creator.id })).toEqual([403, 'FORBIDDEN']);
    expect(await ask(other, { payment: 'order', gift_to: fan.id })).toEqual([400, 'VALIDATION_FAILED']);
    const dear = [{ code: 'gold', name: 'Gold', price: 101, perks: [] }];
    expect(await refused(other.ask('PUT', `/api/creator/${creator.id}/tiers`, { tiers: [] }))).toEqual([
      404,
      'NOT_FOUND',
    ]);
    await ok(creator.ask('PUT', `/api/creator/${creator.id}/tiers`, { tiers: dear }));
    expect(await ask(other, {})).toEqual([409, 'INSUFFICIENT_FUNDS']);
    expect([await tokensOf(other), await tokensOf(fan)]).toEqual(['100', '40']);
    const key = { 'idempotency-key': 'once' };
    const third = await fanOf(place);
    await ok(creator.ask('PUT', `/api/creator/${creator.id}/tiers`, { tiers: [{ ...dear[0], price: 50 }] }));
    const both = await Promise.all(
      [1, 2].map(() => third.post('/api/subscriptions', { creator_id: creator.id, tier: 'gold' }, key)),
    );
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(await tokensOf(third)).toBe('50');
  });
});

describe('an event that tickets are sold for', () => {
  const announceEvent = async (creator: Person, more: object = {}): Promise<string> => {
    const said = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 2, price: '30', ...more };
    return (await ok(creator.post('/api/events', said))).event.id;
  };

  test('lets in who has a ticket, puts them out when it is refunded, and is one list beside what one was told', async () => {
    const [creator, fan, other] = [await register(place.url, ['creator']), await fanOf(place), await fanOf(place)];
    const stream = await announce(creator);
    const id = await announceEvent(creator, { stream_id: stream });
    await ok(creator.post(`/api/streams/${stream}/start`));
    await expectOutside(fan, stream);
    const { ticket } = await ok(fan.post(`/api/events/${id}/tickets`));
    expect((await ok(fan.get(`/api/events/${id}/tickets/me`))).ticket).toEqual(ticket);
    const there = await inside(fan, stream);
    const path = `/api/events/${id}/tickets/${ticket.id}`;
    for (const asked of [
      other.ask('DELETE', path),
      other.get(`/api/events/${id}/tickets`),
      other.get(`/api/events/${id}/tickets/me`),
    ]) {
      expect((await asked).status).toBe(404);
    }
    await ok(fan.ask('DELETE', path));
    await there.untilOut();
    await expectOutside(fan, stream);
    expect([await tokensOf(fan), await tokensOf(creator)]).toEqual(['100', '100']);
    const listed: Json[] = await ok(fan.get(`/api/events?creator_id=${creator.id}`));
    expect(listed).toMatchObject([{ id, sold: 0, capacity: 2, price: '30', stream_id: stream, has_ticket: false }]);
    expect(await heardOf(fan, 'ticket:')).toEqual(['ticket:issued', 'ticket:refunded']);
  });

  test('has one buyer of its last seat, who pays, and the others are told so and lose nothing', async () => {
    const creator = await register(place.url, ['creator']);
    const id = await announceEvent(creator, { capacity: 1 });
    const fans = await Promise.all(Array.from({ length: 6 }, () => fanOf(place)));
    const answers = await Promise.all(fans.map((fan) => fan.post(`/api/events/${id}/tickets`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const { status, body } of answers) if (status === 409) expect(body.error_code).toBe('LIMIT_REACHED');
    expect((await Promise.all(fans.map(tokensOf))).sort()).toEqual(['100', '100', '100', '100', '100', '70']);
  });

  test('gives everything back to all when it is cancelled, by its workflow', async () => {
    const [creator, fans] = [await register(place.url, ['creator']), [await fanOf(place), await fanOf(place)]];
    const id = await announceEvent(creator, { starts_at: soon() });
    for (const fan of fans) await ok(fan.post(`/api/events/${id}/tickets`));
    expect((await fans[0]?.post(`/api/events/${id}/cancel`))?.status).toBe(404);
    await ok(creator.post(`/api/events/${id}/cancel`));
    await untilStanding(place, id, 'cancelled');
    expect(await Promise.all(fans.map(tokensOf))).toEqual(['100', '100']);
    for (const fan of fans) {
      expect(await heardOf(fan, 'ticket:', 'event:')).toEqual(['ticket:issued', 'event:cancelled', 'ticket:refunded']);
    }
    expect((await creator.post(`/api/events/${id}/cancel`)).body.error_code).toBe('FLOW_STATE_INVALID');
  });
});
