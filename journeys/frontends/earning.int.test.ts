import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectAll } from '#db/reward/collecting.ts';
import { type Fans, newFans } from '#db/reward/testing/fans.ts';
import { openSite, type Page, type Site, type Visitor } from './frontend.ts';

// Watching, liking and following as the pages of LykLuk and of Softchat hear of it. Titles of Softchat's are the lines of
// its document's checklist.

let site: Site;
let fans: Fans;
let people = 0;

beforeAll(async () => {
  site = await openSite();
  fans = await newFans(site.api.deps.pool, 1_000);
}, 60_000);
afterAll(() => site.close());

type Envelope = { type: string; eventType: string; recipientIds: string[]; data: Record<string, unknown> };
const envelopesOf = (page: Page) =>
  page.heard.filter(([name]) => name === 'notification').map(([, said]) => said as Envelope);

const collect = () => collectAll(site.api.deps.pool, { now: site.api.clock.now.toISOString(), gatherMs: 0 });
const pass = (seconds: number) => {
  site.api.clock.now = new Date(site.api.clock.now.getTime() + seconds * 1_000);
};

async function newPair(): Promise<{ creator: Visitor; viewer: Visitor; videoId: string }> {
  people += 1;
  const [creator, viewer] = [await site.person(`creator${people}`), await site.person(`viewer${people}`)];
  await fans.follow(creator.id, 1_000);
  await fans.followedBy(viewer.id, 100);
  const posted = (await creator.ask('POST', '/api/videos', {
    ...{ title: 'Amazing Dance', duration_seconds: 20, media_url: 'https://media.example/dance.mp4' },
    ads: [{ ad_id: 'monsoon', at_seconds: 0, duration_seconds: 5 }],
  })) as never as { video: { id: string } };
  await collect();
  return { creator, viewer, videoId: posted.video.id };
}

const begin = async (who: Visitor, videoId: string): Promise<string> =>
  ((await who.ask('POST', `/api/videos/${videoId}/view`, {})) as never as { watch_id: string }).watch_id;

describe('LykLuk', () => {
  test('a like is three events on two pages: the notification and both sides’ points, in its envelope', async () => {
    const { creator, viewer, videoId } = await newPair();
    const [owner, page] = [await creator.open({ app: 'lykluk' }), await viewer.open({ app: 'lykluk' })];
    await viewer.ask('POST', `/api/videos/${videoId}/like`, {});
    await collect();
    await owner.hears('notification', 2);
    await page.hears('notification', 1);
    expect(
      envelopesOf(owner)
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['points_earned', 'video_like']);
    expect(envelopesOf(owner).find(({ type }) => type === 'video_like')).toMatchObject({
      ...{ eventType: 'notification:video_like', recipientIds: [creator.id] },
      data: { actorId: viewer.id, actorUsername: `viewer${people}`, videoId },
    });
    expect(envelopesOf(owner).find(({ type }) => type === 'points_earned')).toMatchObject({
      ...{ eventType: 'wallet:points:earned', recipientIds: [creator.id] },
      data: { userId: creator.id, action: 'like_received', points: 1, reason: 'Your video received a like' },
    });
    expect(envelopesOf(page)).toMatchObject([
      { type: 'points_earned', data: { userId: viewer.id, action: 'video_liked', points: 1, newBalance: 1 } },
    ]);
  });

  test('who is followed, asked and commented on hears it by the kind’s name', async () => {
    const { creator, viewer, videoId } = await newPair();
    const page = await creator.open({ app: 'lykluk' });
    await viewer.ask('POST', `/api/users/${creator.id}/follow`, {});
    await viewer.ask('POST', `/api/videos/${videoId}/comments`, { text: 'Beautiful' });
    await creator.ask('PATCH', '/api/me', { private: true });
    const other = await site.person(`asks${people}`);
    await other.ask('POST', `/api/users/${creator.id}/follow`, {});
    // Beside them the milestones that the crowd's follows had reached.
    await page.hears('notification', 5);
    expect(envelopesOf(page).filter(({ type }) => type !== 'creator_milestone')).toMatchObject([
      { type: 'profile_followed', eventType: 'notification:profile_followed', data: { actorId: viewer.id } },
      { type: 'video_comment', eventType: 'notification:video_comment', data: { videoId, text: 'Beautiful' } },
      { type: 'follow_request', data: { actorId: other.id, requestId: other.id, actorUsername: `asks${people}` } },
    ]);
  });
});

describe('Softchat', () => {
  test('Reward triggering', async () => {
    const { viewer } = await newPair();
    const page = await viewer.open();
    await viewer.ask('POST', '/api/rewards/trigger', { action: 'daily_login' });
    expect(await page.hears('reward_earned')).toMatchObject([
      [viewer.id, { action: 'daily_login', points: 1, newBalance: 1, reason: 'Came by today' }],
    ]);
    expect(await page.hears('balance_update')).toMatchObject([[viewer.id, { asset: 'LYK', available: '1.00' }]]);
  });

  test('Video view tracking', async () => {
    const { viewer, videoId } = await newPair();
    const page = await viewer.open();
    const watchId = await begin(viewer, videoId);
    pass(5);
    const milestone = { videoId, milestone: 25, watchId };
    await viewer.ask('POST', '/api/rewards/watch-milestone', milestone);
    await page.hears('reward_earned');
    const video = await viewer.ask('GET', `/api/videos/${videoId}`);
    expect(video).toMatchObject({ counts: { views: 1 } });
    await expect(
      viewer.ask('POST', '/api/rewards/watch-milestone', { ...milestone, milestone: 100 }),
    ).rejects.toThrow();
  });

  test('Ad completion rewards', async () => {
    const { viewer, videoId } = await newPair();
    const page = await viewer.open();
    const watchId = await begin(viewer, videoId);
    pass(5);
    await viewer.ask('POST', '/api/rewards/ad-view', { videoId, adId: 'monsoon', watchId });
    expect(await page.hears('reward_earned')).toMatchObject([[viewer.id, { action: 'ad_view', points: 1 }]]);
    expect(await page.asks('join_room', `video_${videoId}`)).toMatchObject({ success: true });
  });
});
