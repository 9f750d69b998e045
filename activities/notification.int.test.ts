import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import webPush from 'web-push';
import { SYSTEM } from '#db/deal/testing/dealing.ts';
import { findBroadcast, insertBroadcast, listOpenBroadcasts } from '#db/notification/broadcasts.ts';
import { type DeviceRow, listDevices } from '#db/notification/devices.ts';
import { findNotification, markUpTo } from '#db/notification/inbox.ts';
import { setPreferences } from '#db/notification/preferences.ts';
import {
  LEASE_MS,
  listDeliveries,
  listDuePushes,
  recordDelivery,
  setPushesTold,
  snooze,
} from '#db/notification/pushes.ts';
import { startTelling, type Telling } from '#db/notification/testing/telling.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { createPushServices } from '#push/services.ts';
import { startFcmServer } from '#push/testing/fcmServer.ts';
import { startWebPushServer } from '#push/testing/webPushServer.ts';
import { PAGE_SIZE } from '#workflows/notification/broadcast.ts';
import { kindFacts } from '#workflows/notification/kinds.ts';
import { NO_PREFERENCES } from '#workflows/notification/preferences.ts';
import { GRACE_MS, MAX_ATTEMPTS } from '#workflows/notification/pushing.ts';
import type { ActivityDeps } from './deps.ts';
import { createNotificationActivities } from './notification.ts';

// Pushes go to real HTTP servers that speak each service's protocol and check what they are sent.

const vapid = webPush.generateVAPIDKeys();
const quiet = () => {};

let pool: Pool;
let telling: Telling;
let fcm: Awaited<ReturnType<typeof startFcmServer>>;
let web: Awaited<ReturnType<typeof startWebPushServer>>;
let deps: ActivityDeps;
let activities: ReturnType<typeof createNotificationActivities>;
/** What sockets have acknowledged, by user. */
const taken = new Map<string, number>();
const rung: string[] = [];

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  fcm = await startFcmServer();
  web = await startWebPushServer(vapid.publicKey);
});
afterAll(async () => {
  await Promise.all([fcm?.server.close(), web?.server.close()]);
  await pool?.end();
});

beforeEach(() => {
  telling = startTelling(pool);
  deps = {
    pool,
    provider: () => null,
    payoutProvider: () => null,
    senderOf: async () => null,
    patiently: (work) => work(pool),
    systemUserId: SYSTEM,
    log: { info: quiet, warn: quiet, error: quiet },
    push: {
      services: createPushServices({
        FCM_SERVICE_ACCOUNT: fcm.serviceAccount(),
        FCM_BASE_URL: fcm.server.url,
        FCM_TOKEN_URL: `${fcm.server.url}/token`,
        WEB_PUSH_PUBLIC_KEY: vapid.publicKey,
        WEB_PUSH_PRIVATE_KEY: vapid.privateKey,
        WEB_PUSH_SUBJECT: 'mailto:ops@tandem.example',
        WEB_PUSH_HOSTS: new URL(web.server.url).host,
        PUSH_TIMEOUT_MS: '1500',
      }),
      socketHasTaken: async (userId, seq) => (taken.get(userId) ?? 0) >= seq,
      ringUsers: (userIds) => rung.push(...userIds),
    },
  };
  activities = createNotificationActivities(deps);
});
afterEach(() => {
  fcm.server.calm();
  web.server.calm();
  for (const { arrived } of [fcm, web]) arrived.length = 0;
});

const phone = (userId: string, device: Partial<DeviceRow> = {}) =>
  telling.device(userId, { token: fcm.install().token, ...device });
const browser = (userId: string) => telling.device(userId, { platform: 'webpush', ...web.subscribe() });

/** Carries out all that is due now. Until when what is left waits. */
async function push(userId: string): Promise<(string | null)[]> {
  const now = telling.now();
  const due = await activities.listDuePushes({ userId, now });
  return Promise.all(due.map(async (pushId) => (await activities.pushNotification({ pushId, now })).later));
}

async function log(notificationId: string | undefined): Promise<string[]> {
  const row = await findNotification(pool, notificationId ?? '');
  if (!row) throw new Error('no such notification');
  return (await listDeliveries(pool, row)).map(
    ({ channel, platform, outcome }) => `${platform ?? channel}: ${outcome}`,
  );
}

function listPushes(notificationId: string): Promise<readonly string[]> {
  return pool.anyFirst(sql.typeAlias('id')`SELECT id FROM pushes WHERE notification_id = ${notificationId}`);
}

async function tellOne(userId: string, kind: 'security' | 'announcement' = 'announcement') {
  const [told] = await telling.tell({ userId, kind, title: 'Monsoon', body: 'Read on', data: { week: 7 } });
  return told?.notificationId as string;
}

describe('a push', () => {
  test('reaches every device of who is away, once, and the log says where', async () => {
    const user = await telling.user();
    await phone(user);
    await browser(user);
    const id = await tellOne(user);
    expect(await push(user)).toEqual([]);
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual([null]);
    expect(await push(user)).toEqual([]);
    for (const { arrived } of [fcm, web]) {
      expect(arrived).toEqual([
        expect.objectContaining({
          title: 'Monsoon',
          body: 'Read on',
          data: { week: '7', notification_id: id, kind: 'announcement', count: '1' },
          urgency: 'low',
        }),
      ]);
    }
    expect((await log(id)).sort()).toEqual(['fcm: sent', 'in_app: listed', 'push: sent', 'webpush: sent']);
  });

  test('carried out 32 times at once goes out once', async () => {
    const user = await telling.user();
    await phone(user);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    const now = telling.now();
    const [pushId = ''] = await activities.listDuePushes({ userId: user, now });
    await Promise.all(Array.from({ length: 32 }, () => activities.pushNotification({ pushId, now })));
    expect(fcm.arrived).toHaveLength(1);
    expect(await log(id)).toEqual(['in_app: listed', 'fcm: sent', 'push: sent']);
  });

  test('whose process died before it was answered goes out when its time is over', async () => {
    const user = await telling.user();
    await phone(user);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    // Claimed, and nothing more.
    expect(await telling.due(user)).toHaveLength(1);
    const [pushId = ''] = await listPushes(id);
    const { later } = await activities.pushNotification({ pushId, now: telling.now() });
    expect(later).toBe(new Date(telling.clock.now.getTime() + LEASE_MS).toISOString());
    expect(fcm.arrived).toEqual([]);
    telling.pass(LEASE_MS);
    expect(await push(user)).toEqual([null]);
    expect(fcm.arrived).toHaveLength(1);
  });

  test('whose process died after it was answered goes out no second time', async () => {
    const user = await telling.user();
    const device = await phone(user);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    const [claimed] = await telling.due(user);
    await recordDelivery(pool, {
      pushId: claimed?.id ?? '',
      device,
      outcome: 'sent',
      why: 'taken',
      now: telling.now(),
    });
    telling.pass(LEASE_MS);
    expect(await push(user)).toEqual([null]);
    expect(fcm.arrived).toEqual([]);
    expect(await log(id)).toContain('push: sent');
  });

  test('is not sent where a socket has it', async () => {
    const user = await telling.user();
    await phone(user);
    const id = await tellOne(user);
    taken.set(user, (await telling.events(user)).length);
    telling.pass(GRACE_MS);
    await push(user);
    expect(fcm.arrived).toEqual([]);
    expect(await log(id)).toEqual(['in_app: listed', 'push: socket_had_it']);
  });

  test('is sent where a socket had only what came before', async () => {
    const user = await telling.user();
    await phone(user);
    await tellOne(user);
    taken.set(user, (await telling.events(user)).length);
    telling.pass(GRACE_MS);
    await push(user);
    await tellOne(user);
    telling.pass(GRACE_MS);
    await push(user);
    expect(fcm.arrived).toHaveLength(1);
  });

  test('is not sent of what was seen meanwhile, or is off, or has nowhere to go, and each is said', async () => {
    const [seen, off, bare] = [await telling.user(), await telling.user(), await telling.user()];
    for (const user of [seen, off]) await phone(user);
    const ids = [await tellOne(seen), await tellOne(off), await tellOne(bare)];
    await markUpTo(pool, seen, 'seen', null, telling.now());
    const preferences = { ...NO_PREFERENCES, kinds: { announcement: { push: false } } };
    await setPreferences(pool, off, preferences, telling.now());
    telling.pass(GRACE_MS);
    for (const user of [seen, off, bare]) await push(user);
    expect(fcm.arrived).toEqual([]);
    expect(await Promise.all(ids.map(log))).toEqual([
      ['in_app: listed', 'push: read'],
      ['in_app: listed', 'push: preference'],
      ['in_app: listed', 'push: no_device'],
    ]);
  });

  test('that was not asked for is in the inbox alone', async () => {
    const user = await telling.user();
    await phone(user);
    const [told] = await telling.tell({ userId: user, push: false });
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual([]);
    expect(await log(told?.notificationId)).toEqual(['in_app: listed', 'push: not_asked_for']);
  });

  test('to a service without keys here is said to be not configured', async () => {
    const user = await telling.user();
    await phone(user);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    const { push: _, ...without } = deps;
    activities = createNotificationActivities(without);
    await push(user);
    expect((await log(id)).sort()).toEqual(['fcm: not_configured', 'in_app: listed', 'push: failed']);
  });
});

describe('folded pushes', () => {
  const WINDOW = kindFacts('video_like').digestMs as number;

  test('one push, when the window closes, says how many and who', async () => {
    const user = await telling.user();
    await phone(user);
    const actors = [await telling.user(), await telling.user(), await telling.user()];
    for (const actor of actors) await telling.like(user, actor);
    telling.pass(WINDOW - 1);
    expect(await push(user)).toEqual([new Date(telling.clock.now.getTime() + 1).toISOString()]);
    expect(fcm.arrived).toEqual([]);
    telling.pass(1);
    await push(user);
    expect(fcm.arrived).toMatchObject([
      { title: '3 people liked your video', data: { count: '3', videoId: 'one', target: 'video/one' } },
    ]);
  });

  test('what is taken back inside the window is never sent', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await phone(user);
    const [told] = await telling.like(user, actor);
    await telling.unlike(user, actor);
    telling.pass(WINDOW);
    expect(await push(user)).toEqual([]);
    expect(fcm.arrived).toEqual([]);
    expect(await log(told?.notificationId)).toEqual(['in_app: taken_back', 'push: taken_back']);
  });

  test('more of a kind than its throttle are in the inbox, unpushed, and go out again when its time is over', async () => {
    const user = await telling.user();
    await phone(user);
    const { many, perMs } = kindFacts('announcement').throttle ?? { many: 0, perMs: 0 };
    const ids = [];
    for (let at = 0; at < many + 2; at += 1) ids.push(await tellOne(user));
    telling.pass(GRACE_MS);
    await push(user);
    expect(fcm.arrived).toHaveLength(many);
    expect(await telling.counts(user)).toEqual({ unread: many + 2, unseen: many + 2 });
    const throttled = (await Promise.all(ids.map(log))).filter((lines) => lines.includes('push: throttled'));
    expect(throttled).toHaveLength(2);
    telling.pass(perMs);
    await tellOne(user);
    telling.pass(GRACE_MS);
    await push(user);
    expect(fcm.arrived).toHaveLength(many + 1);
  });
});

describe('quiet hours', () => {
  const atNight = async (user: string) => {
    const quiet_hours = { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' };
    await setPreferences(pool, user, { ...NO_PREFERENCES, quiet_hours }, telling.now());
  };

  test('hold a push until they end, over a night that clocks go ahead in, while the inbox has it at once', async () => {
    const user = await telling.user();
    await phone(user);
    await atNight(user);
    telling.clock.now = new Date('2026-03-28T22:30:00.000Z');
    const id = await tellOne(user);
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual(['2026-03-29T05:00:00.000Z']);
    expect(fcm.arrived).toEqual([]);
    expect(await log(id)).toEqual(['in_app: listed', 'push: waiting', 'fcm: quiet_hours']);
    telling.clock.now = new Date('2026-03-29T04:59:59.999Z');
    expect(await push(user)).toEqual(['2026-03-29T05:00:00.000Z']);
    expect(fcm.arrived).toEqual([]);
    telling.pass(1);
    expect(await push(user)).toEqual([null]);
    expect(fcm.arrived).toHaveLength(1);
  });

  test('are those of each device’s own zone', async () => {
    const user = await telling.user();
    const there = await phone(user, { time_zone: 'America/Lima' });
    const here = await phone(user);
    await atNight(user);
    telling.clock.now = new Date('2026-06-10T20:30:00.000Z');
    await tellOne(user);
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual(['2026-06-11T05:00:00.000Z']);
    expect(fcm.arrived.map(({ target }) => target)).toEqual([there.token]);
    telling.clock.now = new Date('2026-06-11T05:00:00.000Z');
    expect(await push(user)).toEqual([null]);
    expect(fcm.arrived.map(({ target }) => target)).toEqual([there.token, here.token]);
  });

  test('are nothing to what is critical', async () => {
    const user = await telling.user();
    await phone(user);
    await atNight(user);
    telling.clock.now = new Date('2026-06-10T21:00:00.000Z');
    await tellOne(user, 'security');
    telling.pass(GRACE_MS);
    await push(user);
    expect(fcm.arrived).toMatchObject([{ urgency: 'high' }]);
  });

  test('do not keep what was snoozed from coming back to the list, and it is pushed after them', async () => {
    const user = await telling.user();
    await phone(user);
    await atNight(user);
    telling.clock.now = new Date('2026-06-10T18:00:00.000Z');
    const id = await tellOne(user);
    await snooze(pool, { userId: user, id, until: '2026-06-10T21:00:00.000Z', now: telling.now() });
    telling.clock.now = new Date('2026-06-10T21:00:00.000Z');
    rung.length = 0;
    expect(await push(user)).toEqual(['2026-06-11T05:00:00.000Z']);
    expect(rung).toEqual([user]);
    expect(await telling.list(user)).toMatchObject([{ id, snoozed_until: null }]);
    telling.clock.now = new Date('2026-06-11T05:00:00.000Z');
    await push(user);
    expect(fcm.arrived).toHaveLength(1);
  });
});

describe('a push service that says no', () => {
  test('UNREGISTERED and 410 forget the device, whose others have theirs', async () => {
    const user = await telling.user();
    const [old, left] = [await phone(user), await browser(user)];
    const kept = await phone(user);
    fcm.uninstall({ token: old.token, keys: null });
    web.unsubscribe({ token: left.token, keys: null });
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual([null]);
    expect((await listDevices(pool, user)).map((device) => device.id)).toEqual([kept.id]);
    expect((await log(id)).sort()).toEqual(['fcm: gone', 'fcm: sent', 'in_app: listed', 'push: sent', 'webpush: gone']);
  });

  test('400 forgets no device', async () => {
    const user = await telling.user();
    await phone(user);
    fcm.server.trouble({ status: 400, body: { error: { status: 'INVALID_ARGUMENT' } } }, /send$/);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    expect(await push(user)).toEqual([null]);
    expect(await listDevices(pool, user)).toHaveLength(1);
    expect((await log(id)).sort()).toEqual(['fcm: failed', 'in_app: listed', 'push: failed']);
  });

  test('429 and 503 are asked again after Retry-After, of that device alone', async () => {
    const user = await telling.user();
    await phone(user);
    await browser(user);
    fcm.server.trouble({ status: 429, headers: { 'retry-after': '90' }, body: {} }, /send$/);
    const id = await tellOne(user);
    telling.pass(GRACE_MS);
    const again = new Date(telling.clock.now.getTime() + 90_000).toISOString();
    expect(await push(user)).toEqual([again]);
    fcm.server.calm();
    telling.pass(89_999);
    expect(await push(user)).toEqual([again]);
    expect(fcm.arrived).toEqual([]);
    telling.pass(1);
    expect(await push(user)).toEqual([null]);
    expect([fcm.arrived.length, web.arrived.length]).toEqual([1, 1]);
    expect(await log(id)).toContain('push: sent');
  });

  test('for good is given up after a number of tries', async () => {
    const user = await telling.user();
    await phone(user);
    fcm.server.trouble({ status: 503, body: {} }, /send$/);
    const id = await tellOne(user, 'security');
    telling.pass(GRACE_MS);
    let tries = 0;
    for (let [later] = await push(user); later; [later = null] = await push(user)) {
      tries += 1;
      telling.clock.now = new Date(later);
    }
    expect(tries).toBe(MAX_ATTEMPTS);
    expect(await log(id)).toContain('push: failed');
  });
});

test('who has something due is listed until their workflow was told, and again after a minute', async () => {
  const user = await telling.user();
  await phone(user);
  await tellOne(user);
  const isListed = async () => (await listDuePushes(pool, telling.now(), 1_000)).includes(user);
  expect(await isListed()).toBe(false);
  telling.pass(GRACE_MS);
  expect(await isListed()).toBe(true);
  await setPushesTold(pool, [user], telling.now());
  expect(await isListed()).toBe(false);
  telling.pass(60_001);
  expect(await isListed()).toBe(true);
  await push(user);
  expect(await isListed()).toBe(false);
});

test('a device that somebody else signs in on is theirs, and hears no more of the one before', async () => {
  const [one, other] = [await telling.user(), await telling.user()];
  const { token } = fcm.install();
  const first = await phone(one, { token });
  const again = await phone(one, { token });
  expect(again.id).toBe(first.id);
  const taken = await phone(other, { token });
  expect(taken.id).not.toBe(first.id);
  await tellOne(one, 'security');
  telling.pass(GRACE_MS);
  await push(one);
  expect(fcm.arrived).toEqual([]);
});

describe('an announcement to a role', () => {
  const begin = (audience: 'influencer' | 'brand_owner' | 'all', byId: string) =>
    pool.transaction((transaction) =>
      insertBroadcast(transaction, {
        ...{ id: crypto.randomUUID(), byId, audience, kind: 'announcement', title: 'Monsoon', body: '', data: {} },
        ...{ push: true, now: telling.now() },
      }),
    );
  const page = (broadcastId: string, pages: number) => activities.tellPage({ broadcastId, pages, now: telling.now() });

  test('tells each of them once, page by page, whatever is repeated, and says how far it is', async () => {
    const admin = await telling.user();
    const many = PAGE_SIZE + 20;
    for (let at = 0; at < many; at += 52) await Promise.all(Array.from({ length: 52 }, () => telling.user()));
    const { id, terms } = await begin('influencer', admin);
    expect(terms.total).toBeGreaterThanOrEqual(many);
    expect(await listOpenBroadcasts(pool, telling.now(), 10)).toEqual([id]);
    expect(await listOpenBroadcasts(pool, telling.now(), 10)).toEqual([]);
    // The answer of the first was lost: it is asked for again by one who knows of no page, and so by many at once.
    const first = await page(id, -1);
    expect(first).toEqual({ state: 'sending', told: PAGE_SIZE, total: terms.total, pages: 1 });
    expect(await page(id, 0)).toEqual(first);
    await Promise.all(Array.from({ length: 8 }, () => page(id, 1)));
    let state = await page(id, 2);
    for (let at = 0; at < 10 && state.state === 'sending'; at += 1) state = await page(id, state.pages);
    expect(state).toMatchObject({ state: 'sent', told: terms.total });
    expect(await telling.counts(admin)).toEqual({ unread: 1, unseen: 1 });
    expect(await listOpenBroadcasts(pool, '2030-01-01T00:00:00.000Z', 10)).toEqual([]);
  });

  test('is stopped by an operator between two pages; whom it has reached has it', async () => {
    const { id } = await begin('influencer', await telling.user());
    await page(id, -1);
    expect(await activities.stopBroadcast({ broadcastId: id, now: telling.now() })).toMatchObject({
      state: 'stopped',
      told: PAGE_SIZE,
    });
    expect(await page(id, 1)).toMatchObject({ state: 'stopped', told: PAGE_SIZE });
    await expect(activities.stopBroadcast({ broadcastId: id, now: telling.now() })).rejects.toThrow();
    expect((await findBroadcast(pool, id))?.state).toBe('stopped');
  });

  test('to all reaches whatever role one has, once each, and its writer with them', async () => {
    const admin = await telling.user();
    const { id, terms } = await begin('all', admin);
    let state = await page(id, -1);
    for (let at = 0; at < 10 && state.state === 'sending'; at += 1) state = await page(id, state.pages);
    expect(state).toMatchObject({ state: 'sent', told: terms.total, total: terms.total });
    expect(await telling.counts(admin)).toEqual({ unread: 1, unseen: 1 });
  });

  test('to nobody is over at once', async () => {
    const { id, terms } = await begin('brand_owner', await telling.user());
    expect(terms.total).toBe(0);
    expect(await page(id, -1)).toMatchObject({ state: 'sent', told: 0 });
  });
});
