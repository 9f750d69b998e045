import { expect, test } from 'vitest';
import { ASSETS, type Asset } from '../money.ts';
import { limitInTheWay, type Sending } from './limits.ts';

const DAY = 86_400_000;
const NOW = '2026-03-10T15:00:00.000Z';
const before = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();

const sending = (more: Partial<Sending> = {}): Sending => ({
  asset: 'TOKEN',
  amount: 1n,
  openedAt: before(DAY),
  now: NOW,
  sentToday: 0n,
  sentSinceFirst: 0n,
  firstAt: before(2 * DAY),
  percent: 100,
  ...more,
});

test('exactly what a day allows may be sent, and not one unit more', () => {
  expect(limitInTheWay(sending({ sentToday: 49_999n }))).toBeNull();
  expect(limitInTheWay(sending({ sentToday: 50_000n }))).toMatchObject({
    name: 'daily',
    allowed: 50_000n,
    used: 50_000n,
    retryAt: '2026-03-11T00:00:00.000Z',
  });
});

test.each([
  [0, 50_000n],
  [7 * DAY - 1, 50_000n],
  [7 * DAY, 250_000n],
  [30 * DAY - 1, 250_000n],
  [30 * DAY, 1_000_000n],
])('an account of %i ms may send so much a day', (age, allowed) => {
  const openedAt = before(age);
  expect(limitInTheWay(sending({ openedAt, sentToday: allowed - 1n }))).toBeNull();
  expect(limitInTheWay(sending({ openedAt, sentToday: allowed }))).toMatchObject({ name: 'daily', allowed });
});

test('somebody new is sent less until a day after the first time, to the millisecond', () => {
  const first = { firstAt: null, amount: 10_001n };
  expect(limitInTheWay(sending(first))).toMatchObject({ name: 'new_recipient', allowed: 10_000n, used: 0n });
  const cooling = { firstAt: before(DAY - 1), sentSinceFirst: 10_000n };
  expect(limitInTheWay(sending(cooling))).toMatchObject({ name: 'new_recipient', used: 10_000n });
  expect(limitInTheWay(sending({ ...cooling, firstAt: before(DAY) }))).toBeNull();
});

test('a refusal says what raises the limit, and a deployment may make more or less of all', () => {
  expect(limitInTheWay(sending({ sentToday: 50_000n }))?.raisedBy).toContain('7 days old');
  expect(limitInTheWay(sending({ sentToday: 50_000n, percent: 200 }))).toBeNull();
  expect(limitInTheWay(sending({ sentToday: 5_000n, percent: 10 }))).toMatchObject({ allowed: 5_000n });
});

test('there is a limit for every asset', () => {
  for (const asset of Object.keys(ASSETS) as Asset[]) {
    expect(limitInTheWay(sending({ asset, amount: 10n ** 15n })), asset).not.toBeNull();
    expect(limitInTheWay(sending({ asset, amount: 1n })), asset).toBeNull();
  }
});
