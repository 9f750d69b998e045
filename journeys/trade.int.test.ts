import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
import { Client } from '#realtime/testing/client.ts';
import type { State } from '#workflows/trade/states.ts';
import { expectBooksInOrder } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, until } from './person.ts';
import { ok, refused, signInAgain } from './play.ts';
import { describeEndings, type Silence } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';
import { bringTrade, give, look, newTraders, sharesOf, type Traders } from './trade.ts';

/** Trades on all real servers. */

let place: Parts;
let traders: Traders;

beforeAll(async () => {
  place = await openParts();
  traders = await newTraders(place);
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
const DAY_MS = 24 * 3_600_000;
/** All of it went to the buyer; it had been the seller's. */
const RELEASED = { buyer: 1_001n, seller: -1_001n };
const RETURNED = { buyer: 0n, seller: 0n };
/** What does not divide stays with the seller. */
const HALVED = { buyer: 500n, seller: -500n };

/** Where the API's clock was moved on, tokens have run out. */
async function now(person: Person): Promise<Person> {
  return place.clock.stopped === null ? person : signInAgain(place, person);
}

async function expectShares(id: string, shares: typeof RELEASED): Promise<void> {
  await until(
    () => listOpenPromises(place.pool, id),
    (open) => open.length === 0,
  );
  expect(await sharesOf(place, id, traders)).toEqual(shares);
}

test('a dispute with papers of both sides is ruled on by an operator, split, and the books are in order', async () => {
  const { buyer, seller } = traders;
  const admin = await place.admin();
  const id = await bringTrade(traders, 'payment_confirmed');
  expect((await ok(look(buyer, id))).transaction.payment_details).toBe('seller@bank');
  await ok(give(buyer, id, 'dispute', { reason: 'Nothing came', evidence: 'Here is my receipt' }));
  await ok(give(buyer, id, 'evidence', { text: 'And its picture', links: ['https://bank.example/receipt'] }));
  await ok(give(seller, id, 'statement', { text: 'Half of it came' }));
  await refused(give(buyer, id, 'release'), 403, 'FORBIDDEN');
  await refused(give(seller, id, 'confirm'), 403, 'FORBIDDEN');
  const shown = await until(
    () => place.workflowOf(id, 'trade').describe(),
    ({ searchAttributes }) => searchAttributes.TandemState?.[0] === 'disputed',
  );
  expect(shown.searchAttributes).toMatchObject({
    TandemKind: ['trade'],
    TandemAttention: ['dispute'],
    TandemAsset: ['USDT'],
  });

  const tasks: Json[] = await ok(admin.get('/api/admin/tasks?kind=dispute&limit=100'));
  const task = tasks.find(({ conversation_id }) => conversation_id === id);
  const ruling = { decision: 'rule', release_percent: 33, reason: 'A third of it was paid' };
  await ok(admin.post(`/api/admin/tasks/${task.id}/decision`, ruling));
  const { transaction } = await until(
    () => ok(look(seller, id)),
    (seen) => seen.transaction.status === 'split',
  );
  expect(transaction).toMatchObject({ held: '0.000000', ruling: { release_percent: 33, by: 'admin' } });
  await expectShares(id, { buyer: 330n, seller: -330n });
  expect((await ok(admin.get('/api/admin/reconciliation'))).ok).toBe(true);
  await place.workflowOf(id, 'trade').result();
});

describe('a part of an offer is off the book until its trade ends:', () => {
  const ORDERS = '/api/trading/orders';
  const SALE = { kind: 'p2p', side: 'sell', type: 'limit', pairId: 'USDT-INR', price: '85.5', amount: '100', min: '5' };
  const PAID = { paymentMethods: ['UPI', 'Bank'], paymentDetails: 'seller@bank' };

  async function offer(by: Person, more: object = {}): Promise<string> {
    return (await ok(by.post(ORDERS, { ...SALE, ...PAID, ...more }))).order.id;
  }
  const take = async (by: Person, id: string, amount: string, more: object = {}): Promise<string> =>
    (await ok(by.post(`${ORDERS}/${id}/take`, { amount, payment_method: 'UPI', ...more }))).transaction.id;
  const standing = async (by: Person, id: string) => {
    const { status, remaining, released } = (await ok(by.get(`${ORDERS}/${id}`))).order;
    return [status, remaining, released];
  };
  const ended = (by: Person, id: string, status: State) =>
    until(
      () => ok(look(by, id)),
      (seen) => seen.transaction.status === status,
    );

  test('released it is gone, cancelled it is back, split the seller’s share is back, and all gone it is filled', async () => {
    const { buyer, seller } = await newTraders(place);
    await ok(seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '200' }));
    const client = new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => seller.access });
    await until(async () => client.ready, Boolean);
    const id = await offer(seller);
    const first = await take(buyer, id, '10');
    expect(await standing(buyer, id)).toEqual(['open', '90.000000', '0.000000']);
    await ok(give(buyer, first, 'confirm'));
    await ok(give(seller, first, 'release'));
    expect((await ended(buyer, first, 'released')).transaction.offer_id).toBe(id);
    expect(await standing(buyer, id)).toEqual(['open', '90.000000', '10.000000']);

    const second = await take(buyer, id, '20');
    expect(await standing(buyer, id)).toEqual(['open', '70.000000', '10.000000']);
    await ok(give(buyer, second, 'cancel'));
    expect(await standing(buyer, id)).toEqual(['open', '90.000000', '10.000000']);

    const third = await take(buyer, id, '40');
    await ok(give(buyer, third, 'confirm'));
    await ok(give(buyer, third, 'dispute', { reason: 'Nothing came' }));
    expect(await standing(buyer, id)).toEqual(['open', '50.000000', '10.000000']);
    await ok(give(await place.admin(), third, 'resolve', { release_percent: 33, reason: 'A third was paid' }));
    await ended(buyer, third, 'split');
    expect(await standing(buyer, id)).toEqual(['open', '76.800000', '23.200000']);

    const last = await take(buyer, id, '76.8', { payment_method: 'Bank' });
    const listed = async () =>
      (await ok(buyer.get('/api/crypto/p2p/offers?pairId=USDT-INR'))).map((each: Json) => each.id);
    expect(await listed()).not.toContain(id);
    await ok(give(buyer, last, 'confirm'));
    await ok(give(seller, last, 'release'));
    await ended(buyer, last, 'released');
    expect(await standing(seller, id)).toEqual(['filled', '0.000000', '100.000000']);
    const over = await refused(seller.ask('DELETE', `${ORDERS}/${id}`), 409, 'FLOW_STATE_INVALID');
    expect(over.details.current_state).toBe('filled');
    await until(
      async () => client.events.map(({ data }) => data as Json).filter(({ data }) => data?.action === 'asset_released'),
      (updates) => updates.length === 2,
    );
    const updates = client.events.filter(({ name }) => name === 'order_update').map(({ data }) => data as Json);
    const own = updates.filter(({ orderId }) => orderId === id).map(({ data }) => [data.action, data.remaining]);
    expect(own).toEqual([
      ['placed', '100.000000'],
      ['taken', '90.000000'],
      ['taken', '70.000000'],
      ['taken', '50.000000'],
      ['taken', '0.000000'],
    ]);
    expect(new Set(updates.filter(({ data }) => data.kind === 'escrow').map(({ data }) => data.offerId))).toEqual(
      new Set([id]),
    );
    expect(client.faults).toEqual([]);
    client.close();
  });

  test('expired it is back, and parts go on when the offer is paused or cancelled', async () => {
    const { buyer, seller } = await newTraders(place);
    await ok(seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '100' }));
    const id = await offer(seller, { policy: { pay_within: 'PT2S' } });
    const silent = await take(buyer, id, '30');
    await ended(buyer, silent, 'expired');
    expect(await standing(buyer, id)).toEqual(['open', '100.000000', '0.000000']);
    const other = await offer(seller);
    const part = await take(buyer, other, '30');
    await ok(seller.ask('PUT', `${ORDERS}/${other}`, { status: 'paused' }));
    await ok(give(buyer, part, 'confirm'));
    await ok(seller.ask('DELETE', `${ORDERS}/${other}`));
    await ok(give(seller, part, 'release'));
    await ended(buyer, part, 'released');
    expect(await standing(seller, other)).toEqual(['cancelled', '0.000000', '30.000000']);
  });

  test('who buys is sold to: the taker’s asset is held, and he says where he is paid', async () => {
    const { buyer, seller } = await newTraders(place);
    await ok(seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '50' }));
    const wanted = { side: 'buy', paymentDetails: undefined };
    const id = await offer(buyer, wanted);
    await refused(
      seller.post(`${ORDERS}/${id}/take`, { amount: '60', payment_method: 'UPI' }),
      409,
      'INSUFFICIENT_FUNDS',
    );
    expect(await standing(buyer, id)).toEqual(['open', '100.000000', '0.000000']);
    const part = await take(seller, id, '50', { payment_details: 'taker@bank' });
    const { transaction } = await ok(look(buyer, part));
    expect(transaction).toMatchObject({
      ...{ buyer_id: buyer.id, seller_id: seller.id, my_role: 'buyer', price: '4275.00' },
      ...{ held: '50.000000', payment_details: 'taker@bank' },
    });
    await ok(give(buyer, part, 'confirm'));
    await ok(give(seller, part, 'dispute', { reason: 'Nothing arrived' }));
    await ok(give(await place.admin(), part, 'resolve', { release_percent: 0, reason: 'It was not paid' }));
    await ended(buyer, part, 'refunded');
    expect(await standing(buyer, id)).toEqual(['open', '100.000000', '0.000000']);
  });
});

describe('cancelled or out of time before it is paid:', () => {
  describeRaces(
    {
      kind: 'trade',
      on: 'cancel',
      bring: (_, within) => bringTrade(traders, 'awaiting_payment', within === undefined ? {} : { pay_within: within }),
      async give(_, id) {
        return (await give(await now(traders.buyer), id, 'cancel')).status === 200;
      },
      tells: { given: 'asset_returned', silent: 'asset_returned' },
      ends: { given: 'cancelled', silent: 'expired' },
      expectSettled: (_, id) => expectShares(id, RETURNED),
    },
    here,
  );
});

describe('in a dispute that the buyer does not answer, released after all or not:', () => {
  describeRaces(
    {
      kind: 'trade',
      on: 'release',
      bring: (_, within) =>
        bringTrade(traders, 'disputed', within === undefined ? {} : { respond_within: within }, 'seller'),
      async give(_, id) {
        return (await give(await now(traders.seller), id, 'release')).status === 200;
      },
      tells: { given: 'asset_released', silent: 'asset_returned' },
      ends: { given: 'released', silent: 'refunded' },
      expectSettled: (_, id, how) => expectShares(id, how === 'given' ? RELEASED : RETURNED),
    },
    here,
  );
});

type TradeSilence = Silence & { state: Parameters<typeof bringTrade>[1]; end: State; shares: typeof RELEASED };

describeEndings<TradeSilence>(
  {
    kind: 'trade',
    silences: [
      { state: 'awaiting_payment', lastsMs: 30 * 60_000, end: 'expired', shares: RETURNED },
      // Then it is a dispute that nobody says a word in, for thirty days.
      { state: 'payment_confirmed', lastsMs: DAY_MS, end: 'split', shares: HALVED },
      { state: 'disputed', lastsMs: 5 * DAY_MS, end: 'released', shares: RELEASED },
    ],
    bring: (_, state) => bringTrade(traders, state as TradeSilence['state']),
    async expectEnd(at, id, { shares }) {
      await expectShares(id, shares);
      expect((await findProcess(at.pool, id))?.process.held).toBe('0');
    },
  },
  here,
);
