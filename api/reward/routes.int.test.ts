import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { collectAll } from '#db/reward/collecting.ts';
import { type Fans, newFans } from '#db/reward/testing/fans.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { ensureAdmin } from '../people/auth.ts';
import { expectOrder, type Json, newTalker, ok, refused, signInAgain, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let fans: Fans;
let admin: Talker;
let count = 0;

const ADMIN = { handle: 'reward-admin', password: 'secret123' };

beforeAll(async () => {
  // A Saturday noon in Berlin, before clocks go forward.
  const clock = { now: new Date('2026-03-28T11:00:00.000Z') };
  api = await startTestApp({ databaseUrl: await createTestDatabase(), clock });
  await ensureAdmin(api.deps.pool, ADMIN);
  admin = await signInAgain(api, { handle: ADMIN.handle } as Talker);
  fans = await newFans(api.deps.pool, 1_000);
}, 60_000);
afterAll(() => api.close());
afterEach(() => expectOrder(api));

const newPerson = () => newTalker(api, `earner-${count++}`);
const pass = (seconds: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
};
const collect = () => collectAll(api.deps.pool, { now: api.clock.now.toISOString(), gatherMs: 0 });

async function newVideo(by: Talker, fields: object = {}): Promise<Json> {
  const media_url = 'https://media.example/dance.mp4';
  return (await ok(by.post('/api/videos', { title: 'Dance', duration_seconds: 40, media_url, ...fields }))).video;
}

const begin = async (who: Talker, video: Json): Promise<string> =>
  (await ok(who.post(`/api/videos/${video.id}/view`))).watch_id;
const milestone = (who: Talker, video: Json, watchId: string, percent: number) =>
  who.post('/api/rewards/watch-milestone', { videoId: video.id, milestone: percent, watchId });
const trigger = (who: Talker, action: string, targetId?: string) =>
  who.post('/api/rewards/trigger', { action, ...(targetId !== undefined && { targetId }) });
const rewardsOf = (who: Talker) => ok(who.get(`/api/rewards/user/${who.id}`));
const patch = (action: string, body: object) => admin.call('PATCH', `/api/admin/rewards/rules/${action}`, body);

describe('watching', () => {
  test('a milestone is paid once a viewer, video and milestone, and only for time that passed', async () => {
    const [creator, viewer] = [await newPerson(), await newPerson()];
    const video = await newVideo(creator);
    const watchId = await begin(viewer, video);
    // Forged: nothing has passed yet.
    const early = await refused(milestone(viewer, video, watchId, 100), 409, 'CONFLICT');
    expect(early.details).toEqual({ watched_seconds: 0, needed_seconds: 40 });
    pass(10);
    const paid = await ok(milestone(viewer, video, watchId, 25));
    expect(paid).toMatchObject({
      reward: { action: 'watch_milestone', status: 'granted', points: '0.50', target_id: `${video.id}/25` },
      balance: '0.50',
    });
    const again = await ok(milestone(viewer, video, watchId, 25));
    expect(again).toMatchObject({
      reward: { status: 'refused', reason: 'already_earned', points: '0.00' },
      balance: '0.50',
    });
    // Five minutes in silence are 15 s of watching.
    pass(300);
    await refused(milestone(viewer, video, watchId, 75), 409, 'CONFLICT');
    await ok(milestone(viewer, video, watchId, 50));
    const parallel = await Promise.all(Array.from({ length: 8 }, () => milestone(viewer, video, watchId, 50)));
    expect(parallel.map(({ body }) => body.data.reward.reason)).toEqual(Array(8).fill('already_earned'));
    const seen = await ok(viewer.get(`/api/videos/${video.id}`));
    expect(seen.milestones.map(({ reached }: Json) => reached)).toEqual([true, true, false, false]);
    const stranger = await newPerson();
    await refused(milestone(stranger, video, watchId, 25), 404, 'NOT_FOUND');
    await refused(milestone(viewer, await newVideo(creator), watchId, 25), 404, 'NOT_FOUND');
    await refused(milestone(viewer, video, watchId, 33), 400, 'VALIDATION_FAILED');
    const events = (await viewer.heard()).map(({ name }) => name);
    expect(events).toContain('reward_earned');
    // No name of LykLuk's: its frontend has the balance.
    expect(events).not.toContain('points_earned');
  });

  test('one’s own video earns nothing, with the reason', async () => {
    const creator = await newPerson();
    const video = await newVideo(creator);
    const watchId = await begin(creator, video);
    pass(10);
    const { reward } = await ok(milestone(creator, video, watchId, 25));
    expect(reward).toMatchObject({ status: 'refused', reason: 'self' });
  });

  test('an ad is paid once, when its time has passed, and its time is not the video’s as well', async () => {
    const [creator, viewer] = [await newPerson(), await newPerson()];
    const ads = [{ ad_id: 'monsoon', at_seconds: 0, duration_seconds: 10 }];
    const video = await newVideo(creator, { ads });
    const watchId = await begin(viewer, video);
    const view = (adId: string) => viewer.post('/api/rewards/ad-view', { videoId: video.id, adId, watchId });
    await refused(view('monsoon'), 409, 'CONFLICT');
    await refused(view('another'), 404, 'NOT_FOUND');
    pass(10);
    expect(await ok(view('monsoon'))).toMatchObject({ reward: { status: 'granted', points: '1.00' }, balance: '1.00' });
    await refused(milestone(viewer, video, watchId, 25), 409, 'CONFLICT');
    pass(10);
    expect((await ok(view('monsoon'))).reward.reason).toBe('already_earned');
    const seen = await ok(creator.get(`/api/videos/${video.id}/analytics`));
    expect(seen).toMatchObject({ ad_completions: 1, rewards: { viewers: '1.00', creator: '0.00' } });
  });
});

describe('what a page says', () => {
  test('only what its rule lets it say', async () => {
    const person = await newPerson();
    for (const action of ['video_liked', 'view_received', 'streak_week']) {
      await refused(trigger(person, action), 403, 'FORBIDDEN');
    }
    await refused(trigger(person, 'free_money'), 400, 'VALIDATION_FAILED');
    await refused(trigger(person, 'profile_completed'), 409, 'FLOW_STATE_INVALID');
    await ok(
      person.call('PATCH', '/api/me', { display_name: 'Asha', bio: 'Reels', avatar_url: 'https://cdn.example/a.png' }),
    );
    expect((await ok(trigger(person, 'profile_completed'))).balance).toBe('10.00');
    expect((await ok(trigger(person, 'profile_completed'))).reward.reason).toBe('already_earned');
    expect((await ok(trigger(person, 'post_shared', 'post-1'))).balance).toBe('11.00');
    expect((await ok(trigger(person, 'post_shared', 'post-1'))).reward.reason).toBe('already_earned');
  });

  test('a daily streak grows by the user’s own midnight, over a change of summer time, and a week of it is rewarded', async () => {
    let person = await newPerson();
    await ok(person.call('PATCH', '/api/me', { time_zone: 'Europe/Berlin' }));
    await refused(person.call('PATCH', '/api/me', { time_zone: 'Mars/Olympus' }), 400, 'VALIDATION_FAILED');
    const at = async (instant: string) => {
      api.clock.now = new Date(instant);
      person = await signInAgain(api, person);
      return ok(trigger(person, 'daily_login'));
    };
    expect(await at('2026-03-28T22:59:00Z')).toMatchObject({ streak: 1, balance: '1.00' });
    expect(await at('2026-03-28T23:01:00Z')).toMatchObject({ streak: 2, balance: '2.00' });
    // 23 hours later it is Monday.
    expect(await at('2026-03-29T22:01:00Z')).toMatchObject({ streak: 3, balance: '3.00' });
    expect(await at('2026-03-30T21:59:00Z')).toMatchObject({ streak: 3, reward: { reason: 'already_earned' } });
    for (const day of ['03-31', '04-01', '04-02']) await at(`2026-${day}T12:00:00Z`);
    expect(await at('2026-04-03T12:00:00Z')).toMatchObject({ streak: 7, balance: '12.00' });
    expect((await rewardsOf(person)).streak).toEqual({
      ...{ days: 7, longest: 7, last_day: '2026-04-03', time_zone: 'Europe/Berlin' },
    });
    expect(await at('2026-04-05T12:00:00Z')).toMatchObject({ streak: 1, balance: '13.00' });
  });
});

describe('what is seen of it', () => {
  test('one sees what one earned, what the caps leave, and why something earned nothing', async () => {
    admin = await signInAgain(api, admin);
    const [creator, viewer, stranger] = [await newPerson(), await newPerson(), await newPerson()];
    await fans.followedBy(viewer.id, 100);
    const video = await newVideo(creator);
    await ok(viewer.post(`/api/videos/${video.id}/like`));
    const waiting = await ok(viewer.get('/api/rewards/why?action=video_liked'));
    expect(waiting.rewards).toMatchObject([{ status: 'waiting', reason: null }]);
    expect((await rewardsOf(viewer)).waiting).toBe(1);
    await collect();
    expect(await rewardsOf(viewer)).toMatchObject({
      ...{ user_id: viewer.id, balance: '1.00', earned_today: '1.00', earned_in_all: '1.00', debt: '0.00', waiting: 0 },
      by_action: [{ action: 'video_liked', earned: '1.00', granted: 1, refused: 0 }],
      history: [{ action: 'video_liked', status: 'granted', target_id: video.id, points: '1.00' }],
      next_cursor: null,
    });
    const caps = (await rewardsOf(viewer)).caps.find(({ action }: Json) => action === 'video_liked');
    expect(caps).toEqual({ action: 'video_liked', earned_today: '1.00', left_today: '499.00', pair_cap: '200.00' });
    const [told] = await viewer.heard('points_earned');
    const { rewardId } = (told as Json).data.data.metadata;
    const { rewards } = await ok(viewer.get(`/api/rewards/why?event=${rewardId}`));
    expect(rewards).toMatchObject([{ id: rewardId, action: 'video_liked', rule_version: 1, status: 'granted' }]);
    expect((await ok(creator.get(`/api/rewards/why?event=${rewardId}`))).rewards).toEqual([]);
    await refused(stranger.get(`/api/rewards/user/${viewer.id}`), 404, 'NOT_FOUND');
    expect((await ok(admin.get(`/api/rewards/user/${viewer.id}`))).balance).toBe('1.00');
    const transactions = await ok(viewer.get(`/api/wallet/${viewer.id}/transactions?asset=LYK`));
    expect(transactions).toMatchObject([{ kind: 'reward', amount: '1.00', transaction_id: rewards[0].transaction_id }]);
  });

  test('an administrator changes a rule by a new version, with a reason that is kept', async () => {
    admin = await signInAgain(api, admin);
    const person = await newPerson();
    await refused(
      person.call('PATCH', '/api/admin/rewards/rules/post_shared', { points: 1, reason: 'x' }),
      403,
      'FORBIDDEN',
    );
    await refused(patch('post_shared', { points: 0.15, reason: 'x' }), 400, 'VALIDATION_FAILED');
    await refused(patch('post_shared', { points: -1, reason: 'x' }), 400, 'VALIDATION_FAILED');
    await refused(patch('post_shared', { points: 1 }), 400, 'VALIDATION_FAILED');
    await refused(patch('nothing', { points: 1, reason: 'x' }), 400, 'VALIDATION_FAILED');
    pass(1);
    const { rule } = await ok(
      patch('post_shared', { points: '2.5', daily_cap: null, needs: { following: 1 }, reason: 'Monsoon' }),
    );
    expect(rule).toMatchObject({
      ...{ version: 2, points: '2.50', daily_cap: null, changed_by: admin.id, reason: 'Monsoon', client: true },
      needs: { following: 1, followers: null },
    });
    const versions = await ok(admin.get('/api/admin/rewards/rules/post_shared'));
    expect(versions.map(({ version, points }: Json) => [version, points])).toEqual([
      [2, '2.50'],
      [1, '1.00'],
    ]);
    const rules = await ok(admin.get('/api/admin/rewards/rules'));
    expect(rules.filter(({ action }: Json) => action === 'post_shared')).toEqual([rule]);
    pass(1);
    expect((await ok(trigger(person, 'post_shared', 'p'))).reward).toMatchObject({
      reason: 'not_eligible',
      rule_version: 2,
    });
    await fans.followedBy(person.id, 1);
    expect((await ok(trigger(person, 'post_shared', 'p'))).balance).toBe('2.50');
    pass(1);
    await ok(patch('post_shared', { enabled: false, reason: 'Over' }));
    pass(1);
    expect((await ok(trigger(person, 'post_shared', 'q'))).reward.reason).toBe('rule_disabled');
  });

  test('analytics are the administrators’: what was minted, refused and is left', async () => {
    admin = await signInAgain(api, admin);
    const person = await newPerson();
    await refused(person.get('/api/rewards/analytics'), 403, 'FORBIDDEN');
    pass(86_400);
    const [again, boss] = [await signInAgain(api, person), await signInAgain(api, admin)];
    await ok(trigger(again, 'daily_login'));
    await ok(trigger(again, 'daily_login'));
    const today = api.clock.now.toISOString().slice(0, 10);
    const seen = await ok(boss.get(`/api/rewards/analytics?from=${today}&to=${today}`));
    expect(seen).toMatchObject({
      ...{ from: today, to: today, minted: '1.00' },
      refusals: [{ reason: 'already_earned', many: 1 }],
      top_earners: [{ user_id: person.id, handle: person.handle, points: '1.00' }],
      budget: { day: today, daily: '1000000.00', left: '999999.00' },
    });
    expect(seen.outcomes).toContainEqual({
      ...{ day: today, action: 'daily_login', outcome: 'granted', many: 1, points: '1.00' },
    });
    await refused(boss.get('/api/rewards/analytics?from=2026-05-01&to=2026-04-01'), 400, 'VALIDATION_FAILED');
  });

  test('what was earned wrongly is taken back by an administrator, once', async () => {
    const [person, boss] = [await newPerson(), await signInAgain(api, admin)];
    const { reward } = await ok(trigger(person, 'daily_login'));
    const path = '/api/admin/rewards/corrections';
    const body = { user_id: person.id, reward_ids: [reward.id], reason: 'A second account' };
    await refused(person.post(path, body), 403, 'FORBIDDEN');
    await refused(boss.post(path, { ...body, reward_ids: ['999999999'] }), 404, 'NOT_FOUND');
    await refused(boss.post(path, { ...body, user_id: randomUUID() }), 404, 'NOT_FOUND');
    const { correction } = await ok(boss.post(path, body));
    expect(correction).toEqual({ user_id: person.id, corrected: 1, points: '1.00', taken: '1.00', debt: '0.00' });
    expect((await ok(boss.post(path, body))).correction).toMatchObject({ corrected: 0, taken: '0.00' });
    const [update] = await person.heard('wallet_update');
    expect(update?.data).toMatchObject({ data: { newBalance: 0, previousBalance: 1, reason: 'A second account' } });
  });
});
