import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { type Dealing, newUser, SYSTEM, startDealing } from '../deal/testing/dealing.ts';
import { createPool, type Pool } from '../pool.ts';
import { commandAsOperator } from './operators.ts';

let pool: Pool;
let dealing: Dealing;
/** A deal in dispute, and its last step. */
let id: string;
let known: number;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());
beforeEach(async () => {
  id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'send_price_offer', { price: 5000 });
  await dealing.give(id, 'influencer', 'accept_price');
  await dealing.hear({ kind: 'captured', orderId: await dealing.order(id), paymentId: `pay_${id}` });
  await dealing.book(id);
  await dealing.give(id, 'influencer', 'open_dispute', { reason: 'no answer' });
  known = (await dealing.deal(id)).version;
});

const origin = () => ({ now: dealing.clock.now.toISOString(), systemUserId: SYSTEM, correlationId: null });
const rule = (release_percent: number, reason = 'Two of three reels', identity = 'asha@ops') =>
  commandAsOperator(
    pool,
    { processId: id, known, on: 'resolve_dispute', data: { release_percent, reason }, identity },
    origin(),
  );
const commands = async () => (await dealing.steps(id)).slice(known).map(({ on }) => on);

test('a ruling that is asked for again, as after a crash behind its commit, was made once and is not refused', async () => {
  await rule(40);
  await rule(40, ' Two of three reels ');
  expect(await commands()).toEqual(['resolve_dispute']);
  await expect(rule(60)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
});

test('a ruling says who sent it, and the same one by somebody else is another', async () => {
  await rule(40);
  expect((await dealing.steps(id)).at(-1)).toMatchObject({
    by: 'admin',
    actor: null,
    data: { release_percent: 40, reason: 'Two of three reels', identity: 'asha@ops' },
  });
  await expect(rule(40, 'Two of three reels', 'ravi@ops')).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
});

test('a ruling that comes after the deadline is refused, and the deadline is applied', async () => {
  dealing.clock.now = new Date(deadlineOf(await dealing.deal(id)) ?? '');
  await expect(rule(100)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
  expect(await commands()).toEqual(['expire']);
  expect(await dealing.deal(id)).toMatchObject({ state: 'real_time' });
});
