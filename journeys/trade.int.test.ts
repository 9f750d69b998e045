import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
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
