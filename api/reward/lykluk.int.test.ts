import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collectAll } from '#db/reward/collecting.ts';
import { type Fans, newFans } from '#db/reward/testing/fans.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { eventOf } from '#realtime/catalogue.ts';
import { expectOrder, type Json, newTalker, ok, refused, signInAgain, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

// The checklists of LykLuk's document, line by line: each is what its own frontend is to see.

let api: TestApp;
let fans: Fans;
let creator: Talker;
let viewer: Talker;
let video: Json;
let count = 0;

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  fans = await newFans(api.deps.pool, 1_000);
}, 60_000);
afterAll(() => api.close());
afterEach(() => expectOrder(api));

const newPerson = () => newTalker(api, `lykluk-${count++}`);
const collect = () => collectAll(api.deps.pool, { now: api.clock.now.toISOString(), gatherMs: 0 });
const pass = (seconds: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};

async function newVideo(by: Talker, fields: object = {}): Promise<Json> {
  const media_url = 'https://media.example/dance.mp4';
  const { video: posted } = await ok(
    by.post('/api/videos', { title: 'Amazing Dance', duration_seconds: 40, media_url, ...fields }),
  );
  return posted;
}

async function newViewer(following = 100): Promise<Talker> {
  const person = await newPerson();
  if (following > 0) await fans.followedBy(person.id, following);
  return person;
}

async function newCreator(followers = 1_000): Promise<Talker> {
  const person = await newPerson();
  await fans.follow(person.id, followers);
  return person;
}

/** A creator who may earn, one who may as a viewer, and a video; what its upload earned is told. */
async function newScene(): Promise<void> {
  [creator, viewer] = [await newCreator(), await newViewer()];
  video = await newVideo(creator);
  await collect();
}

async function earned(by: Talker): Promise<Json[]> {
  await collect();
  const events = await by.heard('points_earned');
  for (const { data } of events) expect(eventOf('points_earned')?.schema.safeParse(data).error).toBeUndefined();
  return events.map(({ data }) => data);
}

const balance = async (who: Talker): Promise<string> =>
  (await ok(who.get(`/api/wallet/${who.id}/balance`))).balances.find(({ asset }: Json) => asset === 'LYK')?.available ??
  '0.00';

async function watch(who: Talker, on: Json, seconds: number): Promise<Json> {
  const { watch_id } = await ok(who.post(`/api/videos/${on.id}/view`));
  pass(seconds);
  return ok(who.post(`/api/videos/${on.id}/watch/${watch_id}/beat`, { position_seconds: seconds }));
}

const like = (who: Talker) => ok(who.post(`/api/videos/${video.id}/like`));
const unlike = (who: Talker) => ok(who.call('DELETE', `/api/videos/${video.id}/like`));
const comment = (who: Talker, text = 'Beautiful') => ok(who.post(`/api/videos/${video.id}/comments`, { text }));

describe('Viewer Earnings (100+ following required)', () => {
  test('User with 100+ following likes video → receives +1 LykCoin', async () => {
    await newScene();
    await like(viewer);
    expect(await earned(viewer)).toEqual([
      {
        type: 'points_earned',
        eventType: 'wallet:points:earned',
        recipientIds: [viewer.id],
        data: {
          userId: viewer.id,
          action: 'video_liked',
          points: 1,
          newBalance: 1,
          previousBalance: 0,
          reason: 'Liked a video',
          timestamp: api.clock.now.toISOString(),
          metadata: {
            videoId: video.id,
            videoTitle: 'Amazing Dance',
            userType: 'viewer',
            rewardId: expect.any(String),
          },
        },
      },
    ]);
  });

  test('User with 100+ following views video → receives +1 LykCoin', async () => {
    await newScene();
    expect(await watch(viewer, video, 5)).toEqual({ counted: true, watched_seconds: 5, viewed: true });
    expect(await earned(viewer)).toMatchObject([{ data: { action: 'video_viewed', points: 1, newBalance: 1 } }]);
    // Once a day, and again on the next.
    await watch(viewer, video, 5);
    expect(await earned(viewer)).toHaveLength(1);
    pass(24 * 60 * 60);
    viewer = await signInAgain(api, viewer);
    await watch(viewer, video, 5);
    expect(await earned(viewer)).toHaveLength(2);
  });

  test('User with 100+ following shares video → receives +2 LykCoins', async () => {
    await newScene();
    await ok(viewer.post(`/api/videos/${video.id}/share`, { channel: 'whatsapp' }));
    expect(await earned(viewer)).toMatchObject([{ data: { action: 'video_shared', points: 2, newBalance: 2 } }]);
  });

  test('User with 100+ following comments → receives +2 LykCoins', async () => {
    await newScene();
    await comment(viewer);
    await comment(viewer, 'Twice');
    expect(await earned(viewer)).toMatchObject([{ data: { action: 'comment_posted', points: 2, newBalance: 2 } }]);
  });

  test('User with <100 following → receives NO LykCoins', async () => {
    await newScene();
    viewer = await newViewer(99);
    await like(viewer);
    await watch(viewer, video, 5);
    await ok(viewer.post(`/api/videos/${video.id}/share`));
    await comment(viewer);
    expect(await earned(viewer)).toEqual([]);
    expect(await balance(viewer)).toBe('0.00');
    const { rewards } = await ok(viewer.get('/api/rewards/why'));
    expect(rewards.map(({ reason }: Json) => reason)).toEqual(Array(4).fill('not_eligible'));
  });
});

describe('Creator Earnings (1000+ followers required)', () => {
  test('Creator with 1000+ followers uploads video → receives +5 LykCoins', async () => {
    await newScene();
    expect(await earned(creator)).toMatchObject([
      {
        data: {
          action: 'video_uploaded',
          points: 5,
          newBalance: 5,
          metadata: { videoId: video.id, userType: 'creator' },
        },
      },
    ]);
  });

  test("Creator's video gets 1 like → receives +1 LykCoin", async () => {
    await newScene();
    await like(viewer);
    expect((await earned(creator)).at(-1)).toMatchObject({
      data: {
        action: 'like_received',
        points: 1,
        newBalance: 6,
        previousBalance: 5,
        reason: 'Your video received a like',
        metadata: { videoId: video.id, totalLikes: 1, userType: 'creator' },
      },
    });
  });

  test("Creator's video gets 1 view → receives +0.1 LykCoin", async () => {
    await newScene();
    await watch(viewer, video, 5);
    expect((await earned(creator)).at(-1)).toMatchObject({
      data: { action: 'view_received', points: 0.1, newBalance: 5.1, previousBalance: 5, metadata: { totalViews: 1 } },
    });
  });

  test("Creator's video gets 1 share → receives +1 LykCoin", async () => {
    await newScene();
    await ok(viewer.post(`/api/videos/${video.id}/share`));
    expect((await earned(creator)).at(-1)).toMatchObject({
      data: { action: 'share_received', points: 1, newBalance: 6 },
    });
  });

  test('Creator with <1000 followers → receives NO LykCoins', async () => {
    [creator, viewer] = [await newCreator(999), await newViewer()];
    video = await newVideo(creator);
    await like(viewer);
    await watch(viewer, video, 5);
    await ok(viewer.post(`/api/videos/${video.id}/share`));
    expect(await earned(creator)).toEqual([]);
    expect(await balance(creator)).toBe('0.00');
  });
});

describe('General', () => {
  test('Frontend shows "+X LykCoin ✨": the points of an act are a number, to the tenth', async () => {
    await newScene();
    const viewers = await Promise.all(Array.from({ length: 3 }, () => newPerson()));
    const begun = await Promise.all(
      viewers.map(async (who) => ({ who, ...(await ok(who.post(`/api/videos/${video.id}/view`))) })),
    );
    pass(5);
    for (const { who, watch_id } of begun) {
      await ok(who.post(`/api/videos/${video.id}/watch/${watch_id}/beat`, { position_seconds: 5 }));
    }
    // Three tenths, gathered into one, as the document's second example has a thousand.
    expect((await earned(creator)).at(-1)).toMatchObject({
      type: 'points_earned',
      data: {
        action: 'view_received',
        points: 0.3,
        newBalance: 5.3,
        reason: 'Your video received 3 views',
        metadata: { videoId: video.id, videoTitle: 'Amazing Dance', totalViews: 3, userType: 'creator' },
      },
    });
  });

  test('a like is told to the creator as a notification and to both as points, and an unlike takes the first back', async () => {
    await newScene();
    await like(viewer);
    await collect();
    const told = (await creator.heard('notification')).map(({ data }) => data);
    expect(told).toMatchObject([
      {
        type: 'video_like',
        recipientIds: [creator.id],
        data: { actorId: viewer.id, actorUsername: viewer.handle, videoId: video.id },
      },
    ]);
    await unlike(viewer);
    expect(await creator.heard('notification_withdrawn')).toHaveLength(1);
    // One that is taken back before it was told of is told to nobody.
    const other = await newViewer();
    await like(other);
    await unlike(other);
    await collect();
    expect(await creator.heard('notification')).toHaveLength(1);
  });
});

describe('Wallet Events', () => {
  test('User likes video → receives `points_earned` event', async () => {
    await newScene();
    await like(viewer);
    expect(await earned(viewer)).toHaveLength(1);
    const names = (await viewer.heard()).map(({ name }) => name);
    expect(names).toEqual(['balance_update', 'transaction_complete', 'points_earned', 'reward_earned']);
  });

  test('Frontend shows +1 LYK animation: what Softchat’s page listens for comes from the same fact', async () => {
    await newScene();
    await like(viewer);
    const [points] = await earned(viewer);
    const [reward] = await viewer.heard('reward_earned');
    expect(reward?.data).toMatchObject({
      userId: viewer.id,
      reward: {
        id: points.data.metadata.rewardId,
        action: 'video_liked',
        points: 1,
        newBalance: 1,
        targetId: video.id,
      },
    });
  });

  test('Wallet balance updates correctly', async () => {
    await newScene();
    await like(viewer);
    await comment(viewer);
    await ok(viewer.post(`/api/videos/${video.id}/share`));
    const events = await earned(viewer);
    // Each from where the one before it led.
    expect(events.map(({ data }) => [data.previousBalance, data.newBalance])).toEqual([
      [0, 1],
      [1, 3],
      [3, 5],
    ]);
    expect(await balance(viewer)).toBe('5.00');
    const [update] = await viewer.heard('balance_update');
    expect(update?.data).toMatchObject({ balance: { asset: 'LYK', available: '5.00' } });
  });

  test("Multiple rapid actions don't duplicate points", async () => {
    await newScene();
    await Promise.all(Array.from({ length: 40 }, () => like(viewer)));
    await unlike(viewer);
    const [state] = await Promise.all([like(viewer), collect(), collect()]);
    expect(state.counts.likes).toBe(1);
    expect((await earned(viewer)).map(({ data }) => data.action)).toEqual(['video_liked']);
    expect(await balance(viewer)).toBe('1.00');
    expect(await balance(creator)).toBe('6.00');
    const { rewards, rule } = await ok(viewer.get(`/api/rewards/why?action=video_liked&target_id=${video.id}`));
    expect(rewards.map(({ status, reason }: Json) => [status, reason])).toEqual([
      ['refused', 'already_earned'],
      ['granted', null],
    ]);
    expect(rule).toMatchObject({ version: 1, points: '1.00', needs: { following: 100 } });
  });

  test('Points deduction works for purchases', async () => {
    await newScene();
    await comment(viewer);
    await collect();
    await ok(
      viewer.post(`/api/wallet/${viewer.id}/spend`, {
        ...{ action: 'purchase', points: 1.5, item_id: 'badge_premium', item_name: 'Premium Badge' },
      }),
    );
    const [deducted] = await viewer.heard('points_deducted');
    expect(deducted?.data).toMatchObject({
      type: 'points_deducted',
      eventType: 'wallet:points:deducted',
      recipientIds: [viewer.id],
      data: {
        action: 'purchase',
        points: 1.5,
        newBalance: 0.5,
        previousBalance: 2,
        metadata: { itemName: 'Premium Badge' },
      },
    });
  });

  test('Balance never goes negative', async () => {
    await newScene();
    await like(viewer);
    await collect();
    const spend = (points: number) =>
      viewer.post(`/api/wallet/${viewer.id}/spend`, { action: 'purchase', points, item_id: 'badge' });
    await refused(spend(1.01), 409, 'INSUFFICIENT_FUNDS');
    const answers = await Promise.all(Array.from({ length: 4 }, () => spend(1)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await balance(viewer)).toBe('0.00');
  });
});

describe('Message Events', () => {
  let conversationId: string;
  const send = (content: string, more: object = {}) =>
    ok(viewer.post(`/conversations/${conversationId}/messages`, { content, ...more }));
  const previews = async () => (await creator.heard('message_preview')).map(({ data }) => (data as Json).data);

  beforeEach(async () => {
    [viewer, creator] = [await newPerson(), await newPerson()];
    const direct = { target_user_id: creator.id, initial_message: 'Hi' };
    ({ id: conversationId } = (await ok(viewer.post('/api/messages/direct-connect', direct))).conversation);
  });

  test('User sends message → recipient receives `message_preview`', async () => {
    await send('Hello');
    expect((await previews()).at(-1)).toMatchObject({
      ...{ conversationId, lastMessage: 'Hello', senderId: viewer.id, senderUsername: viewer.handle },
    });
    expect(await viewer.heard('message_preview')).toEqual([]);
  });

  test('Conversation list updates with preview text', async () => {
    await send('x'.repeat(60));
    expect((await previews()).at(-1).lastMessage).toBe('x'.repeat(50));
  });

  test('Unread count increments', async () => {
    await send('One');
    await send('Two');
    const counts = (await previews()).map(({ unreadCount }) => unreadCount);
    expect(counts).toEqual([1, 2, 3]);
  });

  test('Multiple messages update preview to latest', async () => {
    for (const text of ['One', 'Two', 'Three']) await send(text);
    expect((await previews()).map(({ lastMessage }) => lastMessage)).toEqual(['Hi', 'One', 'Two', 'Three']);
  });

  test('Image messages show "📷 Photo" preview', async () => {
    await send('', { messageType: 'image', mediaUrl: 'https://media.example/a.jpg' });
    expect((await previews()).at(-1)).toMatchObject({ lastMessage: '📷 Photo', messageType: 'image' });
  });
});
