import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { type Dealing, newUser, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool } from '../pool.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { getProfile } from './profiles.ts';
import { listReviews, writeReview } from './reviews.ts';

let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

const DAY_MS = 24 * 60 * 60_000;

/** A deal whose work was approved and paid. */
async function released() {
  const [brand_owner = '', influencer = ''] = await newPeople(pool, 2);
  const pair = { brand_owner, influencer };
  const id = await dealing.open('campaign', pair);
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  const orderId = await dealing.order(id);
  await dealing.hear({ kind: 'captured', orderId, paymentId: `pay_${id}` });
  await dealing.book(id);
  await dealing.give(id, 'influencer', 'start_work');
  await dealing.give(id, 'influencer', 'submit_work', { deliverables: 'https://drive.example/reels' });
  await dealing.give(id, 'brand_owner', 'approve_work');
  await dealing.carry(id, null);
  return { id, pair };
}

const at = (later = 0) => new Date(dealing.clock.now.getTime() + later).toISOString();

function review(processId: string, authorId: string, subjectId: string, stars: number, now = at()) {
  return pool.transaction((transaction) =>
    writeReview(transaction, { processId, authorId, subjectId, stars, text: `${stars} stars`, now }),
  );
}

const read = (subjectId: string, now = at()) => listReviews(pool, subjectId, { now, limit: 10, start: null });

test('neither is read before both are in, and then both are', async () => {
  const { id, pair } = await released();
  expect(await review(id, pair.brand_owner, pair.influencer, 4)).toMatchObject({ shown: false });
  expect(await read(pair.influencer)).toEqual([]);
  expect((await getProfile(pool, pair.influencer, at())).reviews).toBe(0);
  await expect(review(id, pair.brand_owner, pair.influencer, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await review(id, pair.influencer, pair.brand_owner, 5, at(1_000))).toMatchObject({ shown: true });
  expect(await read(pair.influencer, at(1_000))).toMatchObject([{ stars: 4, text: '4 stars' }]);
  expect(await read(pair.brand_owner, at(1_000))).toMatchObject([{ stars: 5 }]);
  expect(await getProfile(pool, pair.influencer, at(1_000))).toMatchObject({ reviews: 1, stars: 4 });
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('one alone is read when 14 days are over, and none is written after them', async () => {
  const { id, pair } = await released();
  await review(id, pair.brand_owner, pair.influencer, 2, at(13 * DAY_MS));
  expect(await read(pair.influencer, at(14 * DAY_MS - 1))).toEqual([]);
  expect(await read(pair.influencer, at(14 * DAY_MS))).toHaveLength(1);
  await expect(review(id, pair.influencer, pair.brand_owner, 5, at(14 * DAY_MS + 1))).rejects.toMatchObject({
    code: 'FLOW_STATE_INVALID',
  });
});

test('written by both in the same instant they are shown together', async () => {
  const { id, pair } = await released();
  const both = await Promise.all([
    review(id, pair.brand_owner, pair.influencer, 3),
    review(id, pair.influencer, pair.brand_owner, 4),
  ]);
  expect(both.map(({ shown }) => shown).sort()).toEqual([false, true]);
  expect(await read(pair.brand_owner)).toHaveLength(1);
  expect(await read(pair.influencer)).toHaveLength(1);
});
