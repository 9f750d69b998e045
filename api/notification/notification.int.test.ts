import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDevices } from '#db/notification/devices.ts';
import { notify } from '#db/notification/notify.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { notification } from '#workflows/notification/contract.ts';
import { OFFERED_KINDS } from '#workflows/notification/kinds.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let admin: Person;
const rung: string[] = [];
beforeAll(async () => {
  api = await startTestApp({
    databaseUrl: await createTestDatabase(),
    clock: { now: new Date('2026-06-10T12:00:00.000Z') },
    env: { WEB_PUSH_PUBLIC_KEY: 'a key', WEB_PUSH_PRIVATE_KEY: 'another' },
    deps: { ringUsers: (userIds) => rung.push(...userIds) },
  });
  const login = { handle: 'root', password: 'secret123' };
  await ensureAdmin(api.deps.pool, login);
  admin = personOf((await call('POST', '/api/auth/login', null, login)).body);
});
afterAll(() => api?.close());

type Person = { id: string; handle: string; access: string };
const personOf = ({ data }: { data: { user: { id: string; handle: string }; access: string } }): Person => ({
  ...data.user,
  access: data.access,
});

let people = 0;
async function register(roles?: string[]): Promise<Person> {
  people += 1;
  const login = { handle: `p${people}`, password: 'secret123', ...(roles && { roles }) };
  return personOf((await call('POST', '/api/auth/register', null, login)).body);
}

async function call(method: string, path: string, person: Person | null, payload?: object, headers = {}) {
  const authorization = person ? { authorization: `Bearer ${person.access}` } : {};
  const response = await api.app.inject({
    method: method as 'GET',
    url: path,
    headers: { ...authorization, ...headers },
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
}

const like = (userId: string, by: Person, video = 'one') =>
  api.deps.pool.transaction((transaction) =>
    notify(
      transaction,
      [
        {
          userId,
          kind: 'video_like',
          key: `like_${by.id}_${video}`,
          actorId: by.id,
          target: { type: 'video', id: video },
          data: { videoId: video },
        },
      ],
      { now: api.deps.now().toISOString() },
    ),
  );

const listOf = async (person: Person, query = '') =>
  (await call('GET', `/api/notifications/${person.id}${query}`, person)).body;
const countsOf = async (person: Person) =>
  (await call('GET', `/api/notifications/${person.id}/unread-count`, person)).body.data;

describe('the inbox over REST', () => {
  test('is listed in its documented form, filtered and paged', async () => {
    const [reader, fan] = [await register(), await register()];
    for (const video of ['a', 'b', 'c']) await like(reader.id, fan, video);
    await call('POST', '/api/notifications/send', admin, { user_ids: [reader.id], title: 'Monsoon', body: 'Read on' });
    const { data } = await listOf(reader);
    expect(data.map((each: unknown) => notification.parse(each))).toHaveLength(4);
    expect(data[0]).toMatchObject({ kind: 'announcement', title: 'Monsoon', actor: null, target: null, read_at: null });
    expect(data[1]).toMatchObject({
      kind: 'video_like',
      title: `${fan.handle} liked your video`,
      actor: { id: fan.id, handle: fan.handle },
      target: { type: 'video', id: 'c' },
      count: 1,
    });
    expect((await listOf(reader, '?kind=announcement')).data).toHaveLength(1);
    const first = await listOf(reader, '?limit=3');
    const second = await listOf(reader, `?limit=3&cursor=${first.page.next_cursor}`);
    expect([...first.data, ...second.data]).toEqual(data);
    expect(second.page.next_cursor).toBeNull();
    await call('PUT', `/api/notifications/${data[0].id}/read`, reader);
    expect((await listOf(reader, '?unread=true')).data).toHaveLength(3);
    expect((await call('GET', `/api/notifications/${reader.id}?kind=nonsense`, reader)).status).toBe(400);
    expect((await call('GET', `/api/notifications/${reader.id}?cursor=nonsense`, reader)).status).toBe(400);
  });

  test('one is read, all are read, or all up to one, and each answer says what is left', async () => {
    const reader = await register();
    for (let at = 0; at < 4; at += 1) {
      await call('POST', '/api/notifications/send', admin, { user_ids: [reader.id], title: `${at}`, body: '' });
    }
    const [newest, third, second, oldest] = (await listOf(reader)).data;
    const read = (id: string, body?: object) => call('PUT', `/api/notifications/${id}/read`, reader, body);
    expect((await read(second.id)).body.data).toEqual({ marked: 1, unread: 3, unseen: 3 });
    expect((await read(reader.id, { up_to: third.id })).body.data).toEqual({ marked: 2, unread: 1, unseen: 1 });
    expect((await read(reader.id, { position: oldest.position })).body.data).toEqual({
      marked: 0,
      unread: 1,
      unseen: 1,
    });
    expect((await read(reader.id)).body.data).toEqual({ marked: 1, unread: 0, unseen: 0 });
    expect((await read(newest.id)).body.data).toEqual({ marked: 1, unread: 0, unseen: 0 });
    expect((await read(reader.id, { up_to: third.id, position: 1 })).status).toBe(400);
    const put = (action: string) => call('PUT', `/api/notifications/${newest.id}/${action}`, reader);
    expect((await put('unread')).body.data).toEqual({ marked: 1, unread: 1, unseen: 0 });
    expect((await put('archive')).body.data).toEqual({ marked: 1, unread: 0, unseen: 0 });
    expect((await listOf(reader)).data).toHaveLength(3);
    expect((await listOf(reader, '?archived=true')).data).toMatchObject([{ id: newest.id }]);
  });

  test('seen takes the number from the bell, and leaves all unread', async () => {
    const reader = await register();
    await call('POST', '/api/notifications/send', admin, { user_ids: [reader.id], title: 'x', body: '' });
    const seen = await call('PUT', `/api/notifications/${reader.id}/seen`, reader);
    expect(seen.body.data).toEqual({ marked: 1, unread: 1, unseen: 0 });
    expect(await countsOf(reader)).toEqual({ unread: 1, unseen: 0 });
  });

  test('one is snoozed until later, not until before or for ever', async () => {
    const reader = await register();
    await call('POST', '/api/notifications/send', admin, { user_ids: [reader.id], title: 'x', body: '' });
    const [{ id }] = (await listOf(reader)).data;
    const snooze = (until: string) => call('PUT', `/api/notifications/${id}/snooze`, reader, { until });
    expect((await snooze('2026-06-10T11:59:59Z')).status).toBe(400);
    expect((await snooze('2031-06-10T11:59:59Z')).status).toBe(400);
    expect((await snooze('2026-06-10T12:10:00Z')).body.data).toEqual({ unread: 0, unseen: 0 });
    expect((await listOf(reader)).data).toEqual([]);
    api.clock.now = new Date('2026-06-10T12:10:00.000Z');
    expect((await listOf(reader)).data).toMatchObject([{ id }]);
    expect(await countsOf(reader)).toEqual({ unread: 1, unseen: 1 });
    api.clock.now = new Date('2026-06-10T12:00:00.000Z');
  });

  test('is nobody else’s: what another has is not there, and an administrator looks without touching', async () => {
    const [reader, other] = [await register(), await register()];
    await like(reader.id, other);
    const [{ id }] = (await listOf(reader)).data;
    const as = (person: Person | null) => async (method: string, path: string, body?: object) =>
      (await call(method, path, person, body)).status;
    const stranger = as(other);
    for (const path of ['', '/unread-count', '/preferences']) {
      expect(await stranger('GET', `/api/notifications/${reader.id}${path}`)).toBe(404);
      expect(await as(admin)('GET', `/api/notifications/${reader.id}${path}`)).toBe(200);
      expect(await as(null)('GET', `/api/notifications/${reader.id}${path}`)).toBe(401);
    }
    for (const action of ['read', 'seen', 'archive', 'unread']) {
      for (const who of [stranger, as(admin)]) expect(await who('PUT', `/api/notifications/${id}/${action}`)).toBe(404);
    }
    const until = { until: '2026-06-11T12:00:00Z' };
    expect(await stranger('PUT', `/api/notifications/${id}/snooze`, until)).toBe(404);
    expect(await stranger('GET', `/api/notifications/${id}/deliveries`)).toBe(404);
    expect(await as(admin)('GET', `/api/notifications/${id}/deliveries`)).toBe(200);
    for (const who of [stranger, as(admin)]) {
      expect(await who('PUT', `/api/notifications/${reader.id}/preferences`, {})).toBe(404);
      expect(await who('PUT', `/api/notifications/${reader.id}/read`)).toBe(404);
    }
    expect(await countsOf(reader)).toEqual({ unread: 1, unseen: 1 });
  });

  test('says why a notification did not come', async () => {
    const [reader, fan] = [await register(), await register()];
    await like(reader.id, fan);
    const [{ id }] = (await listOf(reader)).data;
    const { body } = await call('GET', `/api/notifications/${id}/deliveries`, reader);
    expect(body.data).toMatchObject([
      { channel: 'in_app', outcome: 'listed' },
      { channel: 'push', outcome: 'no_device', why: 'no device is registered' },
    ]);
  });
});

describe('preferences', () => {
  test('what is left out stays as it was, and critical kinds are not offered', async () => {
    const reader = await register();
    const path = `/api/notifications/${reader.id}/preferences`;
    const fresh = (await call('GET', path, reader)).body.data;
    expect(fresh.global).toEqual({ in_app: true, push: true, email: false });
    expect(fresh.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(OFFERED_KINDS);
    const quiet_hours = { from: '22:00', to: '07:00', time_zone: 'Asia/Kolkata' };
    await call('PUT', path, reader, { kinds: { video_like: { push: false } }, quiet_hours });
    await call('PUT', path, reader, { kinds: { video_like: { in_app: false } }, global: { push: true } });
    const after = (await call('GET', path, reader)).body.data;
    expect(after.quiet_hours).toEqual(quiet_hours);
    expect(after.kinds.find(({ kind }: { kind: string }) => kind === 'video_like')).toMatchObject({
      in_app: false,
      push: false,
    });
    await like(reader.id, await register());
    expect((await listOf(reader)).data).toEqual([]);
    expect((await call('PUT', path, reader, { quiet_hours: null })).body.data.quiet_hours).toBeNull();
  });

  test.each([
    [{ kinds: { security: { push: false } } }, 'kinds.security.push'],
    [{ kinds: { deal_moved: { in_app: false } } }, 'kinds.deal_moved.in_app'],
    [{ kinds: { message: { in_app: true } } }, 'kinds.message.in_app'],
    [{ kinds: { nonsense: { push: false } } }, 'kinds'],
    [{ quiet_hours: { from: '25:00', to: '07:00', time_zone: 'UTC' } }, 'quiet_hours.from'],
    [{ quiet_hours: { from: '22:00', to: '22:00', time_zone: 'UTC' } }, 'quiet_hours.to'],
    [{ quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Mars/Olympus' } }, 'quiet_hours.time_zone'],
    [{ loud: true }, 'loud'],
  ])('%j is refused by the name of what is wrong', async (body, field) => {
    const reader = await register();
    const answer = await call('PUT', `/api/notifications/${reader.id}/preferences`, reader, body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.details)).toContain(field.split('.').at(-1));
  });
});

describe('devices', () => {
  const subscription = {
    endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/gAAAA',
    expirationTime: null,
    keys: {
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
  };

  test('are registered once each, listed, told whether they can be reached, and forgotten', async () => {
    const owner = await register();
    const phone = { platform: 'fcm', token: 'dGhpcyBpcyBhIHRva2Vu', locale: 'en-IN', time_zone: 'Asia/Kolkata' };
    const first = await call('POST', '/api/devices', owner, phone);
    expect(first.status).toBe(201);
    expect(first.body.data).toMatchObject({ platform: 'fcm', time_zone: 'Asia/Kolkata', configured: false });
    expect((await call('POST', '/api/devices', owner, phone)).body.data.id).toBe(first.body.data.id);
    const page = await call('POST', '/api/devices', owner, { platform: 'webpush', subscription });
    expect(page.body.data).toMatchObject({ platform: 'webpush', configured: true });
    expect((await call('GET', '/api/devices', owner)).body.data).toHaveLength(2);
    expect((await call('GET', '/api/devices/platforms', owner)).body.data).toEqual({
      fcm: { configured: false },
      webpush: { configured: true, public_key: 'a key' },
    });
    const path = `/api/devices/${first.body.data.id}`;
    expect((await call('DELETE', path, await register())).status).toBe(404);
    expect((await call('DELETE', path, owner)).status).toBe(200);
    expect((await call('DELETE', path, owner)).status).toBe(404);
  });

  test('hear nothing more once one has signed out there', async () => {
    const owner = await register();
    const login = { handle: owner.handle, password: 'secret123' };
    const elsewhere = await call('POST', '/api/auth/login', null, login);
    const there = personOf(elsewhere.body);
    await call('POST', '/api/devices', owner, { platform: 'fcm', token: 'the one that stays' });
    await call('POST', '/api/devices', there, { platform: 'fcm', token: 'the one that was lent' });
    expect((await call('GET', '/api/devices', owner)).body.data).toHaveLength(2);
    await call('POST', '/api/auth/logout', null, { refresh: elsewhere.body.data.refresh });
    expect((await call('GET', '/api/devices', owner)).body.data).toHaveLength(1);
    expect((await listDevices(api.deps.pool, owner.id)).map(({ token }) => token)).toEqual(['the one that stays']);
  });

  test('are twenty at most, and the oldest goes first', async () => {
    const owner = await register();
    for (let at = 0; at < 22; at += 1) {
      await call('POST', '/api/devices', owner, { platform: 'fcm', token: `a token of mine ${at}` });
    }
    expect((await call('GET', '/api/devices', owner)).body.data).toHaveLength(20);
    const kept = (await listDevices(api.deps.pool, owner.id)).map(({ token }) => token);
    expect(kept.sort()).toEqual(Array.from({ length: 20 }, (_, at) => `a token of mine ${at + 2}`).sort());
  });

  test.each([
    [{ platform: 'apns', token: 'dGhpcyBpcyBhIHRva2Vu' }],
    [{ platform: 'fcm', subscription }],
    [{ platform: 'fcm', token: 'short' }],
    [{ platform: 'webpush', subscription: { ...subscription, endpoint: 'javascript:alert(1)' } }],
    [{ platform: 'webpush', subscription: { ...subscription, keys: { ...subscription.keys, auth: 'AAAA' } } }],
    [{ platform: 'fcm', token: 'dGhpcyBpcyBhIHRva2Vu', time_zone: 'nowhere' }],
  ])('%j is no device', async (body) => {
    expect((await call('POST', '/api/devices', await register(), body)).status).toBe(400);
  });
});

describe('what administrators send', () => {
  test('reaches those who are named with the answer, and their sockets are rung; the same key sends it once', async () => {
    const [one, other] = [await register(), await register()];
    const body = { user_ids: [one.id, other.id], title: 'Monsoon', body: 'Read on', data: { week: 7 } };
    const headers = { 'idempotency-key': 'monsoon' };
    rung.length = 0;
    const sent = await call('POST', '/api/notifications/send', admin, body, headers);
    expect([sent.status, sent.body.data]).toEqual([200, { notified: 2, broadcast: null }]);
    expect(rung).toEqual([one.id, other.id]);
    const again = await call('POST', '/api/notifications/send', admin, body, headers);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const changed = { ...body, title: 'Winter' };
    expect((await call('POST', '/api/notifications/send', admin, changed, headers)).status).toBe(422);
    for (const person of [one, other]) {
      expect((await listOf(person)).data).toMatchObject([{ title: 'Monsoon', data: { week: 7 } }]);
    }
  });

  test('to a role is a process that can be watched and stopped', async () => {
    await register(['creator']);
    const body = { role: 'creator', title: 'Monsoon week', body: 'Gifts count twice' };
    const begun = await call('POST', '/api/notifications/send', admin, body);
    expect(begun.status).toBe(202);
    const { broadcast } = begun.body.data;
    expect(broadcast).toMatchObject({ state: 'sending', audience: 'creator', told: 0, total: 1, ended_at: null });
    const path = `/api/notifications/broadcasts/${broadcast.id}`;
    expect((await call('GET', path, admin)).body.data).toEqual(broadcast);
    expect((await call('GET', '/api/notifications/broadcasts', admin)).body.data).toContainEqual(broadcast);
    expect((await call('POST', `${path}/stop`, admin)).body.data).toMatchObject({ state: 'stopped' });
    expect((await call('POST', `${path}/stop`, admin)).body).toMatchObject({
      error_code: 'FLOW_STATE_INVALID',
      details: { current_state: 'stopped', required_state: 'sending' },
    });
  });

  test('is for administrators alone, and has one audience that is there', async () => {
    const person = await register();
    const words = { title: 'x', body: '' };
    const unknown = '0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11';
    for (const [who, body, status] of [
      [person, { ...words, all: true }, 403],
      [admin, words, 400],
      [admin, { ...words, all: true, role: 'viewer' }, 400],
      [admin, { ...words, all: false }, 400],
      [admin, { ...words, user_ids: [] }, 400],
      [admin, { ...words, user_ids: [person.id, unknown] }, 400],
      [admin, { ...words, user_ids: [person.id], kind: 'video_like' }, 400],
    ] as const) {
      expect((await call('POST', '/api/notifications/send', who, body)).status).toBe(status);
    }
    expect((await listOf(person)).data).toEqual([]);
    const paths = ['', '/0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11'].map((end) => `/api/notifications/broadcasts${end}`);
    expect((await call('GET', paths[0] as string, person)).status).toBe(403);
    expect((await call('GET', paths[1] as string, admin)).status).toBe(404);
    expect((await call('POST', `${paths[1]}/stop`, admin)).status).toBe(404);
  });
});

test('every route of notifications has a name to be called by, and named schemas with examples', async () => {
  const document = (await api.app.inject({ url: '/docs/openapi.json' })).json();
  const operations = Object.entries(document.paths ?? {})
    .filter(([path]) => /^\/api\/(notifications|devices)/.test(path))
    .flatMap(([, path]) => Object.values(path as Record<string, { operationId?: string }>));
  expect(operations).toHaveLength(18);
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^(notifications|devices|broadcasts)\.[a-z][A-Za-z]+$/);
  const schemas = document.components?.schemas as Record<string, { examples?: unknown[] }>;
  for (const name of ['Notification', 'NotificationCounts', 'NotificationDelivery', 'SentNotification']) {
    expect(schemas[name]?.examples, name).toHaveLength(1);
  }
});
