import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { setTold, takeUntold } from '../process/relays.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { RETENTION } from './retention.ts';
import type { Round } from './round.ts';

// What is forgotten is missed by nobody.

let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

const count = (table: string) =>
  pool.oneFirst(sql.type(z.object({ n: z.bigint().transform(Number) }))`
    SELECT count(*) AS n FROM ${sql.identifier([table])}
  `);
const later = new Date('2100-01-01T00:00:00.000Z').toISOString();
const brokenInvariants = async () => (await checkInvariants(pool)).filter(({ ok }) => !ok);

async function closedDeal(): Promise<{ id: string; pair: { brand_owner: string; influencer: string } }> {
  const pair = await dealing.newPair();
  const id = await dealing.open('bid', pair);
  await dealing.give(id, 'brand_owner', 'withdraw');
  return { id, pair };
}

async function round(what: string, limit: number, after: string | null = null) {
  const entry = RETENTION.find((each) => each.what === what);
  if (!entry) throw new Error(`nothing called ${what} is forgotten`);
  return entry.forget(pool, { before: later, limit, after }, { hasBroker: true });
}
const forget = async (what: string, limit = 1_000) => (await round(what, limit)).rows;

test('events are forgotten from the oldest on, so many at a time, and never out of the middle', async () => {
  const { pair } = await closedDeal();
  const before = await listEvents(pool, pair.influencer, 0, 100);
  for (let last: string | null = null; ; ) {
    const one: Round = await round('outbox', 1, last);
    expect(await brokenInvariants()).toEqual([]);
    last = one.last;
    if (last === null) break;
  }
  const after = await listEvents(pool, pair.influencer, 0, 100);
  expect(after.length).toBeGreaterThan(0);
  expect(after).toEqual(before.slice(-after.length));
});

test('the row of a process that is over is forgotten once it was told of, and comes back when something happens to it', async () => {
  const { id } = await closedDeal();
  expect(await forget('ended relays')).toBe(0);
  await pool.transaction(async (transaction) => {
    const [untold] = await takeUntold(transaction, [id]);
    if (untold) await setTold(transaction, [{ untold, last: untold.version }]);
  });
  await pool.query(sql.typeAlias('void')`UPDATE relays SET look_at = NULL WHERE process_id = ${id}`);
  expect(await forget('ended relays')).toBe(1);
  expect(await brokenInvariants()).toEqual([]);
  await dealing.hear({ kind: 'captured', orderId: 'order_of_nobody', paymentId: 'pay_of_nobody' });
  await dealing.book(null);
  expect(await brokenInvariants()).toEqual([]);
});

test('rows of processes are looked through so many at a time, each once', async () => {
  const over: string[] = [];
  for (let each = 0; each < 3; each += 1) over.push((await closedDeal()).id);
  const open = await dealing.open('bid', await dealing.newPair());
  await pool.query(sql.typeAlias('void')`
    UPDATE relays SET behind = false, told = version, look_at = NULL WHERE process_id = ANY(${sql.array(over, 'uuid')})
  `);
  const all = await count('relays');
  const rounds = [await round('ended relays', 2)];
  for (let last = rounds[0]?.last; last; last = rounds.at(-1)?.last) rounds.push(await round('ended relays', 2, last));
  expect(rounds).toHaveLength(Math.floor(all / 2) + 1);
  const left = await pool.anyFirst(sql.typeAlias('id')`
    SELECT process_id AS id FROM relays WHERE process_id = ANY(${sql.array([...over, open], 'uuid')})
  `);
  expect(left).toEqual([open]);
  expect(await brokenInvariants()).toEqual([]);
});

test('a webhook whose body is forgotten is still known', async () => {
  await dealing.hear({ kind: 'captured', orderId: 'order_x', paymentId: 'pay_x' }, 'event_x');
  const webhooks = await count('webhooks');
  expect(await forget('webhook bodies')).toBeGreaterThan(0);
  await dealing.hear({ kind: 'captured', orderId: 'order_x', paymentId: 'pay_x' }, 'event_x');
  expect(await count('webhooks')).toBe(webhooks);
});

test('each kind of row has so long that it is kept', () => {
  for (const { what, keptMs } of RETENTION) {
    // A page that was shown is no fact: it is made anew for whoever asks.
    const days = what === 'pages of recommendations' ? 1 : 30;
    expect(keptMs, what).toBeGreaterThanOrEqual(days * 86_400_000);
  }
});
