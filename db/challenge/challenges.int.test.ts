import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { seedGifts } from '../gift/catalogue.ts';
import { giveGift } from '../gift/giving.ts';
import { pollIn } from '../poll/testing/livePolls.ts';
import { vote } from '../poll/voting.ts';
import { createPool, type Pool } from '../pool.ts';
import { findProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import type { StreamRow } from '../stream/streams.ts';
import { liveStream, withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { openChallenge } from './challenges.ts';
import { noteLikes, noteProgress, progressOf, takeDue } from './counting.ts';
import { winReached } from './reaching.ts';
import { listUnrewarded, rewardChallenge } from './rewarding.ts';

let pool: Pool;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const origin = (ms: number) => ({ now: at(ms), systemUserId: SYSTEM, correlationId: null });
const LASTS = 600_000;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 10 });
  await seedGifts(pool, at(0));
});
afterAll(async () => {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
  await pool?.end();
});

const open = (stream: StreamRow, type: 'gifts' | 'likes' | 'votes', target: number, counter: number | null = null) =>
  pool.transaction((transaction) =>
    openChallenge(transaction, {
      ...{ creatorId: stream.creator_id, reward: null, counter, now: at(0) },
      opened: { stream_id: stream.id, type, target, lasts: LASTS },
    }),
  );

const give = (from: { id: string; handle: string }, stream: StreamRow, code: string, ms: number, quantity = 1) =>
  pool.transaction((transaction) =>
    giveGift(transaction, {
      ...{ from, stream, code, quantity, message: null, shareBps: 7_000, chance: 0 },
      now: at(ms),
    }),
  );

test('a gift that boosts lifts what is given after it, by its per cent and for its time', async () => {
  const stream = await liveStream(pool, at(0));
  const fan = await withTokens(pool, 1_000n, at(0));
  const id = await open(stream, 'gifts', 1_000);
  await give(fan, stream, 'CLAP', 1_000);
  // It lifts itself as well: 100 and a tenth.
  await give(fan, stream, 'ROCKET', 2_000);
  await give(fan, stream, 'CLAP', 61_999);
  await give(fan, stream, 'CLAP', 62_000);
  expect(await progressOf(pool, id)).toBe(10 + 110 + 11 + 10);
});

test('of reactions those count that came after it began, wherever the count of them stood, and also where it is lost', async () => {
  const stream = await liveStream(pool, at(0));
  const id = await open(stream, 'likes', 1_000, 40);
  const look = async (count: number, ms: number) => {
    const [due] = (await takeDue(pool, at(ms), 100)).filter((each) => each.id === id);
    if (due) await noteLikes(pool, due, count, at(ms));
    return progressOf(pool, id);
  };
  expect(await look(45, 0)).toBe(5);
  // Nobody looks twice within half a second.
  expect(await look(99, 499)).toBe(5);
  expect(await look(50, 500)).toBe(10);
  expect(await look(3, 1_000)).toBe(13);
});

test('of votes those count that were cast in its time, each person’s once in a poll, and they gain by it who cast one', async () => {
  const stream = await liveStream(pool, at(-10_000));
  const poll = await pollIn(pool, stream, at(-5_000), 900);
  const people = await Promise.all(Array.from({ length: 4 }, () => withTokens(pool, 0n, at(0))));
  const [early, changed, late, missed] = people.map(({ id }) => id) as [string, string, string, string];
  const cast = (id: string, option: number, ms: number) =>
    vote(pool, { id, isAdmin: false }, { pollId: poll, streamId: null, option, now: at(ms) });
  for (const id of [early, changed]) await cast(id, 0, -1_000);
  const challenge = await open(stream, 'votes', 2);
  expect(await progressOf(pool, challenge)).toBe(0);
  await cast(changed, 1, 1_000);
  expect(await progressOf(pool, challenge)).toBe(1);
  for (const [option, ms] of [
    [0, 2_000],
    [1, 3_000],
  ] as const) {
    await cast(late, option, ms);
  }
  expect(await progressOf(pool, challenge)).toBe(2);
  expect(await winReached(pool, challenge, origin(4_000))).toBe(true);
  await cast(missed, 0, 5_000);
  await pool.transaction((transaction) => rewardChallenge(transaction, challenge, at(6_000)));
  const gained = async (userId: string) =>
    (await listEvents(pool, userId, 0, 50)).filter(({ name }) => name === 'level_up').length;
  expect(await Promise.all([stream.creator_id, changed, late].map(gained))).toEqual([1, 1, 1]);
  expect(await Promise.all([early, missed].map(gained))).toEqual([0, 0]);
});

test('its room hears of what changed alone, and its creator of each quarter for good', async () => {
  const stream = await liveStream(pool, at(0));
  const fan = await withTokens(pool, 1_000n, at(0));
  const id = await open(stream, 'gifts', 40);
  const told: boolean[] = [];
  for (const [place, code] of ['ROSE', null, 'ROSE', 'ROSE', 'ROSE'].entries()) {
    const ms = 1_000 * (place + 1);
    if (code) await give(fan, stream, code, ms);
    const [due] = (await takeDue(pool, at(ms), 100)).filter((each) => each.id === id);
    if (due) told.push(await noteProgress(pool, due, await progressOf(pool, id)));
  }
  expect(told).toEqual([true, false, true, true, true]);
  const updates = (await listEvents(pool, stream.creator_id, 0, 50)).filter(({ name }) => name === 'challenge:update');
  expect(updates.map(({ data }) => (data as { progress: number }).progress)).toEqual([10, 20]);
});

test('one that came to its target in its last moment is won at its deadline, and one that did not is lost', async () => {
  const fan = await withTokens(pool, 1_000n, at(0));
  const ends = [];
  for (const ms of [LASTS - 1, LASTS]) {
    const stream = await liveStream(pool, at(0));
    const id = await open(stream, 'gifts', 10);
    await give(fan, stream, 'CLAP', ms);
    const stored = await findProcess(pool, id);
    if (stored) await expireIfDue(pool, stored, origin(LASTS));
    const { state, terms } = (await findProcess(pool, id))?.process ?? {};
    ends.push([state, (terms as { progress: number }).progress]);
  }
  expect(ends).toEqual([
    ['won', 10],
    ['lost', 0],
  ]);
});

test('it is won once however many look, and whoever gave in it gains by it once', async () => {
  const stream = await liveStream(pool, at(0));
  const [one, other] = [await withTokens(pool, 100n, at(0)), await withTokens(pool, 100n, at(0))];
  const id = await open(stream, 'gifts', 15);
  await give(one, stream, 'CLAP', 1);
  expect(await winReached(pool, id, origin(2))).toBe(false);
  await give(other, stream, 'ROSE', 3);
  const wins = await Promise.all(Array.from({ length: 6 }, () => winReached(pool, id, origin(4))));
  expect(wins.filter(Boolean)).toHaveLength(1);
  const reward = () => pool.transaction((transaction) => rewardChallenge(transaction, id, at(5)));
  await Promise.all([reward(), reward(), reward()]);
  expect((await listUnrewarded(pool, 100)).map((each) => each.id)).not.toContain(id);
  for (const userId of [stream.creator_id, one.id, other.id]) {
    const levels = (await listEvents(pool, userId, 0, 50)).filter(({ name }) => name === 'level_up');
    expect(levels).toHaveLength(1);
  }
});
