import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { followDisputes } from '#db/chargeBack/following.ts';
import { hear, idOf, type Paid, paidTopUp } from '#db/chargeBack/testing/chargeBacks.ts';
import { listBalances } from '#db/money/ledger.ts';
import { sql } from '#db/pool.ts';
import { commandAsOperator } from '#db/process/operators.ts';
import type { Origin } from '#db/process/stored.ts';
import { startChargeBacks } from '#worker/chargeBacks.ts';
import { DECIDED_WITHIN, OWED_FOR, RESPOND_WITHIN } from '#workflows/chargeBack/policy.ts';
import { after, durationMs } from '#workflows/durations.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { follow, paidIn, press, purseOf, untilHas } from './chargeBack.ts';
import { creatorWithTier, fanOf, nextWeek, subscribe, untilStanding } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { commandsOf, ok } from './play.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';

let place: Parts;

beforeAll(async () => {
  place = await openParts();
}, 60_000);
afterEach(async () => {
  place.faults.signal = place.faults.effected = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
  await expectBooksInOrder(place);
});
afterAll(() => place?.close());

/** Charge-backs follow their disputes while a group's tests run: the kits follow by clocks of their own. */
function followed(): void {
  let follower: ReturnType<typeof startChargeBacks>;
  beforeAll(() => {
    const { pool, deps } = place;
    const { SYSTEM_USER_ID: systemUserId } = deps.config;
    follower = startChargeBacks({ pool, ring: deps.ring, systemUserId, log: deps.log });
  });
  afterAll(() => follower?.stop());
}

/** The charge-back that comes of it that a bank was asked to take somebody's payment back. */
async function askedBack(person: Person, checkout: string): Promise<Json> {
  await press(checkout, 'charge_back');
  const [chargeBack] = await until(
    () => ok(person.get('/api/charge-backs')),
    (all: Json[]) => all.length > 0,
  );
  expect(chargeBack).toMatchObject({ status: 'open', my_role: 'payee' });
  return chargeBack;
}

/** Somebody who paid in 500.00 rupees and whose bank was asked to take them back: all of them are set aside. */
async function disputed(): Promise<{ person: Person; checkout: string; chargeBack: Json }> {
  const { person, checkout } = await paidIn(place);
  const chargeBack = await askedBack(person, checkout);
  expect(chargeBack).toMatchObject({
    amount: '500.00',
    frozen: { asset: 'INR', amount: '500.00' },
    reason: 'The payer says that nothing was delivered.',
  });
  expect(await purseOf(person, 'INR')).toEqual(['0.00', '500.00']);
  return { person, checkout, chargeBack };
}

/** Somebody who lost 500.00 rupees to their bank, of which they had given 200.00 to a friend: those are owed. */
async function lostWhatWasSpent(): Promise<{ person: Person; friend: Person; chargeBack: Json }> {
  const { person, checkout } = await paidIn(place);
  const friend = await register(place.url, ['viewer']);
  await ok(person.post(`/api/wallet/${person.id}/transfer`, { to_user_id: friend.id, asset: 'INR', amount: '200.00' }));
  const opened = await askedBack(person, checkout);
  expect(await purseOf(person, 'INR')).toEqual(['0.00', '300.00']);
  await press(checkout, 'charge_back_lost');
  await untilHas(person, '0.00', '0.00');
  return { person, friend, chargeBack: await look(person, opened)() };
}

const look =
  (person: Person, { id }: Json) =>
  async () =>
    (await ok(person.get(`/api/charge-backs/${id}`))).charge_back;
const debtsOf = async (person: Person): Promise<Json[]> =>
  (await ok(person.get(`/api/wallet/${person.id}/debts`))).debts;
const tend = (now = new Date().toISOString()) => place.activities.work({ job: 'tend_charge_backs', from: null, now });

async function evidenceAtSandbox(chargeBack: Json): Promise<string | null> {
  return place.pool.oneFirst(sql.type(z.object({ evidence: z.string().nullable() }))`
    SELECT evidence FROM sandbox_payments WHERE 'dispute_' || id = ${chargeBack.dispute_id}
  `);
}

describe('a charge-back', () => {
  followed();

  test('is told of, answered with evidence that reaches the bank once, and won: the money is free again', async () => {
    const { person, checkout, chargeBack } = await disputed();
    const stranger = await register(place.url, ['viewer']);
    const path = `/api/charge-backs/${chargeBack.id}`;
    for (const answer of [stranger.get(path), stranger.post(`${path}/evidence`, { text: 'Mine' })]) {
      expect((await answer).status).toBe(404);
    }
    const said = { text: 'I paid in myself, and it was not my card that was stolen' };
    const { charge_back } = await ok(person.post(`${path}/evidence`, said));
    expect(charge_back.evidence).toMatchObject([{ by: 'payee', ...said }]);
    const admin = await place.admin();
    const photo = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(600_000, 7)]);
    const file = { name: 'delivered.png', media_type: 'image/png', data: photo.toString('base64') };
    const added = await ok(person.post(`${path}/files`, file));
    expect(added).toMatchObject({ by: 'payee', size: photo.length });
    expect((await stranger.post(`${path}/files`, file)).status).toBe(404);
    const text = { ...file, data: Buffer.from('<script>').toString('base64') };
    expect((await person.post(`${path}/files`, text)).body.details.fields[0].field).toBe('data');
    expect((await ok(admin.get(`${path}/files`))).map(({ name }: Json) => name)).toEqual(['delivered.png']);
    expect((await ok(person.get(`${path}/files/${added.id}`))).data).toBe(file.data);
    expect((await person.post(`/api/admin/charge-backs/${chargeBack.id}/submit`)).status).toBe(403);
    await ok(admin.post(`/api/admin/charge-backs/${chargeBack.id}/submit`));
    await Promise.all([tend(), tend()]);
    const handedIn = await look(person, chargeBack)();
    expect(handedIn.history.map(({ action }: Json) => action)).toEqual([
      'add_evidence',
      'submit_evidence',
      'evidence_sent',
    ]);
    const atSandbox = await evidenceAtSandbox(chargeBack);
    expect(atSandbox).toContain(said.text);
    expect(atSandbox).toContain(`delivered.png (image/png, ${photo.length} bytes)`);
    expect((await person.post(`${path}/files`, file)).status).toBe(409);
    const late = await person.post(`${path}/evidence`, { text: 'One more thing' });
    expect([late.status, late.body.error_code]).toEqual([409, 'FLOW_STATE_INVALID']);
    await press(checkout, 'charge_back_won');
    await untilHas(person, '500.00', '0.00');
    expect(await look(person, chargeBack)()).toMatchObject({ status: 'won', frozen: null, lost: null });
  });

  test('that is lost takes what was set aside, and its workflow settles it', async () => {
    const { person, checkout, chargeBack } = await disputed();
    await press(checkout, 'charge_back_lost');
    await untilHas(person, '0.00', '0.00');
    const settled = await until(look(person, chargeBack), ({ status }) => status === 'settled');
    expect(settled).toMatchObject({ lost: '500.00', owed: null });
  });

  test('of what was spent before is owed, shown, and taken from what comes in', async () => {
    const { person, friend, chargeBack } = await lostWhatWasSpent();
    expect(chargeBack).toMatchObject({ status: 'lost', owed: { asset: 'INR', amount: '200.00' } });
    expect(await debtsOf(person)).toMatchObject([{ asset: 'INR', amount: '200.00', charge_back_id: chargeBack.id }]);
    expect((await friend.get(`/api/wallet/${person.id}/debts`)).status).toBe(404);
    await ok(person.post('/api/sandbox/faucet', { asset: 'INR', amount: '250.00' }));
    await tend();
    await untilHas(person, '50.00', '0.00');
    await until(look(person, chargeBack), ({ status }) => status === 'settled');
    expect(await debtsOf(person)).toEqual([]);
  });

  test('of what nobody pays back is written off when its time is up, and its workflow settles it', async () => {
    const { person, chargeBack } = await lostWhatWasSpent();
    const { deadline, updated_at } = chargeBack;
    expect(deadline).toBe(after(updated_at, OWED_FOR));
    await tend(new Date(Date.parse(deadline) - 1).toISOString());
    expect(await look(person, chargeBack)()).toMatchObject({ status: 'lost', owed: { amount: '200.00' } });
    await tend(deadline);
    const settled = await until(look(person, chargeBack), ({ status }) => status === 'settled');
    expect(settled).toMatchObject({ owed: null });
    expect(settled.history.map(({ action }: Json) => action)).toEqual(['dispute_lost', 'written_off', 'expire']);
  });
});

describe('a charge-back of what was spent on a creator', () => {
  followed();
  const tokensOf = (person: Person) => purseOf(person, 'TOKEN');

  test('leaves the month and the seat that were bought, and is owed; what the event gives back pays for it', async () => {
    const [creator, { person: fan, checkout }] = [await creatorWithTier(place, 400), await paidIn(place, 'TOKEN')];
    const { subscription } = await subscribe(fan, creator);
    const evening = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 3, price: '150' };
    const { event } = await ok(creator.post('/api/events', evening));
    const { ticket } = await ok(fan.post(`/api/events/${event.id}/tickets`));
    expect(await tokensOf(creator)).toEqual(['380', '0']);

    await askedBack(fan, checkout);
    expect(await tokensOf(fan)).toEqual(['0', '50']);
    await press(checkout, 'charge_back_lost');
    await untilHas(fan, '0', '0', 'TOKEN');
    expect(await debtsOf(fan)).toMatchObject([{ asset: 'TOKEN', amount: '450' }]);
    expect([await tokensOf(creator), await debtsOf(creator)]).toEqual([['380', '0'], []]);
    expect((await ok(fan.get(`/api/subscriptions/${subscription.id}`))).subscription.status).toBe('active');
    expect((await ok(fan.get(`/api/events/${event.id}/tickets/me`))).ticket).toEqual(ticket);
    const members = await ok(creator.post('/api/streams', { title: 'For members', visibility: 'subscribers' }));
    await ok(creator.post(`/api/streams/${members.stream.id}/start`));
    expect((await fan.get(`/api/streams/${members.stream.id}/state`)).status).toBe(200);

    await ok(creator.post(`/api/events/${event.id}/cancel`));
    await untilStanding(place, event.id, 'cancelled');
    // What each paid comes back after it was cancelled.
    const [debt] = await until(
      () => tend().then(() => debtsOf(fan)),
      ([owed]) => owed?.amount !== '450',
    );
    expect([await tokensOf(fan), debt]).toMatchObject([['0', '0'], { amount: '300' }]);
    await ok(creator.post(`/api/streams/${members.stream.id}/end`));
  });

  test('made for a month by order is owed by who paid, and the creator keeps their share', async () => {
    const [creator, other, fan] = [
      await creatorWithTier(place, 60),
      await creatorWithTier(place, 100),
      await fanOf(place),
    ];
    const { subscription, payment_order } = await subscribe(fan, creator, { payment: 'order' });
    await press(payment_order.checkout_url, 'pay');
    await until(
      () => commandsOf(place, subscription.id),
      (commands) => commands.includes('credited'),
    );
    // The tokens of whoever is new are gone as well.
    await subscribe(fan, other);
    expect(await tokensOf(fan)).toEqual(['0', '0']);
    const opened = await askedBack(fan, payment_order.checkout_url);
    await press(payment_order.checkout_url, 'charge_back_lost');
    const debts = await until(
      () => debtsOf(fan),
      (all) => all.length > 0,
    );
    expect(debts).toMatchObject([{ asset: 'TOKEN', amount: '60', charge_back_id: opened.id }]);
    expect((await ok(fan.get(`/api/subscriptions/${subscription.id}`))).subscription.status).toBe('active');
    expect([await tokensOf(creator), await debtsOf(creator)]).toEqual([['142', '0'], []]);
    await ok(fan.post('/api/sandbox/faucet', { asset: 'TOKEN', amount: '75' }));
    await tend();
    expect([await tokensOf(fan), await debtsOf(fan)]).toEqual([['15', '0'], []]);
    await until(look(fan, opened), ({ status }) => status === 'settled');
  });
});

const originAt = (at: Parts, ms: number): Origin => ({
  now: new Date(ms).toISOString(),
  systemUserId: at.deps.config.SYSTEM_USER_ID,
  correlationId: null,
});
const originOf = (at: Parts): Origin => originAt(at, at.deps.now().getTime());

const paid = new Map<string, Paid>();
const disputeOf = ({ paymentId }: Paid) => `dp_${paymentId}`;

/** Heard and booked, and not followed yet. */
async function saysTheBank(at: Parts, one: Paid, word: Parameters<typeof hear>[2]): Promise<void> {
  const { paymentId, topUpId } = one;
  const fact = { ...word, paymentId, disputeId: disputeOf(one), amount: '100000' };
  await hear(at.pool, originOf(at), fact, topUpId);
}

/** For the kits: opened at an instant, for evidence that is taken so long. */
async function opened(at: Parts, ms: number, respondBy?: string): Promise<string> {
  const one = await paidTopUp(at.pool, originOf(at));
  await saysTheBank(at, one, { kind: 'charge_back_opened', ...(respondBy && { respondBy }) });
  await followDisputes(at.pool, originAt(at, ms));
  const id = (await idOf(at.pool, disputeOf(one))) as string;
  paid.set(id, one);
  at.deps.ring(id);
  return id;
}

/** Handed in so long ago that its bank has `within` left for its word. */
async function submitted(at: Parts, within = 'P1D'): Promise<string> {
  const now = at.deps.now();
  const ms = now.getTime() + (durationMs(within) ?? 0) - (durationMs(DECIDED_WITHIN) ?? 0);
  const id = await opened(at, ms, after(now.toISOString(), RESPOND_WITHIN));
  const command = { processId: id, known: 0, on: 'submit_evidence', data: {}, identity: 'an operator' };
  await commandAsOperator(at.pool, command, originAt(at, ms));
  at.deps.ring(id);
  return id;
}

/** Everything that was set aside is free again. */
async function expectFree(at: Parts, id: string): Promise<void> {
  expect(await untilSettled(at, id)).toEqual({});
  const { userId } = paid.get(id) as Paid;
  const rupees = (await listBalances(at.pool, userId)).find(({ asset }) => asset === 'INR');
  expect(rupees).toMatchObject({ available: 100_000n, held: 0n });
}

describeRaces(
  {
    kind: 'chargeBack',
    on: 'dispute_won',
    isHeardLate: true,
    bring: submitted,
    lead: (at, id) => saysTheBank(at, paid.get(id) as Paid, { kind: 'charge_back_closed', outcome: 'won' }),
    async give(at) {
      await follow(at);
      return true;
    },
    tells: { given: 'money_returned', silent: 'money_returned' },
    ends: { given: 'won', silent: 'undecided' },
    expectSettled: expectFree,
  },
  () => place,
);

describeEndings(
  {
    kind: 'chargeBack',
    silences: [
      { state: 'open', lastsMs: 7 * 86_400_000, end: 'undecided' },
      { state: 'submitted', lastsMs: 180 * 86_400_000, end: 'undecided' },
    ],
    bring: (at, state) => (state === 'open' ? opened(at, at.deps.now().getTime()) : submitted(at, DECIDED_WITHIN)),
    expectEnd: expectFree,
  },
  () => place,
);
