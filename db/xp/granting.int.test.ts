import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { XpAction } from '#workflows/xp/level.ts';
import { newUser } from '../deal/testing/dealing.ts';
import { createPool, type Pool } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Gain, grantXp } from './granting.ts';
import { changeXpRule } from './rules.ts';
import { standingOf } from './standing.ts';

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 8 });
});
afterAll(async () => {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
  await pool?.end();
});

const DAY = '2026-11-25';
const minute = (n: number, day = DAY) => new Date(Date.parse(`${day}T00:00:00.000Z`) + n * 60_000).toISOString();
const gain = (userId: string, action: XpAction, about: string): Gain => ({ userId, action, about, many: 1 });
const grant = (gains: Gain[], now: string) => pool.transaction((transaction) => grantXp(transaction, gains, now));
const xpOf = async (userId: string) => (await standingOf(pool, userId)).xp;

/** As who writes in a chat in that minute. */
const chat = (userId: string, n: number, day = DAY) => {
  const now = minute(n, day);
  return grant([gain(userId, 'chat', now.slice(0, 16))], now);
};

test('what it is about is granted once, however many say so at once', async () => {
  const user = await newUser(pool, 'influencer');
  await Promise.all(Array.from({ length: 12 }, () => chat(user, 1)));
  expect(await xpOf(user)).toBe(5);
  await grant([gain(user, 'chat', minute(1).slice(0, 16)), gain(user, 'chat', 'another')], minute(2));
  expect(await xpOf(user)).toBe(10);
});

test('a day grants so much of an action at most, and the next day begins anew', async () => {
  const user = await newUser(pool, 'influencer');
  for (let n = 0; n < 103; n += 1) await chat(user, n);
  expect(await xpOf(user)).toBe(500);
  // Of another action there is as much as before.
  await grant([gain(user, 'poll_vote', 'a poll')], minute(200));
  expect(await xpOf(user)).toBe(505);
  await chat(user, 0, '2026-11-26');
  expect(await xpOf(user)).toBe(510);
});

test('a rule that is off grants nothing from its instant on, and one that is back grants as it says then', async () => {
  const [user, admin] = [await newUser(pool, 'influencer'), await newUser(pool, 'admin')];
  const change = (to: { enabled?: boolean; points?: number }, now: string) =>
    pool.transaction((transaction) =>
      changeXpRule(transaction, 'poll_vote', { change: { ...to, why: 'A test' }, by: admin, now }),
    );
  await change({ enabled: false }, minute(10));
  await change({ enabled: true, points: 7 }, minute(20));
  for (const [n, xp] of [
    [9, 5],
    [10, 5],
    [19, 5],
    [20, 12],
  ] as const) {
    await grant([gain(user, 'poll_vote', `poll ${n}`)], minute(n));
    expect(await xpOf(user), `in minute ${n}`).toBe(xp);
  }
  await change({ points: 5 }, minute(30));
});

test('the first stream has a badge, once; a level that is reached is told once, with what there is by then', async () => {
  const user = await newUser(pool, 'influencer');
  const told = [];
  for (let n = 0; n < 6; n += 1) told.push(...(await grant([gain(user, 'stream_started', `stream ${n}`)], minute(n))));
  // Fifty each, of which a day has four.
  expect(await standingOf(pool, user)).toMatchObject({ xp: 200, badges: [{ code: 'first_stream' }] });
  expect(told.map(({ name, data }) => [name, (data as { xp?: number }).xp])).toEqual([
    ['badge_awarded', undefined],
    ['level_up', 100],
  ]);
});
