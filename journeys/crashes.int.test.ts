import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDeal as open } from '#api/sandbox/dealScenarios.ts';
import type { Call } from '#api/sandbox/world.ts';
import { createPool } from '#db/pool.ts';
import { findRelayLag } from '#db/process/relays.ts';
import type { PartName } from '#local/part.ts';
import type { Policy } from '#workflows/deal/policy.ts';
import type { State } from '#workflows/deal/table.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { type Answer, type Json, type Person, register, sendWebhook, until } from './person.ts';
import { newSides, ok, type Sides } from './play.ts';
import { openStack, PARTS, type Stack } from './stack.ts';

/**
 * Whatever dies, hangs or forgets in the middle of a deal: the deal goes on to its end, and nothing is lost or doubled.
 * Everything is played and looked at over HTTP, on the processes that `npm start` runs.
 */

vi.setConfig({ testTimeout: 180_000 });

let stack: Stack;
let undisturbed: Traces;

beforeAll(async () => {
  stack = await openStack();
  const deal = await openDeal();
  await playTo(deal, 'real_time');
  undisturbed = await tracesOf(deal);
  for (const events of undisturbed.events) expect(events).toContain('conversation_state_changed');
}, 240_000);
afterAll(() => stack?.close(), 60_000);
afterEach(async () => {
  const admin = await until(() => stack.admin().catch(() => null), Boolean, PATIENCE_MS);
  const { ok: inOrder, checks } = await insist(() => (admin as Person).get('/api/admin/reconciliation'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
  expect(inOrder).toBe(true);
}, 90_000);

const PATIENCE_MS = 60_000;
/** Whoever clicks does not wait longer, whatever is away. */
const PROMPT_MS = 2_000;

type Deal = Sides & {
  id: string;
  orderId: string;
  paymentId: string;
  /** How many of the moves below were made. */
  moved: number;
};

/** What a deal's parties can see of it that must be the same however it was reached. */
type Traces = {
  messages: string[][];
  events: string[][];
  /** Made of the events once these are committed: in their order, and at no certain place among them. */
  notified: string[][];
};

/** How often anybody had to ask again. */
let putOff = 0;

/** Asks as a careful client does: under one key, until there is an answer that is neither "later" nor none. */
async function insist(ask: (key: Record<string, string>) => Promise<Answer>): Promise<Json> {
  const key = { 'idempotency-key': randomUUID() };
  const answer = await until(
    () => ask(key).catch((error: Error) => ({ status: 503, body: String(error.cause ?? error) })),
    ({ status }) => {
      if (status >= 500) putOff += 1;
      return status < 500;
    },
    PATIENCE_MS,
  );
  return ok(Promise.resolve(answer as Answer));
}

function click(who: 'brand' | 'influencer', button: string, data?: unknown) {
  return (deal: Deal) => insist((key) => deal[who].click(deal.id, button, data, key));
}

async function order(deal: Deal): Promise<void> {
  const { payment_order } = await click('brand', 'proceed_to_payment')(deal);
  deal.orderId = payment_order.order_id;
}

/** The order is there and the provider tells of its capture, until that is answered. */
async function pay(deal: Deal): Promise<void> {
  await order(deal);
  await insist(() => capture(deal));
}

function capture({ orderId, paymentId }: Deal): Promise<Answer> {
  return sendWebhook(stack.url, {
    id: `evt_${paymentId}`,
    type: 'payment.captured',
    data: { order_id: orderId, payment_id: paymentId, amount: 500_000, currency: 'INR' },
  });
}

const MOVES: { to: State; move: (deal: Deal) => Promise<unknown> }[] = [
  { to: 'brand_owner_pricing', move: click('brand', 'accept_application') },
  { to: 'influencer_price_response', move: click('brand', 'send_price_offer', { price: 5000 }) },
  { to: 'payment_pending', move: click('influencer', 'accept_price', { price: 5000 }) },
  { to: 'payment_completed', move: pay },
  { to: 'work_in_progress', move: click('influencer', 'start_work') },
  { to: 'work_submitted', move: click('influencer', 'submit_work', { deliverables: 'https://drive.example/reels' }) },
  { to: 'real_time', move: click('brand', 'approve_work') },
];

/** Makes the moves up to a state, from wherever the deal is, each as soon as the one before it was answered. */
async function clickTo(deal: Deal, state: State): Promise<void> {
  for (const { to, move } of MOVES.slice(deal.moved)) {
    await move(deal);
    deal.moved += 1;
    if (to === state) return;
  }
}

/** The same, and waits until it is there: bookings and releases are a workflow's. */
async function playTo(deal: Deal, state: State): Promise<void> {
  for (const { to } of MOVES.slice(deal.moved)) {
    await clickTo(deal, to);
    await untilState(deal, to);
    if (to === state) return;
  }
}

async function untilState(deal: Deal, state: State): Promise<void> {
  await until(
    () => stateOf(deal).catch(() => null),
    (seen) => seen === state,
    PATIENCE_MS,
  );
}

async function stateOf({ brand, id }: Deal): Promise<State> {
  return (await brand.get(`/api/messages/conversations/${id}/context`)).body.data.conversation.flow_state;
}

async function openDeal(policy: Partial<Policy> = {}): Promise<Deal> {
  const insisting: Call<Person> = (method, path, by, body) =>
    insist((key) => (by as Person).ask(method, path, body, key));
  const deal = await open(insisting, await newSides(stack), 'campaign', policy);
  return { ...deal, orderId: '', paymentId: `pay_${randomUUID()}`, moved: 0 };
}

async function tracesOf({ brand, influencer, id }: Deal): Promise<Traces> {
  const sides = [brand, influencer];
  const told = await Promise.all(sides.map(listTold));
  return {
    messages: await Promise.all(
      sides.map(async (person) => {
        const messages = await insist(() => person.get(`/api/messages/conversations/${id}/messages?limit=100`));
        return messages.map((each: Json) => `${each.message_type}: ${each.message}`);
      }),
    ),
    events: told.map((events) => events.map(({ name }) => name).filter((name) => name !== 'new_notification')),
    notified: await Promise.all(
      sides.map(async (person, side) => {
        // What somebody wrote is in no inbox.
        const isDeals = ({ name, data }: Json) => name === 'notification' && data.type !== 'new_message';
        const notices = told[side]?.filter(isDeals).length;
        const list = await until(
          () => insist(() => person.get(`/api/notifications/${person.id}?limit=100`)),
          ({ length }) => length === notices,
          PATIENCE_MS,
        );
        return list.map(({ title, body }: Json) => `${title}: ${body}`).reverse();
      }),
    ),
  };
}

/** Somebody's events, gapless from the first one on. */
async function listTold(person: Person): Promise<Json[]> {
  const events = await insist(() => person.get('/api/events?after=0&limit=100'));
  expect(events.map(({ seq }: Json) => seq)).toEqual(events.map((_: Json, at: number) => at + 1));
  return events;
}

/** What somebody has in rupees, and how it came. */
async function walletOf(person: Person): Promise<Json> {
  const [{ balances }, transactions] = await Promise.all([
    insist(() => person.get(`/api/wallet/${person.id}/balance`)),
    insist(() => person.get(`/api/wallet/${person.id}/transactions`)),
  ]);
  const inRupees = ({ asset }: Json) => asset === 'INR';
  return {
    has: balances.filter(inRupees).map(({ total }: Json) => total),
    got: transactions.filter(inRupees).map(({ amount }: Json) => amount),
  };
}

const PAID = { has: ['4500.00'], got: ['4500.00'] };

/** What a deal's entries add up to in paise, per kind of account; accounts that are even are left out. */
async function moneyOf({ brand, id }: Deal): Promise<Record<string, bigint>> {
  const { entries } = await insist(() => brand.get(`/api/messages/conversations/${id}/ledger`));
  const sums: Record<string, bigint> = {};
  for (const { account, amount } of entries) {
    sums[account] = (sums[account] ?? 0n) + BigInt(amount.replace('.', ''));
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

/** The deal has come to its end exactly as one that nothing happened to. */
async function expectUndisturbed(deal: Deal): Promise<void> {
  await playTo(deal, 'real_time');
  await untilState(deal, 'real_time');
  expect(await walletOf(deal.influencer)).toEqual(PAID);
  expect(await tracesOf(deal)).toEqual(undisturbed);
}

/** The relay has told every workflow every step; it says so in Postgres alone. */
async function untilAllIsTold(): Promise<void> {
  const pool = createPool(stack.file().databaseUrl, { size: 1 });
  try {
    await until(
      () => findRelayLag(pool, new Date().toISOString()),
      ({ processes }) => processes === 0n,
      PATIENCE_MS,
    );
  } finally {
    await pool.end();
  }
}

/** The answer to one who neither waits nor asks again. */
async function promptly<T>(ask: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const before = putOff;
  const answer = await ask();
  expect(performance.now() - began).toBeLessThan(PROMPT_MS);
  expect(putOff).toBe(before);
  return answer;
}

describe('a process that dies in the middle of a deal is started again, and the deal goes on', () => {
  test('the worker, right after an approval was answered', async () => {
    const deal = await openDeal();
    await playTo(deal, 'work_submitted');
    await clickTo(deal, 'real_time');
    const back = stack.kill('worker');
    await back();
    await expectUndisturbed(deal);
  });

  test('the API, with a click answered and another under way: what is repeated was done once', async () => {
    const deal = await openDeal();
    await playTo(deal, 'influencer_price_response');
    const accept = () =>
      deal.influencer.click(deal.id, 'accept_price', { price: 5000 }, { 'idempotency-key': `accept_${deal.id}` });
    const first = await accept();
    expect(first.status).toBe(200);
    const underWay = click('brand', 'proceed_to_payment')(deal);
    const back = stack.kill('api');
    await back();
    const again = await accept();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    await underWay;
    deal.moved += 1;
    await expectUndisturbed(deal);
  });

  test('Redis, while clicks flow', async () => {
    const deal = await openDeal();
    const back = stack.kill('redis');
    await promptly(() => clickTo(deal, 'brand_owner_pricing'));
    await expectUndisturbed(deal);
    await back();
  });

  test('Temporal, after a capture was answered', async () => {
    const deal = await openDeal();
    await playTo(deal, 'payment_pending');
    await clickTo(deal, 'payment_completed');
    const back = stack.kill('temporal');
    // Nobody clicks: it is the workflow that books it, when there is one again.
    await untilState(deal, 'payment_completed');
    await back();
    await expectUndisturbed(deal);
  });

  test('Postgres, while the clicks of several deals flow', async () => {
    const deals = await Promise.all([openDeal(), openDeal(), openDeal()]);
    const flow = Promise.all(deals.map((deal) => playTo(deal, 'real_time')));
    // The first has just been paid; an order whose making is cut off is made again only when its claim has run out.
    await until(
      async () => Math.max(...deals.map(({ moved }) => moved)),
      (moved) => moved >= 4,
    );
    const back = stack.kill('postgres');
    await back();
    await flow;
    for (const deal of deals) await expectUndisturbed(deal);
  });

  test('all of them at once: what was approved is paid, what was captured is booked, what flows flows on', async () => {
    const [approved, captured, flowing] = await Promise.all([openDeal(), openDeal(), openDeal()]);
    await Promise.all([playTo(approved, 'work_submitted'), playTo(captured, 'payment_pending')]);
    const flow = playTo(flowing, 'real_time');
    await Promise.all([clickTo(approved, 'real_time'), clickTo(captured, 'payment_completed')]);
    const back = stack.kill(...PARTS);
    await back();
    await Promise.all([untilState(approved, 'real_time'), untilState(captured, 'payment_completed'), flow]);
    for (const deal of [approved, captured, flowing]) await expectUndisturbed(deal);
  });

  test('API and worker, between the answer to a webhook and its booking: it is booked, once', async () => {
    const deal = await openDeal();
    await playTo(deal, 'payment_pending');
    await order(deal);
    // Nothing but the stored webhook leads back to the deal, and nobody can book it before both are dead.
    await untilAllIsTold();
    stack.freeze('worker');
    await insist(() => capture(deal));
    deal.moved += 1;
    expect(await stateOf(deal)).toBe('payment_pending');
    const back = stack.kill('api', 'worker');
    await back();
    await untilState(deal, 'payment_completed');
    await insist(() => capture(deal));
    expect(await moneyOf(deal)).toEqual({ external: -500_000n, escrow: 500_000n });
    await expectUndisturbed(deal);
  });
});

describe('all of them at once, in the middle of what a crowd is at', () => {
  const make = (by: Person, path: string, body?: object) => insist((key) => by.post(path, body, key));
  const seen = (by: Person, path: string) => insist(() => by.get(path));
  const newcomers = (many: number, role = 'viewer') =>
    Promise.all(Array.from({ length: many }, () => register(stack.url, [role])));
  const tokensOf = async (person: Person): Promise<string> => {
    const { balances } = await seen(person, `/api/wallet/${person.id}/balance`);
    return balances.find(({ asset }: Json) => asset === 'TOKEN')?.available ?? '0';
  };

  /** A poll in a stream of its own, in which some have voted; who and where more may. */
  async function polled(seconds: number, votes: readonly number[]) {
    const [creator] = (await newcomers(1, 'creator')) as [Person];
    const voters = await newcomers(votes.length);
    const { stream } = await make(creator, '/api/streams', { title: 'Monsoon cooking' });
    await make(creator, `/api/streams/${stream.id}/start`);
    const asked = { question: 'What is next?', options: ['Rice', 'Noodles'], duration_seconds: seconds };
    const { poll } = await make(creator, `/api/streams/${stream.id}/polls`, asked);
    const path = `/api/streams/${stream.id}/polls/${poll.id}`;
    const vote = (person: Person, option: number) => make(person, `${path}/votes`, { option });
    for (const [place, person] of voters.entries()) await vote(person, votes[place] as number);
    return { creator, path, vote };
  }

  async function foughtFor(stake: string) {
    const [asha, ben, fan] = (await newcomers(3, 'creator')) as [Person, Person, Person];
    const asked = { opponent_id: ben.id, duration_seconds: 20, stake: { asset: 'TOKEN', amount: stake } };
    const { battle } = await make(asha, '/api/battles', asked);
    await make(ben, `/api/battles/${battle.id}/accept`);
    await make(fan, `/api/battles/${battle.id}/vote`, { participantId: ben.id });
    return { id: battle.id as string, asha, ben };
  }

  test('what was voted counts, what was fought for is paid, what was cancelled is given back: each once', async () => {
    const [creator] = (await newcomers(1, 'creator')) as [Person];
    const starts_at = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const evening = { title: 'An evening of ragas', starts_at, capacity: 4, price: '30' };
    const { event } = await make(creator, '/api/events', evening);
    const holders = await newcomers(4);
    for (const holder of holders) await make(holder, `/api/events/${event.id}/tickets`);
    const open = await polled(600, [0, 1, 1]);
    const short = await polled(15, [1, 1]);
    const battle = await foughtFor('30');
    await make(creator, `/api/events/${event.id}/cancel`);
    const back = stack.kill(...PARTS);
    await back();

    const pollOf = ({ creator: by, path }: { creator: Person; path: string }) =>
      until(
        () => seen(by, path).then(({ poll }) => poll),
        ({ status }) => status === 'closed',
        PATIENCE_MS,
      );
    expect(await pollOf(short)).toMatchObject({ ended_by: 'time', counts: [0, 2], total: 2 });
    const [late] = (await newcomers(1)) as [Person];
    await open.vote(late, 0);
    await make(open.creator, `${open.path}/close`);
    expect(await pollOf(open)).toMatchObject({ ended_by: 'creator', counts: [2, 2], total: 4 });

    await until(
      () => tokensOf(battle.ben),
      (has) => has === '130',
      PATIENCE_MS,
    );
    expect(await tokensOf(battle.asha)).toBe('70');
    const ended = (person: Person) =>
      until(
        () => seen(person, `/api/notifications/${person.id}`) as Promise<Json[]>,
        (all) => all.some(({ kind }) => kind === 'battle_ended'),
        PATIENCE_MS,
      ).then((all) => all.filter(({ kind }) => kind === 'battle_ended').length);
    expect([await ended(battle.asha), await ended(battle.ben)]).toEqual([1, 1]);

    const over = await until(
      () => seen(creator, `/api/events/${event.id}`).then((found) => found.event),
      ({ status }) => status === 'cancelled',
      PATIENCE_MS,
    );
    expect(over.sold).toBe(0);
    expect(await Promise.all(holders.map(tokensOf))).toEqual(['100', '100', '100', '100']);
    for (const holder of holders) {
      const events: Json[] = await seen(holder, '/api/events?after=0&limit=100');
      const told = events.map(({ name }) => name).filter((name) => /^(ticket|event):/.test(name));
      expect(told).toEqual(['ticket:issued', 'event:cancelled', 'ticket:refunded']);
    }
  });
});

describe('what hangs, and does not even hang up', () => {
  const hanging: { what: string; parts: PartName[] }[] = [
    { what: 'Temporal', parts: ['temporal'] },
    { what: 'the worker', parts: ['worker'] },
    { what: 'Redis', parts: ['redis'] },
    { what: 'all three', parts: ['temporal', 'worker', 'redis'] },
  ];
  const isEnactor = (parts: PartName[]) => parts.includes('worker') || parts.includes('temporal');

  test.for(hanging)('$what: clicks, messages and webhooks are answered promptly, and told later', async ({ parts }) => {
    // Before the deal is there: what stops at work on a deal holds its locks until Postgres takes them away.
    const thaw = stack.freeze(...parts);
    let deal: Deal;
    try {
      deal = await openDeal();
      for (const { to } of MOVES) await promptly(() => clickTo(deal, to));
      const { brand, influencer } = deal;
      const direct = { receiver_id: influencer.id, message: 'Are you there?' };
      const { message } = await promptly(() => ok(brand.post('/api/messages/send', direct)));
      expect(message.message).toBe(direct.message);
      // Nobody but the workflow moves the money.
      if (isEnactor(parts)) expect(await stateOf(deal)).toBe('work_approved');
    } finally {
      thaw();
    }
    await untilState(deal, 'real_time');
    expect(await walletOf(deal.influencer)).toEqual(PAID);
    expect((await tracesOf(deal)).messages.map((messages) => messages.length)).toEqual(
      undisturbed.messages.map((messages) => messages.length),
    );
  });
});

describe("Temporal's store is lost with deals open", () => {
  test('after `npm run retell` every open process is known again, and all end as they should', async () => {
    const [ended, disputed, declined, silent, approved, paid, ...open] = await Promise.all([
      opened('real_time'),
      opened('work_submitted'),
      opened('payment_completed'),
      opened('work_submitted', { approve_within: 'PT15S' }),
      opened('work_submitted'),
      opened('payment_pending'),
      opened('initial'),
      opened('influencer_price_response'),
      opened('payment_pending'),
      opened('payment_completed'),
      opened('work_in_progress'),
      opened('work_submitted'),
    ]);
    // One that ended and whose workflow was not told its last step yet would rightly be told again.
    await untilAllIsTold();
    await click('brand', 'open_dispute', { reason: 'Two reels are missing' })(disputed);
    // What is promised from here on nobody carries out before the store is gone.
    stack.freeze('worker');
    await click('influencer', 'decline_work')(declined);
    await clickTo(approved, 'real_time');
    await clickTo(paid, 'payment_completed');
    await stack.stop();
    rmSync(join(stack.home, 'temporal'), { recursive: true });
    await stack.start();
    const initial = open[0] as Deal;
    expect(await statusOf(initial)).toBe('NOT_FOUND');

    // Those that nothing was promised to wait for somebody; whether the others have ended by now is the sweep's doing.
    const waiting = [disputed, ...open];
    const [, told] = /^(\d+) processes are told anew\.$/.exec(await stack.retell()) ?? [];
    expect(Number(told)).toBeGreaterThanOrEqual(waiting.length);
    for (const deal of waiting) {
      await until(
        () => statusOf(deal),
        (status) => status === 'RUNNING',
        PATIENCE_MS,
      );
    }
    expect(await statusOf(ended)).toBe('NOT_FOUND');

    await click('influencer', 'concede_dispute')(disputed);
    await Promise.all([
      ...[ended, approved, paid, ...open].map(expectUndisturbed),
      ...[disputed, declined].map(expectRefunded),
      untilState(silent, 'real_time'),
    ]);
    expect(await walletOf(silent.influencer)).toEqual(PAID);
  });

  async function opened(state: State, policy?: Partial<Policy>): Promise<Deal> {
    const deal = await openDeal(policy);
    if (state !== 'initial') await playTo(deal, state);
    return deal;
  }

  async function expectRefunded(deal: Deal): Promise<void> {
    await until(
      () => moneyOf(deal).then((money) => Object.keys(money)),
      (accounts) => accounts.length === 0,
      PATIENCE_MS,
    );
    expect(await walletOf(deal.influencer)).toEqual({ has: [], got: [] });
  }

  /** What Temporal says of a deal's workflow. */
  async function statusOf({ id }: Deal): Promise<string> {
    try {
      return await onTemporal(async ({ workflow }) => {
        const { status } = await workflow.getHandle(workflowIdOf('deal', id)).describe();
        return status.name;
      });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
      throw error;
    }
  }
});

test('whatever happened, API and worker told it in lines of JSON, with what Temporal has to say through them', async () => {
  // Somebody starts in the Web UI what there is not: that is told by the native part of Temporal's SDK.
  const mistake = `mistake-${randomUUID()}`;
  await onTemporal(({ workflow }) => workflow.start(mistake, { workflowId: mistake, taskQueue: 'tandem' }));
  const log = (name: string) => readFileSync(join(stack.home, 'logs', `${name}.log`), 'utf8');
  await until(
    async () => log('worker').includes('Failing workflow task'),
    (told) => told,
  );
  await onTemporal(({ workflow }) => workflow.getHandle(mistake).terminate());
  for (const name of ['api', 'worker']) {
    const lines = log(name).trimEnd().split('\n');
    expect(lines.filter((line) => !isJson(line))).toEqual([]);
  }
});

async function onTemporal<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: stack.file().temporalAddress });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
