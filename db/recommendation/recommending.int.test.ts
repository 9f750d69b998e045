import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { Recommendation, Recommended } from '#workflows/recommendation/contract.ts';
import { BEGINNING, WORLD } from '#workflows/recommendation/testing/planted.ts';
import { tip } from '../creator/tips.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { blockUser } from '../people/blocks.ts';
import { follow } from '../people/follows.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { like } from '../video/liking.ts';
import { deleteVideo, insertVideo } from '../video/videos.ts';
import { buildModel, type Outcome } from './building.ts';
import { gather } from './gathering.ts';
import { deletePages } from './pages.ts';
import { type Answered, createRecommender, type Recommender } from './recommending.ts';
import { type Settled, settle } from './testing/settle.ts';
import { findVersion } from './versions.ts';

// A planted world on a real database: built, served, changed.

const SMALL = { ...WORLD, people: 400, items: 240, circles: 6, creators: 24, deeds: 30 };
const NOW = new Date(BEGINNING + 61 * 86_400_000).toISOString();

let pool: Pool;
let settled: Settled;
let outcome: Outcome;
let recommender: Recommender;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  settled = await settle(pool, SMALL);
  outcome = await buildModel(pool, 'videos', { now: NOW });
  recommender = createRecommender(pool);
}, 120_000);
afterAll(() => pool?.end());

const page = (readerId: string, more: { kind?: Recommended; limit?: number; from?: Answered['next'] } = {}) =>
  recommender.recommend({ kind: 'videos', limit: 20, from: null, now: NOW, readerId, ...more });
const ids = ({ items }: Answered) => items.map(({ id }) => id);
const person = (place: number) => settled.people[place] as string;
const newcomer = async () => (await newPeople(pool, 1))[0] as string;

async function all(readerId: string, limit: number): Promise<Recommendation[]> {
  const found: Recommendation[] = [];
  let from: Answered['next'] = null;
  do {
    const answered: Answered = await page(readerId, { limit, from });
    found.push(...answered.items);
    from = answered.next;
  } while (from);
  return found;
}

const hours = (n: number) => new Date(Date.parse(NOW) + n * 3_600_000).toISOString();

async function newVideo(creatorId: string, category: string, tags: string[] = []): Promise<string> {
  const id = randomUUID();
  await insertVideo(pool, {
    ...{ id, creator_id: creatorId, title: 'New', description: '', duration_ms: 10_000, category, tags, ads: [] },
    ...{ media_url: 'https://media.example/new.mp4', thumbnail_url: null, created_at: NOW },
  });
  return id;
}

describe('on a planted structure', () => {
  test('a build finds it, says so on what was held out, and is what lists are served by', async () => {
    expect(outcome.blend).toBe('blended');
    expect(outcome.items).toBe(240);
    expect(outcome.people).toBe(400);
    expect(outcome.report.by.blended?.ndcg).toBeGreaterThan(outcome.report.by.popular?.ndcg as number);
    expect(await findVersion(pool, 'videos')).toBe(outcome.versionId);
  });

  test('a reader is served what their circles like, each with a reason, and nothing they know', async () => {
    const [reader] = [person(3)];
    const answered = await page(reader);
    expect(answered.items).toHaveLength(20);
    const known = await pool.anyFirst(sql.typeAlias('id')`
      SELECT video_id AS id FROM video_likes WHERE user_id = ${reader}
      UNION SELECT video_id FROM video_viewers WHERE user_id = ${reader}
    `);
    expect(ids(answered).filter((id) => known.includes(id))).toEqual([]);
    const chances = settled.world.chancesOf(3);
    const chanceOf = (id: string) => chances[settled.videos.indexOf(id)] as number;
    const mean = (of: number[]) => of.reduce((sum, each) => sum + each, 0) / of.length;
    const unknown = settled.videos.filter((id) => !known.includes(id));
    expect(mean(ids(answered).map(chanceOf))).toBeGreaterThan(1.5 * mean(unknown.map(chanceOf)));
    for (const { reasons } of answered.items) expect(reasons.length).toBeGreaterThan(0);
    expect(answered.items.some(({ source }) => source === 'personal')).toBe(true);
    const because = answered.items.flatMap(({ reasons }) => reasons.filter(({ code }) => code === 'because'));
    expect(because.length).toBeGreaterThan(0);
    for (const { text, about_id } of because) {
      expect(text).toMatch(/^Because you (liked|watched) “Video \d+”$/);
      expect(known).toContain(about_id);
    }
  });

  test('a like changes the next list, though no model is built meanwhile', async () => {
    const reader = await newcomer();
    const before = await page(reader);
    expect(before.items.every(({ source }) => ['popular', 'latest', 'explore'].includes(source))).toBe(true);
    const circle = settled.world.circleOf;
    const liked = settled.videos.filter((_, place) => circle[place] === 4).slice(0, 4);
    for (const videoId of liked) await like(pool, { videoId, userId: reader, now: NOW });
    const after = await page(reader);
    const ofCircle = (answered: Answered) =>
      ids(answered).filter((id) => circle[settled.videos.indexOf(id)] === 4).length;
    expect(ofCircle(after)).toBeGreaterThan(ofCircle(before));
    expect(after.items.some(({ source }) => source === 'personal')).toBe(true);
    expect(ids(after).filter((id) => liked.includes(id))).toEqual([]);
  });

  test('of one creator there are at most three in any twenty, and pages repeat nothing', async () => {
    const shown = await all(person(5), 15);
    expect(shown.length).toBeGreaterThan(45);
    expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length);
    const creatorOf = (id: string) => settled.world.items[settled.videos.indexOf(id)]?.creatorId ?? id;
    for (let from = 0; from < shown.length; from += 1) {
      const window = shown.slice(from, from + 20).map(({ id }) => creatorOf(id));
      for (const creator of window) expect(window.filter((each) => each === creator).length).toBeLessThanOrEqual(3);
    }
  });

  test('the same cursor gives the same page, and somebody else’s cursor or one that is ahead is refused', async () => {
    const first = await page(person(6));
    const second = await page(person(6), { from: first.next });
    expect(await page(person(6), { from: first.next })).toEqual(second);
    const twice = await Promise.all([1, 2].map(() => page(person(6), { from: second.next })));
    expect(twice[0]).toEqual(twice[1]);
    await expect(page(person(7), { from: first.next })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const ahead = { listId: first.next?.listId as string, n: 9 };
    await expect(page(person(6), { from: ahead })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('at once and without a build', () => {
  test('what is deleted, hidden, blocked or watched is gone, from a page that was handed out too', async () => {
    const reader = person(8);
    const first = await page(reader);
    const second = await page(reader, { from: first.next });
    const creators = new Map<string, string>();
    for (const { id } of second.items) {
      const found = await pool.oneFirst(sql.typeAlias('id')`SELECT creator_id AS id FROM videos WHERE id = ${id}`);
      creators.set(id, found);
    }
    const [deleted, blocked, hidden, seen] = [...new Map([...creators].map(([id, by]) => [by, id])).values()];
    const by = (id: string | undefined) => creators.get(id as string) as string;
    await pool.transaction((transaction) => deleteVideo(transaction, deleted as string, by(deleted), NOW));
    await pool.transaction((transaction) => blockUser(transaction, { userId: by(blocked), otherId: reader, now: NOW }));
    await pool.query(sql.typeAlias('void')`UPDATE users SET private = true WHERE id = ${by(hidden)}`);
    await pool.query(sql.typeAlias('void')`
      INSERT INTO video_viewers (video_id, user_id) VALUES (${seen as string}, ${reader})
    `);
    const gone = (id: string) => id === deleted || id === seen || by(id) === by(blocked) || by(id) === by(hidden);
    const again = await page(reader, { from: first.next });
    expect(ids(again)).toEqual(ids(second).filter((id) => !gone(id)));
    const anew = await all(reader, 50);
    const theirs = new Set(
      await pool.anyFirst(sql.typeAlias('id')`
        SELECT id FROM videos WHERE creator_id = ${by(blocked)} OR creator_id = ${by(hidden)}
      `),
    );
    expect(anew.filter(({ id }) => id === deleted || id === seen || theirs.has(id))).toEqual([]);
    await pool.query(sql.typeAlias('void')`UPDATE users SET private = false WHERE id = ${by(hidden)}`);
  });

  test('a new video is shown by its labels to who likes such, and a newcomer is told what is new or popular', async () => {
    const reader = await newcomer();
    const creatorId = settled.creators[0] as string;
    for (let n = 0; n < 3; n += 1) {
      await like(pool, { videoId: await newVideo(creatorId, 'Yodelling', ['alps']), userId: reader, now: NOW });
    }
    const wanted = await newVideo(settled.creators[1] as string, 'yodelling', ['Alps']);
    const answered = await page(reader);
    const found = answered.items.find(({ id }) => id === wanted);
    expect(found).toBeDefined();
    const other = await page(await newcomer());
    expect(other.items).toHaveLength(20);
    for (const { source, reasons } of other.items) {
      expect(['popular', 'latest', 'explore']).toContain(source);
      expect(reasons[0]?.code).toBe(source);
    }
  });

  test('a creator who is followed is a reason for their videos', async () => {
    const reader = await newcomer();
    const creatorId = settled.creators[2] as string;
    await pool.transaction((transaction) => follow(transaction, { userId: reader, otherId: creatorId, now: NOW }));
    const answered = await page(reader);
    const texts = answered.items.flatMap(({ reasons }) => reasons.map(({ text }) => text));
    expect(texts.some((text) => text.startsWith('Because you follow '))).toBe(true);
  });
});

describe('creators', () => {
  test('are recommended by who follows, tips and likes whom, and who is followed or asked is not shown again', async () => {
    const reader = person(9);
    const built = await buildModel(pool, 'creators', { now: NOW });
    expect(built.items).toBeGreaterThanOrEqual(settled.creators.length);
    const first = await page(reader, { kind: 'creators', limit: 5 });
    expect(first.items).toHaveLength(5);
    expect(ids(first)).not.toContain(reader);
    const [followed, tipped] = ids(first) as [string, string];
    await pool.transaction((transaction) => follow(transaction, { userId: reader, otherId: followed, now: NOW }));
    await pool.transaction((transaction) =>
      transfer(transaction, {
        ...{ key: 'given', reason: 'test_money', conversationId: null, occurredAt: NOW },
        legs: [
          { account: accounts.issuance('TOKEN'), amount: -10n },
          { account: accounts.wallet(reader, 'TOKEN'), amount: 10n },
        ],
      }),
    );
    await pool.transaction((transaction) =>
      tip(transaction, {
        ...{ creatorId: tipped, senderId: reader, asset: 'TOKEN', amount: 5n, message: null, now: NOW, percent: 100 },
      }),
    );
    const again = await page(reader, { kind: 'creators', limit: 100 });
    expect(ids(again)).not.toContain(followed);
    const own = await gather(pool, 'creators');
    expect(own.deeds.size).toBeGreaterThan(1_000);
  });
});

describe('builds', () => {
  test('what is not whole is read by nobody, older ones are forgotten, and a newer one is served within seconds', async () => {
    const unfinished = randomUUID();
    await pool.query(sql.typeAlias('void')`
      INSERT INTO recommendation_versions (id, kind, built_at, blend, rank, gram, items, people, deeds, report)
      VALUES (${unfinished}, 'videos', ${NOW}, 'popular', 0, ''::bytea, 9, 0, 0, '{}')
    `);
    expect(await findVersion(pool, 'videos')).not.toBe(unfinished);
    const [second, third] = [
      await buildModel(pool, 'videos', { now: hours(1) }),
      await buildModel(pool, 'videos', { now: hours(2) }),
    ];
    expect(await findVersion(pool, 'videos')).toBe(third.versionId);
    const left = await pool.anyFirst(sql.typeAlias('id')`
      SELECT id FROM recommendation_versions WHERE kind = 'videos' ORDER BY id
    `);
    expect([...left].sort()).toEqual([second.versionId, third.versionId].sort());
    expect((await page(person(10))).items).toHaveLength(20);
  });

  test('a list is kept for a while, and its cursor refused after that', async () => {
    const { next } = await page(person(11));
    const forget = (before: string) => deletePages(pool, { before, limit: 5_000, after: null });
    expect((await forget(hours(-1))).rows).toBe(0);
    expect(await page(person(11), { from: next })).toMatchObject({ items: { length: 20 } });
    expect((await forget(hours(1))).rows).toBeGreaterThan(1);
    await expect(page(person(11), { from: next })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('memory is bounded: the newest things and so many deeds are taken, and it is said', async () => {
    const bounded = await gather(pool, 'videos', { items: 100, each: 10, deeds: 500 });
    expect(bounded.items).toHaveLength(100);
    expect(bounded.deeds.size).toBeLessThan(500 + 200 * 10);
    expect(bounded.bounded).toBe(true);
  });
});

test('of noise a build serves what is popular, and keeps no factors', async () => {
  const noisy = createPool(await createTestDatabase());
  try {
    const { people } = await settle(noisy, { ...SMALL, noise: 1 });
    const { blend, versionId, report } = await buildModel(noisy, 'videos', { now: NOW });
    expect(report.people).toBeGreaterThan(100);
    expect(blend).toBe('popular');
    const factors = await noisy.exists(sql.typeAlias('void')`
      SELECT FROM recommendation_items WHERE version_id = ${versionId} AND factors <> ''::bytea
    `);
    expect(factors).toBe(false);
    const served = createRecommender(noisy);
    const readerId = people[0] as string;
    const { items } = await served.recommend({ kind: 'videos', limit: 20, from: null, now: NOW, readerId });
    expect(items).toHaveLength(20);
    for (const { source } of items) expect(['popular', 'latest', 'explore']).toContain(source);
  } finally {
    await noisy.end();
  }
}, 120_000);

test('where nothing was ever built, what is latest is shown', async () => {
  const bare = createPool(await createTestDatabase());
  try {
    const [creator, reader] = await newPeople(bare, 2);
    const id = randomUUID();
    await insertVideo(bare, {
      ...{
        id,
        creator_id: creator as string,
        title: 'First',
        description: '',
        duration_ms: 10_000,
        category: 'a',
        tags: [],
      },
      ...{ ads: [], media_url: 'https://media.example/new.mp4', thumbnail_url: null, created_at: NOW },
    });
    const served = createRecommender(bare);
    const { items, next } = await served.recommend({
      ...{ kind: 'videos', limit: 20, from: null, now: NOW, readerId: reader as string },
    });
    expect(items).toMatchObject([{ id, source: 'latest', reasons: [{ code: 'latest' }] }]);
    expect(next).toBeNull();
    expect((await buildModel(bare, 'videos', { now: NOW })).blend).toBe('popular');
  } finally {
    await bare.end();
  }
});
