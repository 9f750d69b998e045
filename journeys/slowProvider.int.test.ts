import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import type { PaymentProvider } from '#payments/provider.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { bringTo, newSides, ok, type Sides } from './play.ts';

/** A provider has a task queue of its own: how slow it is, and how much it bears, is nobody else's concern. */

const SLOTS = 2;
const A_SECOND = 2;

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts({ room: { providerSlots: SLOTS, providerRate: A_SECOND } });
  sides = await newSides(place);
});
afterEach(() => {
  place.faults.provider = undefined;
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place.close();
});

/** Deals whose money goes back: each asks the provider. */
async function declined(many: number) {
  const deals = await Promise.all(Array.from({ length: many }, () => bringTo(place, sides, 'work_in_progress')));
  for (const { id, influencer } of deals) await ok(influencer.click(id, 'decline_work'));
  return deals;
}

test('one that does not answer has its own calls wait, and everybody else is paid', async () => {
  const answer = Promise.withResolvers<void>();
  let asked = 0;
  place.faults.provider = (real): PaymentProvider => ({
    ...real,
    async refund(request) {
      asked += 1;
      await answer.promise;
      return real.refund(request);
    },
  });
  const waiting = await declined(3 * SLOTS);
  await until(
    async () => asked,
    (many) => many >= SLOTS,
  );
  const { id, brand } = await bringTo(place, sides, 'work_submitted');
  await ok(brand.click(id, 'approve_work'));
  expect(await untilSettled(place, id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
  // No more than its slots were ever asked for at once.
  expect(asked).toBe(SLOTS);
  answer.resolve();
  for (const deal of waiting) expect(await untilSettled(place, deal.id)).toEqual({});
});

test('it is asked no oftener than it bears', async () => {
  const many = 16;
  const gate = Promise.withResolvers<void>();
  const at: number[] = [];
  place.faults.provider = (real): PaymentProvider => ({
    ...real,
    async refund(request) {
      await gate.promise;
      at.push(performance.now());
      return real.refund(request);
    },
  });
  const deals = await declined(many);
  // All of them wait for it, so that nothing but its rate keeps them apart.
  await until(
    () => refundsOf(deals.map(({ id }) => id)),
    (due) => due === many,
  );
  gate.resolve();
  for (const { id } of deals) expect(await untilSettled(place, id)).toEqual({});
  expect(at.length).toBe(many);
  // Those that held its slots, and what the server lets go at once, do not count.
  const took = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1_000;
  expect(took).toBeGreaterThan((many - SLOTS) / A_SECOND - 2);
});

async function refundsOf(ids: readonly string[]): Promise<number> {
  const { due } = await place.pool.one(sql.type(z.object({ due: z.bigint().transform(Number) }))`
    SELECT count(*) AS due FROM refunds JOIN promises ON promises.id = refunds.promise_id
    WHERE process_id = ANY(${sql.array([...ids], 'uuid')}) AND refunds.status IN ('due', 'asked')
  `);
  return due;
}
