import { newBattle } from '#db/battle/testing/fighting.ts';
import { openBoost } from '#db/boost/boosts.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { openChallenge } from '#db/challenge/challenges.ts';
import { dispute, hear, type Paid, paidTopUp, unpaidTopUp } from '#db/chargeBack/testing/chargeBacks.ts';
import { type Dealing, newUser, SYSTEM, startDealing } from '#db/deal/testing/dealing.ts';
import { openErrand } from '#db/errand/testing/errands.ts';
import { newPayee, openPayoutOf, SETTINGS } from '#db/payout/testing/payouts.ts';
import { pollIn } from '#db/poll/testing/livePolls.ts';
import type { Pool } from '#db/pool.ts';
import { takeStep } from '#db/process/door.ts';
import { findProcess } from '#db/process/processes.ts';
import { doorOf } from '#db/process/testing/door.ts';
import { getStream, openStream, type StreamRow } from '#db/stream/streams.ts';
import { withTokens } from '#db/stream/testing/live.ts';
import { openSubscription } from '#db/subscription/subscriptions.ts';
import { putTiers } from '#db/subscription/tiers.ts';
import { openedTicketEvent } from '#db/ticketEvent/testing/ticketEvents.ts';
import { sellTicket } from '#db/ticketEvent/tickets.ts';
import { openFundedTrade } from '#db/trade/testing/trades.ts';
import type { Kind } from '#workflows/kinds.ts';

/**
 * Processes of every kind, opened by what the doors call and without HTTP, as cheap as a test of very many needs them,
 * and how each is brought to its end: by its parties, an administrator or what a provider says.
 */

/** What is asked of the door of one API process, by whoever has a seat. Answers what they are answered. */
export type Give = (kind: Kind, id: string, as: string, on: string) => Promise<unknown>;

export type Opened = { id: string; way: Way; end(door: Give): Promise<unknown> };

export type Numbered = Opened & { n: number };

/** A way of a kind to its end: where it is then, and its steps from the first. */
export type Way = { kind: Kind; name: string; state: string; steps: readonly string[] };

/** Where one is opened, and what those before it left for it. */
export type Crowd = {
  pool: Pool;
  door: Give;
  dealing: Dealing;
  /** Who deals with each other. */
  pairs: readonly Pair[];
  creator: { id: string };
  now(): string;
  /** A stream on air, of the one with this number. */
  streamOf(n: number): Promise<StreamRow>;
};

type Pair = { brand_owner: string; influencer: string };

const PAIRS = 12;
const HOUR_MS = 3_600_000;

/** The door of one API process: the same request, given again there or at another, is done once. */
export function createGive(pool: Pool, adminId: string): Give {
  const deps = doorOf(pool, { now: () => new Date(), systemUserId: SYSTEM, feeBps: 1_000 });
  return async (kind, id, as, on) => {
    const accountId = as === 'admin' ? adminId : (await findProcess(pool, id))?.seats[as];
    if (!accountId) throw new Error(`nobody is the ${as} of ${kind} ${id}`);
    const result = await takeStep(deps, {
      ...{ processId: id, kind, caller: { accountId, roles: [as] }, on, data: DATA[on] ?? {}, via: { button_id: on } },
      key: { accountId, path: `/${id}`, key: on, bodyHash: 'ab'.repeat(32) },
    });
    if (result.kind === 'taken' || result.kind === 'repeated') return result.answer;
    throw new Error(`${on} of ${kind} ${id}: ${JSON.stringify(result)}`);
  };
}

/** What makes a command complete. */
const DATA: Readonly<Record<string, Record<string, unknown>>> = {
  send_price_offer: { price: 5_000 },
  submit_work: { deliverables: 'https://drive.example/reels' },
};

export async function newCrowd(pool: Pool): Promise<{ crowd: Crowd; adminId: string }> {
  const now = () => new Date().toISOString();
  const adminId = await newUser(pool, 'admin');
  const [door, dealing] = [createGive(pool, adminId), startDealing(pool, adminId)];
  const creator = await withTokens(pool, 0n, now());
  const tier = { code: 'gold', name: 'Gold', price: 100, perks: [] };
  await pool.transaction((transaction) => putTiers(transaction, creator.id, [tier], now()));
  const pairs = await Promise.all(Array.from({ length: PAIRS }, () => dealing.newPair()));
  const streams = new Map<number, Promise<StreamRow>>();
  const streamOf = (n: number) => {
    const stream = streams.get(n) ?? onAir(pool, door, now());
    streams.set(n, stream);
    return stream;
  };
  return { crowd: { pool, door, dealing, pairs, creator, now, streamOf }, adminId };
}

async function onAir(pool: Pool, door: Give, now: string): Promise<StreamRow> {
  const { id: creatorId } = await withTokens(pool, 0n, now);
  const asked = { creatorId, title: 'Monsoon cooking', category: 'food', tags: [], visibility: 'public' as const };
  const id = await pool.transaction((transaction) =>
    openStream(transaction, { ...asked, ticketEventId: null, scheduledAt: null, watched: false, now }),
  );
  await door('stream', id, 'creator', 'start');
  return getStream(pool, id, { id: creatorId, isAdmin: false });
}

type Opening = Way & {
  /** Answers its id and how it is brought to its end. */
  open(crowd: Crowd, n: number): Promise<{ id: string; end(door: Give): Promise<unknown> }>;
};

/** Given one after the other. */
const by =
  (kind: Kind, ...commands: readonly (readonly [as: string, on: string])[]) =>
  (id: string) => ({
    id,
    async end(door: Give) {
      const answers: unknown[] = [];
      for (const [as, on] of commands) answers.push(await door(kind, id, as, on));
      return answers;
    },
  });

const originOf = (crowd: Crowd) => ({ now: crowd.now(), systemUserId: SYSTEM, correlationId: null });
const pairOf = ({ pairs }: Crowd, n: number) => pairs[n % pairs.length] as Pair;

/** Paid and begun; the clock of what plays deals stands still but for this. */
async function dealBegun({ dealing, ...crowd }: Crowd, n: number): Promise<string> {
  dealing.clock.now = new Date();
  const id = await dealing.open('campaign', pairOf({ dealing, ...crowd }, n));
  const click = (as: string, on: string) => crowd.door('deal', id, as, on);
  await click('brand_owner', 'accept_application');
  await click('brand_owner', 'send_price_offer');
  await click('influencer', 'accept_price');
  await dealing.hear({ kind: 'captured', orderId: await dealing.order(id), paymentId: `pay_${id}` });
  await dealing.book(id);
  await click('influencer', 'start_work');
  return id;
}

const BEGUN = [
  'accept_application',
  'send_price_offer',
  'accept_price',
  'proceed_to_payment',
  'payment_captured',
  'start_work',
] as const;

/** In an order in which what is in a stream ends before the stream does. */
export const OPENINGS: readonly Opening[] = [
  {
    ...{ kind: 'deal', name: 'approved', state: 'real_time' },
    steps: [...BEGUN, 'submit_work', 'approve_work', 'money_released'],
    async open(crowd, n) {
      const id = await dealBegun(crowd, n);
      await crowd.door('deal', id, 'influencer', 'submit_work');
      return by('deal', ['brand_owner', 'approve_work'])(id);
    },
  },
  {
    ...{ kind: 'deal', name: 'declined', state: 'chat_closed' },
    steps: [...BEGUN, 'decline_work', 'refund_started', 'refund_settled'],
    open: async (crowd, n) => by('deal', ['influencer', 'decline_work'])(await dealBegun(crowd, n)),
  },
  {
    ...{ kind: 'errand', name: 'run', state: 'done', steps: ['finish', 'money_moved'] },
    open: async (crowd, n) =>
      by('errand', ['runner', 'finish'])(await openErrand(crowd.pool, pairOf(crowd, n), crowd.now())),
  },
  {
    ...{ kind: 'trade', name: 'released', state: 'released', steps: ['confirm', 'release', 'asset_released'] },
    async open(crowd, n) {
      const { brand_owner: buyer, influencer: seller } = pairOf(crowd, n);
      const id = await openFundedTrade(crowd.pool, { buyer, seller }, crowd.now());
      return by('trade', ['buyer', 'confirm'], ['seller', 'release'])(id);
    },
  },
  {
    ...{ kind: 'payout', name: 'approved', state: 'paid', steps: ['approve', 'expire', 'money_sent', 'payout_paid'] },
    async open({ pool, now }) {
      const payee = await newPayee(pool, now());
      // So much that a second pair of eyes looks at it first.
      const settings = { ...SETTINGS, limitsPercent: 1, holdFor: 'PT1S', holdForNew: 'PT1S' };
      return by('payout', ['admin', 'approve'])(await openPayoutOf(pool, payee, 100_000n, now(), settings));
    },
  },
  {
    ...{ kind: 'topUp', name: 'paid', state: 'paid', steps: ['payment_captured', 'credited'] },
    async open(crowd, n) {
      const { pool } = crowd;
      const { influencer } = pairOf(crowd, n);
      const { topUpId: id, orderId } = await unpaidTopUp(pool, originOf(crowd), influencer, 'TOKEN', 700n);
      const fact = { kind: 'captured', orderId, paymentId: `pay_${id}`, amount: '700' } as const;
      return { id, end: () => hear(pool, originOf(crowd), fact, id) };
    },
  },
  {
    ...{ kind: 'chargeBack', name: 'won', state: 'won', steps: ['dispute_won', 'money_returned'] },
    async open(crowd) {
      const { pool } = crowd;
      const paid: Paid = await paidTopUp(pool, originOf(crowd));
      const id = await dispute(pool, originOf(crowd), paid, { outcome: null });
      if (id === null) throw new Error('no charge-back came of it');
      return { id, end: () => dispute(pool, originOf(crowd), paid, { outcome: 'won' }) };
    },
  },
  {
    ...{ kind: 'boost', name: 'cancelled', state: 'cancelled', steps: ['cancel', 'credits_settled'] },
    async open({ pool, now, ...crowd }, n) {
      const { brand_owner: boosterId, influencer: target_id } = pairOf({ pool, now, ...crowd }, n);
      const opened = { target: 'profile' as const, target_id, duration: 24, lasts: 24 * HOUR_MS };
      const boost = await pool.transaction(async (transaction) => {
        await earnCredits(transaction, { userId: boosterId, amount: 700n, reason: 'a test', now: now() });
        return openBoost(transaction, { boosterId, amount: 700n, opened, now: now() });
      });
      return by('boost', ['booster', 'cancel'])(boost.id);
    },
  },
  {
    ...{ kind: 'battle', name: 'called off', state: 'cancelled', steps: ['accept', 'cancel', 'stakes_returned'] },
    async open({ pool, door, now }) {
      const { id } = await newBattle(pool, { stake: 50n, lasts: HOUR_MS, now: now() });
      await door('battle', id, 'opponent', 'accept');
      return by('battle', ['admin', 'cancel'])(id);
    },
  },
  {
    ...{ kind: 'subscription', name: 'cancelled', state: 'ending', steps: ['cancel'] },
    async open({ pool, creator, now }) {
      const { id: payerId } = await withTokens(pool, 100n, now());
      const asked = { creatorId: creator.id, payerId, giftTo: null, tier: 'gold', shareBps: 7_000, order: null };
      const { id } = await pool.transaction((transaction) => openSubscription(transaction, { ...asked, now: now() }));
      return by('subscription', ['subscriber', 'cancel'])(id);
    },
  },
  {
    ...{ kind: 'ticketEvent', name: 'called off', state: 'cancelled', steps: ['sell', 'cancel', 'expire'] },
    async open(crowd) {
      const { pool, now } = crowd;
      const { id } = await openedTicketEvent(pool, { now: now(), price: '30' });
      const buyer = { id: (await withTokens(pool, 30n, now())).id, isAdmin: false };
      await pool.transaction((transaction) => sellTicket(transaction, { eventId: id, buyer }, originOf(crowd)));
      return by('ticketEvent', ['creator', 'cancel'])(id);
    },
  },
  {
    ...{ kind: 'poll', name: 'closed', state: 'closed', steps: ['close', 'expire'] },
    open: async ({ pool, streamOf, now }, n) =>
      by('poll', ['creator', 'close'])(await pollIn(pool, await streamOf(n), now(), HOUR_MS / 1_000)),
  },
  {
    ...{ kind: 'challenge', name: 'stopped', state: 'stopped', steps: ['stop'] },
    async open({ pool, streamOf, now }, n) {
      const { id: stream_id, creator_id: creatorId } = await streamOf(n);
      const opened = { stream_id, type: 'gifts' as const, target: 100, lasts: HOUR_MS };
      const asked = { creatorId, opened, reward: null, counter: null, now: now() };
      return by('challenge', ['creator', 'stop'])(
        await pool.transaction((transaction) => openChallenge(transaction, asked)),
      );
    },
  },
  {
    ...{ kind: 'stream', name: 'put away', state: 'archived', steps: ['start', 'end', 'archive'] },
    open: async ({ streamOf }, n) => by('stream', ['creator', 'end'], ['creator', 'archive'])((await streamOf(n)).id),
  },
];

/** So many of each way, each with its number; those of one number are of one stream. */
export async function openEach(crowd: Crowd, many: number): Promise<Numbered[]> {
  const opened: Numbered[] = [];
  for (const { open, ...way } of OPENINGS) {
    await atOnce(
      AT_ONCE,
      Array.from({ length: many }, (_, n) => n),
      async (n) => {
        opened.push({ ...(await open(crowd, n)), way, n });
      },
    );
  }
  return opened;
}

/** Transactions under way at once: a pool has ten connections. */
const AT_ONCE = 6;

/** Does it with each, so many at a time. */
export async function atOnce<T>(many: number, each: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...each];
  const lane = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: many }, lane));
}
