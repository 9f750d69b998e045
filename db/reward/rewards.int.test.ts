import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { listEvents } from '../event/outbox.ts';
import { spend } from '../money/wallets.ts';
import { blockUser } from '../people/blocks.ts';
import { createPool, type Pool, sql, type Transaction } from '../pool.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { like, unlike } from '../video/liking.ts';
import { share } from '../video/sharing.ts';
import { getVideo, insertVideo, type VideoRow } from '../video/videos.ts';
import { insertActs } from './acts.ts';
import { updateBudget } from './budget.ts';
import { collectAll, collectNext } from './collecting.ts';
import { correctRewards } from './corrections.ts';
import { deletePairs, deleteRefused, sumUpGranted } from './forgetting.ts';
import { changeRule, type RuleChange } from './rules.ts';
import { type Fans, newFans } from './testing/fans.ts';
import { RewardModel } from './testing/model.ts';

let pool: Pool;
let fans: Fans;
let admin: string;
let now = new Date('2026-03-01T12:00:00.000Z');

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  fans = await newFans(pool, 1_000);
  [admin = ''] = await newPeople(pool, 1);
}, 60_000);
afterAll(() => pool?.end());
afterEach(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

const at = () => now.toISOString();
const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1_000);
};
const collect = () => collectAll(pool, { now: at(), gatherMs: 0 });

async function newVideo(creatorId: string): Promise<VideoRow> {
  const id = uuid();
  const said = { title: 'Dance', description: '', category: 'general', media_url: 'https://media.example/a.mp4' };
  await insertVideo(pool, {
    ...{ ...said, id, creator_id: creatorId, creator_handle: '', duration_ms: 60_000, thumbnail_url: null },
    ...{ tags: [], ads: [], created_at: at() },
  });
  return getVideo(pool, id, creatorId);
}

/** A creator who may earn, with a video, and so many viewers who may. */
async function newScene(many: number): Promise<{ creator: string; viewers: string[]; video: VideoRow }> {
  const [creator = '', ...viewers] = await newPeople(pool, many + 1);
  await fans.follow(creator, 1_000);
  for (const viewer of viewers) await fans.followedBy(viewer, 100);
  return { creator, viewers, video: await newVideo(creator) };
}

const balanceRow = z.object({ owner_id: z.string(), balance: z.bigint() });
async function balancesOf(ids: readonly string[]): Promise<number[]> {
  const rows = await pool.any(sql.type(balanceRow)`
    SELECT owner_id, balance FROM ledger_accounts
    WHERE owner_id = ANY(${sql.array([...ids], 'uuid')}) AND kind = 'wallet' AND asset = 'LYK'
  `);
  const byId = new Map(rows.map(({ owner_id, balance }) => [owner_id, Number(balance)]));
  return ids.map((id) => byId.get(id) ?? 0);
}

const reasonRow = z.object({ refused: z.string().nullable() });
async function outcomesOf(userId: string): Promise<(string | null)[]> {
  const rows = await pool.any(sql.type(reasonRow)`SELECT refused FROM rewards WHERE user_id = ${userId} ORDER BY id`);
  return rows.map(({ refused }) => refused);
}

async function idsOf(userId: string): Promise<string[]> {
  const rows = await pool.anyFirst(sql.typeAlias('id')`
    SELECT id::text AS id FROM rewards WHERE user_id = ${userId} AND refused IS NULL ORDER BY rewards.id
  `);
  return [...rows];
}

const change = (action: 'video_liked' | 'like_received', rule: RuleChange) =>
  pool.transaction((transaction) =>
    changeRule(transaction, action, { change: rule, by: admin, why: 'A test', clock: () => now }),
  );

test('a thousand likes at once by forty people are forty, and each earns once, whoever collects meanwhile', async () => {
  const { creator, viewers, video } = await newScene(40);
  const likes = Array.from({ length: 1_000 }, (_, place) =>
    like(pool, { videoId: video.id, userId: viewers[place % 40] as string, now: at() }),
  );
  const collecting = Array.from({ length: 10 }, collect);
  expect((await Promise.all(likes)).filter(Boolean)).toHaveLength(40);
  await Promise.all(collecting);
  await collect();
  expect(await balancesOf([creator, ...viewers])).toEqual([4_000, ...viewers.map(() => 100)]);
}, 60_000);

class Killed extends Error {}

/** A pool whose transactions end at their n-th statement, as if the process had. */
function dyingAt(n: number): Pool {
  const transaction: Pool['transaction'] = (work) =>
    pool.transaction((inner) => {
      let asked = 0;
      const dying = new Proxy(inner, {
        get(target, name, receiver) {
          const value = Reflect.get(target, name, receiver) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            asked += 1;
            if (asked === n) throw new Killed();
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      });
      return work(dying as Transaction);
    });
  return { ...pool, transaction };
}

test('a collector that dies at any of its statements has done nothing, and the next does all of it once', async () => {
  const { creator, viewers, video } = await newScene(3);
  for (const userId of viewers) await like(pool, { videoId: video.id, userId, now: at() });
  let deaths = 0;
  for (let n = 1; ; n++) {
    const died = await collectNext(dyingAt(n), null, { now: at(), gatherMs: 0 }).then(
      () => false,
      (error) => {
        if (!(error instanceof Killed)) throw error;
        return true;
      },
    );
    if (!died) break;
    deaths += 1;
    expect(await balancesOf([creator, ...viewers])).toEqual([0, 0, 0, 0]);
    for (const id of [creator, ...viewers]) expect(await listEvents(pool, id, 0, 10)).toEqual([]);
  }
  expect(deaths).toBeGreaterThan(15);
  await collect();
  expect(await balancesOf([creator, ...viewers])).toEqual([300, 100, 100, 100]);
  const names = (await listEvents(pool, creator, 0, 100)).map(({ name }) => name);
  expect(names.filter((name) => name === 'points_earned')).toHaveLength(1);
}, 60_000);

test('what others do is gathered: the first comes at once, what follows in 10 s as one, and it comes to the same', async () => {
  const { creator, viewers, video } = await newScene(30);
  const likeBy = (place: number) => like(pool, { videoId: video.id, userId: viewers[place] as string, now: at() });
  const turn = () => collectAll(pool, { now: at() });
  await likeBy(0);
  await turn();
  expect(await balancesOf([creator])).toEqual([100]);
  for (let place = 1; place < 30; place++) {
    pass(0.3);
    await likeBy(place);
    await turn();
  }
  // Viewers had theirs each time.
  expect(await balancesOf([creator, viewers[29] as string])).toEqual([100, 100]);
  pass(2);
  await turn();
  expect(await balancesOf([creator])).toEqual([3_000]);
  const earned = (await listEvents(pool, creator, 0, 100)).filter(({ name }) => name === 'points_earned');
  expect(earned.map(({ data }) => (data as { data: object }).data)).toMatchObject([
    { points: 1, metadata: { totalLikes: 1 } },
    { points: 29, previousBalance: 1, newBalance: 30, metadata: { totalLikes: 29 } },
  ]);
}, 60_000);

test('eligibility is that of the moment: lost after the like it is paid, gained after it it is not', async () => {
  const { viewers, video } = await newScene(2);
  const [loses = '', gains = ''] = viewers;
  const follow = async (userId: string, many: number) => {
    await pool.query(sql.typeAlias('void')`
      WITH gone AS (DELETE FROM follows WHERE follower_id = ${userId} RETURNING followed_id), counted AS (
        UPDATE follow_counts SET followers = followers - 1 FROM gone WHERE user_id = followed_id
      )
      UPDATE follow_counts SET following = 0 WHERE user_id = ${userId}
    `);
    await fans.followedBy(userId, many);
  };
  await follow(gains, 99);
  for (const userId of [loses, gains]) await like(pool, { videoId: video.id, userId, now: at() });
  await follow(loses, 99);
  await follow(gains, 100);
  await collect();
  expect(await balancesOf([loses, gains])).toEqual([100, 0]);
  // Not earned is not used up: liking anew, with a hundred, earns.
  await pool.transaction((transaction) => unlike(transaction, { videoId: video.id, userId: gains, now: at() }));
  await like(pool, { videoId: video.id, userId: gains, now: at() });
  await collect();
  expect(await balancesOf([gains])).toEqual([100]);
  expect(await outcomesOf(gains)).toEqual(['not_eligible', null]);
});

test('a rule that changes in the middle is for what comes after; each award names its version', async () => {
  const { viewers, video } = await newScene(3);
  const [first = '', second = '', third = ''] = viewers;
  await like(pool, { videoId: video.id, userId: first, now: at() });
  pass(1);
  await change('video_liked', { points: 250n });
  pass(1);
  await like(pool, { videoId: video.id, userId: second, now: at() });
  pass(1);
  await change('video_liked', { enabled: false });
  pass(1);
  await like(pool, { videoId: video.id, userId: third, now: at() });
  await collect();
  expect(await balancesOf([first, second, third])).toEqual([100, 250, 0]);
  expect(await outcomesOf(third)).toEqual(['rule_disabled']);
  pass(1);
  await change('video_liked', { enabled: true, points: 100n });
});

test('self-likes, blocked people and what is over a cap or the budget earn nothing, each with its reason', async () => {
  const { creator, viewers, video } = await newScene(3);
  const [blocked = '', capped = ''] = viewers;
  await like(pool, { videoId: video.id, userId: creator, now: at() });
  await like(pool, { videoId: video.id, userId: blocked, now: at() });
  await pool.transaction((transaction) => blockUser(transaction, { userId: creator, otherId: blocked, now: at() }));
  pass(1);
  await change('video_liked', { dailyCap: 200n });
  pass(1);
  for (let many = 0; many < 3; many++) {
    await like(pool, { videoId: (await newVideo(creator)).id, userId: capped, now: at() });
  }
  await collect();
  expect(await outcomesOf(blocked)).toEqual(['blocked']);
  expect(await outcomesOf(capped)).toEqual([null, null, 'daily_cap']);
  expect((await outcomesOf(creator)).slice(0, 2)).toEqual(['self', 'self']);
  pass(1);
  await change('video_liked', { dailyCap: 50_000n, pairCap: 100n });
  // The next day has a budget of two likes, of both sides, and a cap by pair of one.
  pass(86_400);
  await updateBudget(pool, 300n);
  const next = await newScene(2);
  for (const userId of next.viewers) await like(pool, { videoId: next.video.id, userId, now: at() });
  await like(pool, { videoId: (await newVideo(next.creator)).id, userId: next.viewers[0] as string, now: at() });
  await collect();
  expect(await outcomesOf(next.viewers[0] as string)).toEqual([null, 'pair_cap']);
  expect((await outcomesOf(next.creator)).filter((reason) => reason === 'mint_budget').length).toBeGreaterThan(0);
  const all = await balancesOf([next.creator, ...next.viewers]);
  expect(all.reduce((sum, points) => sum + points, 0)).toBe(300);
  await updateBudget(pool, 100_000_000n);
  pass(86_400);
  await change('video_liked', { pairCap: 20_000n });
});

test('what was earned wrongly is taken back once; what was spent is a debt that the next awards pay', async () => {
  const { creator, viewers, video } = await newScene(1);
  const [cheat = ''] = viewers;
  await share(pool, video, { id: uuid(), userId: cheat, channel: null, now: at() });
  await collect();
  await pool.transaction((transaction) =>
    spend(transaction, { userId: cheat, action: 'purchase', amount: 150n, itemId: 'badge', itemName: null, now: at() }),
  );
  const rewardIds = await idsOf(cheat);
  const correct = () =>
    pool.transaction((transaction) =>
      correctRewards(transaction, { userId: cheat, rewardIds, reason: 'Bought shares', by: admin, now: at() }),
    );
  expect(await correct()).toEqual({ many: 1, points: 200n, taken: 50n, debt: 150n });
  expect(await correct()).toEqual({ many: 0, points: 0n, taken: 0n, debt: 150n });
  expect(await balancesOf([cheat])).toEqual([0]);
  await like(pool, { videoId: video.id, userId: cheat, now: at() });
  await collect();
  expect(await balancesOf([cheat])).toEqual([0]);
  await like(pool, { videoId: (await newVideo(creator)).id, userId: cheat, now: at() });
  await collect();
  expect(await balancesOf([cheat])).toEqual([50]);
  const events = (await listEvents(pool, cheat, 0, 100)).map(({ name }) => name);
  expect(events.filter((name) => name === 'wallet_update')).toHaveLength(1);
});

const STEP = fc.record({
  what: fc.constantFrom('like', 'unlike', 'share', 'view', 'collect', 'rule', 'day', 'gather'),
  viewer: fc.nat({ max: 3 }),
  video: fc.nat({ max: 2 }),
  points: fc.constantFrom(100, 200, 10),
});

test('whatever is done in whatever order, and whenever it is collected, balances are those of plain sums', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 10, maxLength: 40 }), async (steps) => {
      // Two may earn as viewers, one may not, and the last is the creator of the videos.
      const { creator, viewers, video } = await newScene(2);
      const [stranger = ''] = await newPeople(pool, 1);
      const people = [...viewers, stranger, creator];
      await fans.followedBy(creator, 100);
      const videos = [video, await newVideo(creator), await newVideo(creator)];
      const model = new RewardModel();
      const likes = new Set<string>();
      let points = 100;
      pass(1);
      await change('video_liked', { points: 100n, dailyCap: 300n, pairCap: 200n });
      const cap = (action: string) =>
        action === 'video_liked' ? { dailyCap: 300, pairCap: 200 } : { dailyCap: 50_000, pairCap: 20_000 };
      const noteBoth = (actor: number, target: string, both: [string, number, string, number], perDay = false) => {
        const [mine, worth, theirs, given] = both;
        const act = { actor, creator: 3, target, day: at().slice(0, 10) };
        model.act(
          { ...act, action: mine, earner: actor, eligible: actor !== 2 },
          { points: worth, ...cap(mine), perDay },
        );
        model.act({ ...act, action: theirs, earner: 3, eligible: true }, { points: given, ...cap(theirs), perDay });
      };
      for (const step of steps) {
        pass(1);
        const [userId, on] = [people[step.viewer] as string, videos[step.video] as VideoRow];
        const act = { actorId: userId, creatorId: creator, target: on.id, now: at() };
        if (step.what === 'like' && (await like(pool, { videoId: on.id, userId, now: at() }))) {
          likes.add(`${step.viewer} ${step.video}`);
          noteBoth(step.viewer, on.id, ['video_liked', points, 'like_received', 100]);
        } else if (step.what === 'unlike') {
          await pool.transaction((transaction) => unlike(transaction, { videoId: on.id, userId, now: at() }));
          likes.delete(`${step.viewer} ${step.video}`);
        } else if (step.what === 'share') {
          await share(pool, on, { id: uuid(), userId, channel: null, now: at() });
          noteBoth(step.viewer, on.id, ['video_shared', 200, 'share_received', 100]);
        } else if (step.what === 'view') {
          await insertActs(pool, [
            { ...act, action: 'video_viewed' },
            { ...act, action: 'view_received' },
          ]);
          noteBoth(step.viewer, on.id, ['video_viewed', 100, 'view_received', 10], true);
        } else if (step.what === 'rule') {
          points = step.points;
          await change('video_liked', { points: BigInt(points) });
        } else if (step.what === 'day') pass(86_400);
        else if (step.what === 'collect') await Promise.all([collect(), collect()]);
        else if (step.what === 'gather') await collectAll(pool, { now: at() });
      }
      await collect();
      expect(await balancesOf(people)).toEqual(people.map((_, place) => model.balances.get(place) ?? 0));
      expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
    }),
    { numRuns: 12 },
  );
  pass(1);
  await change('video_liked', { points: 100n, dailyCap: 50_000n, pairCap: 20_000n });
}, 240_000);

test('rows that are forgotten after their time leave their sums, and what is earned once for ever is known for ever', async () => {
  const { creator, viewers, video } = await newScene(3);
  const [first = '', cheat = ''] = viewers;
  const view = (userId: string) => {
    const act = { actorId: userId, creatorId: creator, target: video.id, now: at() };
    return insertActs(pool, [
      { ...act, action: 'video_viewed' },
      { ...act, action: 'view_received' },
    ]);
  };
  for (const userId of viewers) await like(pool, { videoId: video.id, userId, now: at() });
  // The second view of a day earns nothing.
  for (const userId of [...viewers, ...viewers]) await view(userId);
  await collect();
  const all = [creator, ...viewers];
  const had = await balancesOf(all);
  expect(had).toEqual([330, 200, 200, 200]);
  const [, viewed = ''] = await idsOf(cheat);
  const correction = { userId: cheat, rewardIds: [viewed], reason: 'A robot', by: admin, now: at() };
  await pool.transaction((transaction) => correctRewards(transaction, correction));
  const before = new Date(now.getTime() + 1_000).toISOString();
  for (const forget of [deleteRefused, sumUpGranted, deletePairs]) {
    // What the tests before have left as well, in several goes.
    while ((await forget(pool, { before, limit: 500, after: null })).rows > 0);
    expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  }
  expect(await outcomesOf(first)).toEqual([null]);
  // What was taken back is still there, beside the like.
  expect(await outcomesOf(cheat)).toEqual([null, null]);
  const summed = await pool.any(sql.type(z.object({ action: z.string(), points: z.bigint(), granted: z.int() }))`
    SELECT action, points, granted FROM reward_sums WHERE user_id = ${creator}
  `);
  expect(summed).toEqual([{ action: 'view_received', points: 30n, granted: 3 }]);
  pass(86_400);
  await pool.transaction((transaction) => unlike(transaction, { videoId: video.id, userId: first, now: at() }));
  await like(pool, { videoId: video.id, userId: first, now: at() });
  await view(first);
  await collect();
  expect(await balancesOf([creator, first])).toEqual([340, 300]);
});
