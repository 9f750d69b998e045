import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openPayoutOf, SETTINGS } from '#db/payout/testing/payouts.ts';
import { sql } from '#db/pool.ts';
import { ProviderUnavailable } from '#payments/provider.ts';
import { minor } from '#workflows/money.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register, sendWebhook, until } from './person.ts';
import { signInAgain } from './play.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';

let place: Parts;

beforeAll(async () => {
  place = await openParts({
    env: { PAYMENT_TIMEOUT_MS: '1500', PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' },
  });
}, 60_000);
afterEach(async () => {
  place.faults.signal = place.faults.effected = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
  await expectBooksInOrder(place);
});
afterAll(() => place?.close());

async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return (body as Json).data;
}

const wallet = ({ id }: Person) => `/api/wallet/${id}`;

/** Somebody with 1,000.00 rupees and papers in order. */
async function payee(): Promise<Person> {
  const person = await register(place.url, ['influencer']);
  await ok(person.post('/api/sandbox/faucet', { asset: 'INR', amount: '1000.00' }));
  const { kyc } = await ok(person.post(`${wallet(person)}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
  expect(kyc).toMatchObject({ status: 'verified' });
  return person;
}

async function destinationOf(person: Person, account: string): Promise<string> {
  const { destination } = await ok(person.post(`${wallet(person)}/destinations`, { kind: 'sandbox', account }));
  expect(destination).toMatchObject({ status: 'valid', holder: 'Asha Rao' });
  return destination.id;
}

async function request(person: Person, account: string, amount = '600.00'): Promise<Json> {
  const destination_id = await destinationOf(person, account);
  return (await ok(person.post(`${wallet(person)}/payouts`, { amount, asset: 'INR', destination_id }))).payout;
}

const look = (person: Person, id: string) => async () =>
  (await ok(person.get(`${wallet(person)}/payouts/${id}`))).payout;

const untilIs = (person: Person, id: string, status: string, withinMs?: number) =>
  until(look(person, id), (payout) => payout.status === status, withinMs);

async function rupees(person: Person): Promise<Json> {
  const { balances } = await ok(person.get(`${wallet(person)}/balance`));
  return balances.find(({ asset }: Json) => asset === 'INR');
}

async function eventsOf(person: Person): Promise<Json[]> {
  return (await ok(person.get('/api/events?after=0&limit=100'))) as Json[];
}

async function askedAtProvider(id: string): Promise<bigint> {
  return place.pool.oneFirst(sql.type(z.object({ n: z.bigint() }))`
    SELECT count(*) AS n FROM sandbox_payouts WHERE reference = ${id}
  `);
}

test('a payout is set aside at the door, leaves after its hold window, and is paid as its estimate said', async () => {
  const person = await payee();
  const destination_id = await destinationOf(person, 'ok');
  const asked = { amount: '600.00', asset: 'INR', destination_id };
  const estimate = await ok(person.post(`${wallet(person)}/payouts/estimate`, asked));
  expect(estimate).toMatchObject({ gross: '600.00', fee: '6.00', net: '594.00', approval: false, blocked_by: [] });
  const { payout } = await ok(person.post(`${wallet(person)}/payouts`, { ...asked, net: estimate.net }));
  expect(payout).toMatchObject({ status: 'requested', amount: '600.00', fee: '6.00', net: '594.00' });
  expect(await rupees(person)).toMatchObject({ available: '400.00', held: '600.00' });
  const paid = await untilIs(person, payout.id, 'paid');
  expect(paid.history.map(({ to }: Json) => to)).toEqual(['held', 'processing', 'processing', 'paid']);
  expect(await rupees(person)).toMatchObject({ available: '400.00', held: '0.00', total: '400.00' });
  expect(await askedAtProvider(payout.id)).toBe(1n);
  const names = (await eventsOf(person)).map(({ name, event }: Json) => name ?? event);
  expect(names).toEqual(expect.arrayContaining(['balance_update', 'transaction_complete', 'payout_update']));
});

test('a payout that fails is back in the wallet whole, and nothing is paid there by itself again', async () => {
  const person = await payee();
  const { id, destination } = await request(person, 'fails');
  const failed = await untilIs(person, id, 'failed');
  expect(failed.reason).toContain('does not exist');
  expect(await rupees(person)).toMatchObject({ available: '1000.00', held: '0.00' });
  const again = { amount: '10.00', asset: 'INR', destination_id: destination.id };
  const refused = await person.post(`${wallet(person)}/payouts`, again);
  expect([refused.status, refused.body.details.reason]).toEqual([409, 'destination_failed']);
});

test('a payout that comes back after it was paid is back in the wallet whole, fee and all', async () => {
  const person = await payee();
  const { id } = await request(person, 'reverses');
  const reversed = await untilIs(person, id, 'reversed');
  expect(reversed.history.map(({ to }: Json) => to)).toEqual(['held', 'processing', 'processing', 'paid', 'reversed']);
  expect(await rupees(person)).toMatchObject({ available: '1000.00', held: '0.00' });
});

test('a payout that its provider never tells of is asked about, and is paid once', async () => {
  const person = await payee();
  const { id } = await request(person, 'silent');
  await until(look(person, id), ({ status }) => status === 'processing');
  // Asked again as its workflow would a minute later.
  await until(
    async () => {
      const { status } = await look(person, id)();
      if (status === 'processing') await askNow(id);
      return status;
    },
    (status) => status === 'paid',
  );
  expect(await askedAtProvider(id)).toBe(1n);
  expect(await rupees(person)).toMatchObject({ total: '400.00' });
});

async function askNow(processId: string): Promise<void> {
  const call = { id: processId, kind: 'payout' as const };
  await place.activities.askCall({ processId, known: 0, now: new Date().toISOString(), correlationId: null, call });
}

test('a call that is never answered frees nothing, and is asked about under the same key', async () => {
  const person = await payee();
  const { id } = await request(person, 'timeout');
  await untilIs(person, id, 'paid');
  expect(await askedAtProvider(id)).toBe(1n);
  expect(await rupees(person)).toMatchObject({ available: '400.00', held: '0.00' });
});

describe('whatever happens around the call to the provider', () => {
  afterEach(() => {
    place.faults.payouts = undefined;
  });

  test.each([
    ['the connection is lost after it was paid', 'after'],
    ['nothing of it arrives', 'before'],
  ] as const)('%s: it is paid once, and the reserve is freed by nothing but that', async (_, moment) => {
    const person = await payee();
    let calls = 0;
    place.faults.payouts = (real) => ({
      ...real,
      async createPayout(payout) {
        calls += 1;
        if (calls === 1 && moment === 'before') throw new ProviderUnavailable('sandbox', 'not_done', 'gone');
        const made = await real.createPayout(payout);
        return calls === 1 ? { status: 'unknown', payoutId: null, reason: 'the line broke' } : made;
      },
    });
    const { id } = await request(person, 'silent');
    await until(
      async () => calls,
      (made) => made > 0,
    );
    expect(await rupees(person)).toMatchObject({ available: '400.00' });
    await until(
      async () => {
        await askNow(id).catch(() => {});
        return (await look(person, id)()).status;
      },
      (status) => status === 'paid',
    );
    expect(await askedAtProvider(id)).toBe(1n);
  });

  test.each([
    ['what its provider has for us', 'balance'],
    ['its provider’s own word', 'createPayout'],
  ] as const)(
    'a float that is too low, by %s, has it wait with an operator told; funded, it is paid once',
    async (_, by) => {
      const person = await payee();
      let isFunded = false;
      place.faults.payouts = (real) => ({
        ...real,
        ...(by === 'balance'
          ? { balance: async (currency: string) => (isFunded ? real.balance(currency) : minor(59_399n)) }
          : {
              createPayout: async (payout: Parameters<typeof real.createPayout>[0]) =>
                isFunded
                  ? real.createPayout(payout)
                  : { status: 'queued' as const, payoutId: null, reason: 'no funds' },
            }),
      });
      const { id } = await request(person, 'ok');
      await until(look(person, id), ({ waits_for }) => waits_for === 'funds');
      expect(await rupees(person)).toMatchObject({ available: '400.00' });
      const admin = await place.admin();
      const told = async (): Promise<Json[]> => ok(admin.get('/api/admin/tasks?kind=low_float'));
      expect(await told()).toMatchObject([
        { details: { provider: 'sandbox', currency: 'INR', needed_minor: '59400' } },
      ]);
      // However often it is looked, nobody is asked to pay out what is not there.
      await askNow(id).catch(() => {});
      expect((await look(person, id)()).waits_for).toBe('funds');
      expect(await askedAtProvider(id)).toBe(0n);
      isFunded = true;
      await until(
        async () => {
          await askNow(id).catch(() => {});
          return (await look(person, id)()).status;
        },
        (status) => status === 'paid',
      );
      expect(await askedAtProvider(id)).toBe(1n);
      expect(await rupees(person)).toMatchObject({ available: '400.00', held: '0.00' });
      expect(await told()).toEqual([]);
    },
  );
});

test('webhooks in any order and repeated come to the same', async () => {
  const person = await payee();
  await ok((await place.admin()).post('/api/admin/payouts/pause', { reason: 'Looking into something' }));
  const { id } = await request(person, 'ok');
  await until(look(person, id), ({ waits_for }) => waits_for === 'operator');
  await ok((await place.admin()).post('/api/admin/payouts/resume'));
  await untilIs(person, id, 'paid');
  const data = {
    reference: id,
    payout_id: (await look(person, id)()).provider_payout_id,
    amount: 59_400,
    currency: 'INR',
  };
  for (const type of ['payout.reversed', 'payout.processed', 'payout.reversed', 'payout.failed']) {
    expect((await sendWebhook(place.url, { type, data })).status).toBe(200);
  }
  await untilIs(person, id, 'reversed');
  expect(await rupees(person)).toMatchObject({ available: '1000.00', held: '0.00' });
});

test('a payout is taken back before it leaves by whoever asked for it, and not after', async () => {
  const person = await payee();
  const stranger = await register(place.url, ['viewer']);
  await ok((await place.admin()).post('/api/admin/payouts/pause', { reason: 'So that it waits' }));
  const { id } = await request(person, 'ok');
  for (const path of [`${wallet(person)}/payouts/${id}`, `${wallet(stranger)}/payouts/${id}`]) {
    expect((await stranger.get(path)).status).toBe(404);
  }
  expect((await stranger.post(`${wallet(person)}/payouts/${id}/cancel`)).status).toBe(404);
  const second = await person.post(`${wallet(person)}/payouts`, {
    amount: '1.00',
    asset: 'INR',
    destination_id: (await look(person, id)()).destination.id,
  });
  expect([second.status, typeof second.body.details.retry_at]).toEqual([409, 'string']);
  await ok(person.post(`${wallet(person)}/payouts/${id}/cancel`, { reason: 'Changed my mind' }));
  await until(
    () => rupees(person),
    ({ available }) => available === '1000.00',
  );
  await ok((await place.admin()).post('/api/admin/payouts/resume'));
  const late = await person.post(`${wallet(person)}/payouts/${id}/cancel`);
  expect([late.status, late.body.error_code]).toEqual([409, 'FLOW_STATE_INVALID']);
});

const payees = new Map<string, Person>();

/** Opened by the place's clock, which may stand still, with a hold window of so long. */
async function opened(at: Parts, within = 'PT1H', amount = 60_000n, limitsPercent = 100): Promise<string> {
  const person = await payee();
  const destinationId = await destinationOf(person, 'ok');
  const settings = { ...SETTINGS, holdFor: within, holdForNew: within, limitsPercent };
  const now = at.deps.now().toISOString();
  const id = await openPayoutOf(at.pool, { userId: person.id, destinationId }, amount, now, settings);
  payees.set(id, person);
  at.deps.ring(id);
  return id;
}

/** In its hold window, which a payout that nobody has to look at comes to at once. */
async function held(at: Parts, within?: string): Promise<string> {
  const id = await opened(at, within);
  const now = at.deps.now().toISOString();
  await at.activities.expire({ processId: id, known: 0, entry: 1, now, correlationId: null });
  return id;
}

const PAID = { wallet: -60_000n, external: 59_400n, fee: 600n };

describeRaces(
  {
    kind: 'payout',
    on: 'cancel',
    bring: held,
    async give(at, id) {
      const known = payees.get(id) as Person;
      const person = at.clock.stopped === null ? known : await signInAgain(at, known);
      return (await person.post(`${wallet(person)}/payouts/${id}/cancel`, {})).status === 200;
    },
    tells: { given: 'money_returned', silent: 'money_sent' },
    ends: { given: 'cancelled', silent: 'paid' },
    async expectSettled(at, id, how) {
      expect(await untilSettled(at, id)).toEqual(how === 'given' ? {} : PAID);
    },
  },
  () => place,
);

describeEndings(
  {
    kind: 'payout',
    silences: [
      { state: 'requested', lastsMs: 7 * 86_400_000, end: 'cancelled' },
      { state: 'held', lastsMs: 3_600_000, end: 'paid' },
    ],
    // The largest that a hundredth of what is usual allows is one that somebody has to look at.
    bring: (at, state) => (state === 'held' ? held(at) : opened(at, undefined, 100_000n, 1)),
    async expectEnd(at, id, { end }) {
      expect(await untilSettled(at, id)).toEqual(end === 'paid' ? PAID : {});
    },
  },
  () => place,
);
