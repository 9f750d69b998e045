import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool, sql } from './pool.ts';
import { type Dealing, newUser, startDealing } from './testing/dealing.ts';

let pool: Pool;
let dealing: Dealing;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  dealing = startDealing(pool, await newUser(pool, 'admin'));
});
afterAll(() => pool?.end());

test('a loss told of before its payment is known, and again after, is one loss and holds up nothing', async () => {
  const id = await dealing.open('campaign', await dealing.newPair());
  await dealing.give(id, 'brand_owner', 'accept_application');
  await dealing.give(id, 'brand_owner', 'accept_proposed_price');
  const orderId = await dealing.order(id);
  const payment = { paymentId: 'pay_lost', amount: '500000' };
  const lost = { ...payment, kind: 'charge_back_closed', reason: 'lost' } as const;

  await dealing.hear(lost);
  await dealing.book(null);
  await dealing.hear({ ...payment, kind: 'captured', orderId });
  await dealing.book(id);
  await dealing.hear(lost);
  await dealing.book(id);

  const { waiting, balance } = await pool.one(sql.type(z.object({ waiting: z.bigint(), balance: z.bigint() }))`
    SELECT (SELECT count(*) FROM inbox WHERE booked_at IS NULL) AS waiting,
      (SELECT balance FROM ledger_accounts WHERE code = 'charge_back/sandbox' AND asset = 'INR') AS balance
  `);
  expect({ waiting, balance }).toEqual({ waiting: 0n, balance: -500_000n });
});
