import { pino } from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listEvents } from '#db/event/outbox.ts';
import { createPool, type Pool } from '#db/pool.ts';
import { newFans } from '#db/reward/testing/fans.ts';
import { newPeople } from '#db/talk/testing/crowd.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { like } from '#db/video/liking.ts';
import { insertVideo } from '#db/video/videos.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { startRewards } from './rewards.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

test('two workers post what was earned once, tell a creator of the hundredth like, and end when they are asked to', async () => {
  const now = new Date().toISOString();
  const fans = await newFans(pool, 100);
  const [creator = '', ...viewers] = await newPeople(pool, 101);
  for (const viewer of viewers) await fans.followedBy(viewer, 100);
  const videoId = uuid();
  const said = { title: 'Dance', description: '', category: 'general', media_url: 'https://media.example/a.mp4' };
  await insertVideo(pool, {
    ...{ ...said, id: videoId, creator_id: creator, creator_handle: '', duration_ms: 60_000, thumbnail_url: null },
    ...{ tags: [], ads: [], created_at: now },
  });
  const rung = new Set<string>();
  const heardOfLikes = Promise.withResolvers<void>();
  const everybody = Promise.withResolvers<void>();
  const asked: Promise<void>[] = [];
  pool.onHeard((userIds) => {
    for (const id of userIds) rung.add(id);
    if (userIds.includes(creator)) {
      const look = listEvents(pool, creator, 0, 1_000).then((events) => {
        if (events.some(({ name, data }) => name === 'milestone_reached' && says(data, 'likes_100')))
          heardOfLikes.resolve();
      });
      asked.push(look);
    }
    if (viewers.every((id) => rung.has(id))) everybody.resolve();
  });
  const log = pino({ level: 'silent' });
  const options = { now: () => new Date(), pauseMs: 5, gatherMs: 50 };
  const workers = [startRewards(pool, log, options), startRewards(pool, log, options)];
  await Promise.all(viewers.map((userId) => like(pool, { videoId, userId, now })));
  await Promise.all([everybody.promise, heardOfLikes.promise]);
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all(asked);
  for (const viewer of viewers) {
    const names = (await listEvents(pool, viewer, 0, 100)).map(({ name }) => name);
    expect(names.filter((name) => name === 'points_earned')).toHaveLength(1);
  }
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

function says(data: unknown, id: string): boolean {
  return (data as { milestone: { id: string } }).milestone.id === id;
}
