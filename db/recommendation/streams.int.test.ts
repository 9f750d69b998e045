import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { blockUser } from '../people/blocks.ts';
import { follow, unfollow } from '../people/follows.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { removePerson } from '../stream/chat.ts';
import { noteMinute } from '../stream/minutes.ts';
import type { StreamRow } from '../stream/streams.ts';
import { archivedStream, liveStream } from '../stream/testing/live.ts';
import { noteViewers } from '../stream/viewing.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { type Answered, createRecommender, type Recommender } from './recommending.ts';

// Streams that are live, as they are recommended: on a real database.

let pool: Pool;
let recommender: Recommender;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
const NOW = at(0);

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 24 });
});
afterAll(() => pool?.end());
// What was on air for the test before is over, and what each has in memory is its own.
beforeEach(async () => {
  await pool.query(sql.typeAlias('void')`UPDATE streams SET silent_since = ${NOW}::timestamptz WHERE status = 'live'`);
  recommender = createRecommender(pool);
});

type Six = [StreamRow, StreamRow, StreamRow, StreamRow, StreamRow, StreamRow];

const page = (readerId: string, from: Answered['next'] = null, limit = 20) =>
  recommender.recommend({ kind: 'streams', limit, from, now: NOW, readerId });
const ids = ({ items }: Answered) => items.map(({ id }) => id);
const newPerson = async () => (await newPeople(pool, 1))[0] as string;

async function onAir(category: string, more: { viewers?: number; visibility?: string } = {}): Promise<StreamRow> {
  const stream = await liveStream(pool, NOW);
  const { viewers = 0, visibility = 'public' } = more;
  await pool.query(sql.typeAlias('void')`
    UPDATE streams SET category = ${category}, visibility = ${visibility} WHERE process_id = ${stream.id}
  `);
  if (viewers > 0) await noteViewers(pool, [{ id: stream.id, viewers }], NOW);
  return stream;
}

const follows = (userId: string, { creator_id: otherId }: StreamRow) =>
  pool.transaction((transaction) => follow(transaction, { userId, otherId, now: NOW }));

/** Somebody was in a stream for so many minutes. */
async function watched(userId: string, { id: streamId }: StreamRow, minutes: number): Promise<void> {
  for (let turn = 0; turn <= minutes; turn += 1) await noteMinute(pool, [{ streamId, userIds: [userId] }], at(turn));
}

describe('streams that are live', () => {
  test('of whom one follows come first, then of what one watches, each with its reason', async () => {
    const reader = await newPerson();
    const [news, chess, yodelling] = [await onAir('news'), await onAir('chess'), await onAir('yodelling')];
    const before = await onAir('Chess');
    await watched(reader, before, 4);
    await follows(reader, yodelling);
    const answered = await page(reader);
    expect(ids(answered)).toEqual([yodelling.id, chess.id, news.id]);
    const [first, second, third] = answered.items;
    expect(first).toMatchObject({
      source: 'labels',
      reasons: [
        { code: 'because', text: expect.stringMatching(/^Because you follow /), about_id: yodelling.creator_id },
      ],
    });
    expect(second).toMatchObject({ source: 'labels', reasons: [{ code: 'about', text: 'You like chess' }] });
    expect(third?.reasons).toHaveLength(1);
  });

  test('are shown to who did nothing yet by how many watch', async () => {
    const [quiet, loud, some] = [
      await onAir('a'),
      await onAir('b', { viewers: 900 }),
      await onAir('c', { viewers: 30 }),
    ];
    const { items } = await page(await newPerson());
    expect(items.map(({ id }) => id)).toEqual([loud.id, some.id, quiet.id]);
    expect(items.map(({ source }) => source)).toEqual(['popular', 'popular', 'latest']);
    for (const { reasons, source } of items) expect(reasons[0]?.code).toBe(source);
  });

  test('are there from the moment they begin, and gone the moment they end, from pages that were handed out too', async () => {
    const reader = await newPerson();
    const [one, other, third] = [await onAir('a'), await onAir('b'), await onAir('c')];
    const first = await page(reader, null, 1);
    const second = await page(reader, first.next, 2);
    expect(new Set([...ids(first), ...ids(second)])).toEqual(new Set([one.id, other.id, third.id]));
    const [ends] = ids(second);
    const ended = [one, other, third].find(({ id }) => id === ends) as StreamRow;
    await archivedStream(pool, ended, NOW);
    expect(ids(await page(reader, first.next, 2))).not.toContain(ended.id);
    const begun = await onAir('d');
    const anew = ids(await page(reader));
    expect(anew).toContain(begun.id);
    expect(anew).not.toContain(ended.id);
  });

  test('of who blocked or was blocked, went away, put one out or sends no pictures, are shown no more', async () => {
    const reader = await newPerson();
    const all: StreamRow[] = [];
    for (let n = 0; n < 6; n += 1) all.push(await onAir(`${n}`));
    const [blocks, blocked, hidden, out, silent, stays] = all as Six;
    expect(new Set(ids(await page(reader)))).toEqual(new Set(all.map(({ id }) => id)));
    const block = (userId: string, otherId: string) =>
      pool.transaction((transaction) => blockUser(transaction, { userId, otherId, now: NOW }));
    await block(blocks.creator_id, reader);
    await block(reader, blocked.creator_id);
    await pool.query(sql.typeAlias('void')`UPDATE users SET private = true WHERE id = ${hidden.creator_id}`);
    const removal = { streamId: out.id, userId: reader, until: null, by: out.creator_id, now: NOW };
    await pool.transaction((transaction) => removePerson(transaction, removal));
    await pool.query(sql.typeAlias('void')`
      UPDATE streams SET silent_since = ${NOW}::timestamptz WHERE process_id = ${silent.id}
    `);
    expect(ids(await page(reader))).toEqual([stays.id]);
  });

  test('are shown to whom they are for: followers, subscribers, and never to their creators', async () => {
    const reader = await newPerson();
    const [followers, subscribers] = [
      await onAir('a', { visibility: 'followers' }),
      await onAir('b', { visibility: 'subscribers' }),
    ];
    expect(ids(await page(reader))).toEqual([]);
    await follows(reader, followers);
    expect(ids(await page(reader))).toEqual([followers.id]);
    await pool.transaction((transaction) =>
      unfollow(transaction, { userId: reader, otherId: followers.creator_id, now: NOW }),
    );
    expect(ids(await page(reader))).toEqual([]);
    expect(ids(await page(subscribers.creator_id))).toEqual([]);
  });

  test('that one has watched long enough to know are not shown again, and those one left at once are', async () => {
    const reader = await newPerson();
    const [known, left] = [await onAir('a'), await onAir('b')];
    await watched(reader, known, 3);
    await watched(reader, left, 1);
    expect(ids(await page(reader))).toEqual([left.id]);
  });
});
