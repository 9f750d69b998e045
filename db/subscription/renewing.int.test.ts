import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { machineOf } from '#workflows/kinds.ts';
import { asSubscription } from '#workflows/subscription/terms.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { blockUser } from '../people/blocks.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import { withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { openSubscription } from './subscriptions.ts';
import { putTiers } from './tiers.ts';

let pool: Pool;
const BEGAN = '2026-01-31T09:00:00.000Z';
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 8 });
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

const price = (creatorId: string, tokens: number, now = BEGAN) =>
  pool.transaction((transaction) =>
    putTiers(transaction, creatorId, [{ code: 'gold', name: 'Gold', price: tokens, perks: [] }], now),
  );

/** Somebody with so many tokens, who has paid for a first month at 100. */
async function subscribed(tokens: bigint, giftTo: string | null = null) {
  const [creator, payer] = [await withTokens(pool, 0n, BEGAN), await withTokens(pool, tokens, BEGAN)];
  await price(creator.id, 100);
  const asked = { creatorId: creator.id, payerId: payer.id, giftTo, tier: 'gold', shareBps: 7_000, order: null };
  const { id } = await pool.transaction((transaction) => openSubscription(transaction, { ...asked, now: BEGAN }));
  return { id, creatorId: creator.id, payerId: payer.id };
}

async function standing(id: string) {
  const stored = await findProcess(pool, id);
  if (!stored) throw new Error('it is not there');
  return { stored, subscription: asSubscription(stored.process) };
}

/** What falls due until an instant is done then, by as many at once as there are. */
async function live(id: string, now: string, atOnce = 1): Promise<string> {
  for (;;) {
    const { stored } = await standing(id);
    const deadline = machineOf('subscription').deadlineOf(stored.process);
    if (deadline === null || deadline > now) return stored.process.state;
    const origin = { now, systemUserId: SYSTEM, correlationId: null };
    await Promise.all(Array.from({ length: atOnce }, () => expireIfDue(pool, stored, origin)));
  }
}

const tokensOf = async (userId: string) => (await balanceOf(pool, userId, 'TOKEN', BEGAN)).available;
const heardBy = async (userId: string) =>
  (await listEvents(pool, userId, 0, 100))
    .filter(({ name }) => name.startsWith('subscription:'))
    .map(({ name }) => name);
const monthsOf = (id: string) =>
  pool.anyFirst(sql.typeAlias('id')`
    SELECT month || ' for ' || price || ', ' || share || ' of it theirs' AS id FROM subscription_charges
    WHERE subscription_id = ${id} ORDER BY month
  `);

describe('a subscription', () => {
  test('is renewed on the day it began, or the last of the month: one charge each, however many come to it at once', async () => {
    const { id, creatorId, payerId } = await subscribed(300n);
    expect(await live(id, '2026-02-28T09:00:00.000Z', 6)).toBe('active');
    expect(await live(id, '2026-03-31T09:00:00.000Z', 6)).toBe('active');
    const { subscription } = await standing(id);
    expect(subscription.terms).toMatchObject({ months: 3, paid_until: '2026-04-30T09:00:00.000Z' });
    expect(await monthsOf(id)).toEqual(['1', '2', '3'].map((month) => `${month} for 100, 70 of it theirs`));
    expect([await tokensOf(payerId), await tokensOf(creatorId)]).toEqual([0n, 210n]);
    expect(await heardBy(payerId)).toEqual([
      ...['subscription:started', 'subscription:renews_soon', 'subscription:renewed'],
      ...['subscription:renews_soon', 'subscription:renewed'],
    ]);
    expect(await heardBy(creatorId)).toEqual(['subscription:started', 'subscription:renewed', 'subscription:renewed']);
  });

  test('that nobody could renew for a week is charged for one month, and for ten weeks for the one it is then', async () => {
    const week = await subscribed(1_000n);
    expect(await live(week.id, '2026-03-07T09:00:00.000Z', 4)).toBe('active');
    expect((await standing(week.id)).subscription.terms.paid_until).toBe('2026-03-31T09:00:00.000Z');
    expect(await tokensOf(week.payerId)).toBe(800n);
    const weeks = await subscribed(1_000n);
    await live(weeks.id, '2026-04-11T09:00:00.000Z', 4);
    expect((await standing(weeks.id)).subscription.terms).toMatchObject({
      months: 3,
      paid_until: '2026-04-30T09:00:00.000Z',
    });
    expect(await monthsOf(weeks.id)).toHaveLength(2);
    expect(await tokensOf(weeks.payerId)).toBe(800n);
  });

  test('costs what it was announced at: a price that rises after that is for the month after', async () => {
    const { id, creatorId, payerId } = await subscribed(1_000n);
    await price(creatorId, 150);
    await live(id, '2026-02-21T09:00:00.000Z');
    const soon = (await listEvents(pool, payerId, 0, 100)).find(({ name }) => name === 'subscription:renews_soon');
    expect(soon?.data).toMatchObject({ price: 150, before: 100, at: '2026-02-28T09:00:00.000Z' });
    await price(creatorId, 400);
    await live(id, '2026-02-28T09:00:00.000Z');
    expect(await tokensOf(payerId)).toBe(750n);
    await live(id, '2026-03-24T09:00:00.000Z');
    await live(id, '2026-03-31T09:00:00.000Z');
    expect(await tokensOf(payerId)).toBe(350n);
  });

  test('that cannot be paid for opens for three days more, is paid as soon as it can be, and else lapses', async () => {
    const saved = await subscribed(100n);
    expect(await live(saved.id, '2026-02-28T09:00:00.000Z')).toBe('past_due');
    const friend = await withTokens(pool, 100n, BEGAN);
    await transfer(pool, {
      ...{ key: `saves_${saved.id}`, reason: 'transfer', conversationId: null, occurredAt: BEGAN },
      legs: [
        { account: accounts.wallet(friend.id, 'TOKEN'), amount: -100n },
        { account: accounts.wallet(saved.payerId, 'TOKEN'), amount: 100n },
      ],
    });
    expect(await live(saved.id, '2026-02-28T21:00:00.000Z')).toBe('active');
    expect((await standing(saved.id)).subscription.terms.paid_until).toBe('2026-03-31T09:00:00.000Z');
    const lost = await subscribed(199n);
    expect(await live(lost.id, '2026-02-28T09:00:00.000Z')).toBe('past_due');
    expect(await live(lost.id, '2026-03-03T08:59:59.999Z')).toBe('past_due');
    expect(await live(lost.id, '2026-03-03T09:00:00.000Z')).toBe('lapsed');
    expect(await tokensOf(lost.payerId)).toBe(99n);
    expect((await heardBy(lost.payerId)).slice(2)).toEqual(['subscription:renewal_failed', 'subscription:lapsed']);
  });

  test('of a tier that is not sold any more, or between two who blocked each other, ends with its month', async () => {
    const [retired, blocked] = [await subscribed(500n), await subscribed(500n)];
    await pool.transaction((transaction) => putTiers(transaction, retired.creatorId, [], BEGAN));
    await pool.transaction((transaction) =>
      blockUser(transaction, { userId: blocked.creatorId, otherId: blocked.payerId, now: BEGAN }),
    );
    for (const { id, payerId } of [retired, blocked]) {
      expect(await live(id, '2026-02-21T09:00:00.000Z')).toBe('ending');
      expect(await live(id, '2026-02-28T09:00:00.000Z')).toBe('ended');
      expect(await tokensOf(payerId)).toBe(400n);
    }
  });

  test('that was a gift is paid for by its giver, ends by itself, and is charged no more', async () => {
    const fan = await withTokens(pool, 500n, BEGAN);
    const { id, payerId } = await subscribed(500n, fan.id);
    expect([await tokensOf(payerId), await tokensOf(fan.id)]).toEqual([400n, 500n]);
    expect(await live(id, '2026-02-28T08:59:59.999Z')).toBe('ending');
    expect(await live(id, '2026-02-28T09:00:00.000Z')).toBe('ended');
    expect([await tokensOf(payerId), await tokensOf(fan.id)]).toEqual([400n, 500n]);
  });

  test('is there once of two who ask in the same instant, and the other is told so and pays nothing', async () => {
    const [creator, payer] = [await withTokens(pool, 0n, BEGAN), await withTokens(pool, 1_000n, BEGAN)];
    await price(creator.id, 100);
    const asked = {
      creatorId: creator.id,
      payerId: payer.id,
      giftTo: null,
      tier: 'gold',
      shareBps: 7_000,
      order: null,
    };
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        pool.transaction((transaction) => openSubscription(transaction, { ...asked, now: BEGAN })),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
    expect(await tokensOf(payer.id)).toBe(900n);
  });
});
