import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { NOTIFICATION_EVENTS } from '#workflows/notification/contract.ts';
import { kindFacts } from '#workflows/notification/kinds.ts';
import { NO_PREFERENCES } from '#workflows/notification/preferences.ts';
import { announce } from '../event/announce.ts';
import { listEvents } from '../event/outbox.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { listNotifications, markNotification, markUpTo } from './inbox.ts';
import { notify } from './notify.ts';
import { setPreferences } from './preferences.ts';
import { snooze } from './pushes.ts';
import { startTelling, type Telling } from './testing/telling.ts';

let pool: Pool;
let telling: Telling;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  telling = startTelling(pool);
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

const WINDOW = kindFacts('video_like').digestMs as number;

describe('telling', () => {
  test('a notification is in the list, counted, and on sockets in both forms, each as its schema says', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await telling.like(user, actor);
    const [notification] = await telling.list(user);
    expect(notification).toMatchObject({
      kind: 'video_like',
      title: expect.stringMatching(/ liked your video$/),
      actor: { id: actor },
      target: { type: 'video', id: 'one' },
      count: 1,
      read_at: null,
    });
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
    const events = await listEvents(pool, user, 0, 10);
    expect(events.map(({ name }) => name)).toEqual(['notification', 'new_notification']);
    expect(NOTIFICATION_EVENTS.new_notification.parse(events[1]?.data)).toEqual(notification);
    expect(NOTIFICATION_EVENTS.notification.parse(events[0]?.data)).toMatchObject({
      type: 'video_like',
      recipientIds: [user],
      data: { actorId: actor, actorUsername: notification?.actor?.handle, videoId: 'one' },
    });
  });

  test('a transaction that is undone told nobody anything', async () => {
    const user = await telling.user();
    const note = { userId: user, kind: 'security', key: 'a', actorId: null, target: null, title: 'x' } as const;
    await expect(
      pool.transaction(async (transaction) => {
        await notify(transaction, [note], { now: telling.now() });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect([await telling.list(user), await telling.events(user)]).toEqual([[], []]);
  });

  test('one trigger is one notification, though it is sent 64 times at once', async () => {
    const user = await telling.user();
    const told = await Promise.all(Array.from({ length: 64 }, () => telling.tell({ userId: user, key: 'once' })));
    expect(told.flat()).toHaveLength(1);
    expect(await telling.list(user)).toHaveLength(1);
    expect(await telling.events(user)).toHaveLength(2);
  });

  test('the same trigger twice in one call is one, and each reader has their own', async () => {
    const [one, other] = [await telling.user(), await telling.user()];
    const key = 'both';
    await telling.tell({ userId: one, key }, { userId: one, key }, { userId: other, key });
    expect([await telling.list(one), await telling.list(other)].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('what one did oneself is no news', async () => {
    const user = await telling.user();
    expect(await telling.like(user, user)).toEqual([]);
    expect(await telling.list(user)).toEqual([]);
  });

  test('what else is announced goes with it, in one line of numbers', async () => {
    const user = await telling.user();
    const note = { userId: user, kind: 'security', key: 'a', actorId: null, target: null, title: 'x' } as const;
    const other = {
      user_id: user,
      name: 'message_seen',
      data: { messageId: null, userId: user, conversationId: user },
    };
    await pool.transaction((transaction) =>
      notify(transaction, [note], { now: telling.now(), beside: [other] as never }),
    );
    expect(await telling.events(user)).toEqual(['message_seen', 'notification', 'new_notification']);
  });

  test('many who are told many things at once, in any order, never wait for each other in a circle', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => telling.user()));
    const orders = Array.from({ length: 24 }, (_, at) => [...users.slice(at % 6), ...users.slice(0, at % 6)]);
    await Promise.all(
      orders.map((order, at) =>
        at % 3 === 0
          ? pool.transaction((transaction) =>
              announce(
                transaction,
                order.map((user_id) => ({ user_id, name: 'notification_withdrawn', data: { id: user_id } })),
              ),
            )
          : telling.tell(...order.map((userId) => ({ userId }))),
      ),
    );
    for (const user of users) expect(await telling.list(user)).toHaveLength(16);
    const deadlocks = await pool.oneFirst(sql.type(z.object({ many: z.bigint() }))`
      SELECT deadlocks AS many FROM pg_stat_database WHERE datname = current_database()
    `);
    expect(deadlocks).toBe(0n);
  });

  test('a page of five hundred is told in a handful of statements', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => telling.user()));
    const began = performance.now();
    await telling.tell(...users.map((userId) => ({ userId })));
    expect(performance.now() - began).toBeLessThan(2_000);
    for (const user of users) expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
  });
});

describe('folding', () => {
  test('six events about two things are two notifications that name three each', async () => {
    const user = await telling.user();
    const actors = await Promise.all(['a', 'b', 'c'].map(() => telling.user()));
    for (const actor of actors) for (const video of ['one', 'two']) await telling.like(user, actor, video);
    const list = await telling.list(user);
    expect(list.map(({ title, count }) => [title, count])).toEqual([
      ['3 people liked your video', 3],
      ['3 people liked your video', 3],
    ]);
    expect(new Set(list.map(({ target }) => target?.id))).toEqual(new Set(['one', 'two']));
    const handles = list[0]?.body.split(/, | and /) ?? [];
    expect(handles).toHaveLength(3);
    expect(await telling.counts(user)).toEqual({ unread: 2, unseen: 2 });
  });

  test('the window opens with the first and is not made longer by the next', async () => {
    const user = await telling.user();
    const [a, b, c] = [await telling.user(), await telling.user(), await telling.user()];
    await telling.like(user, a);
    telling.pass(WINDOW - 1);
    await telling.like(user, b);
    telling.pass(1);
    await telling.like(user, c);
    expect((await telling.list(user)).map(({ count }) => count)).toEqual([1, 2]);
  });

  test('one person who did it twice is one person, and two times', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    for (const key of ['first', 'second']) {
      await telling.tell({
        userId: user,
        kind: 'video_comment',
        key,
        actorId: actor,
        target: { type: 'video', id: '1' },
      });
    }
    const [only, ...more] = await telling.list(user);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ count: 2, title: `${only?.actor?.handle} commented on your video` });
  });

  test('what folds into something seen makes it unseen; what was read is left alone and another begins', async () => {
    const user = await telling.user();
    const [a, b, c] = [await telling.user(), await telling.user(), await telling.user()];
    await telling.like(user, a);
    await markUpTo(pool, user, 'seen', null, telling.now());
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 0 });
    await telling.like(user, b);
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
    await markUpTo(pool, user, 'read', null, telling.now());
    await telling.like(user, c);
    expect((await telling.list(user)).map(({ count, read_at }) => [count, read_at !== null])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  test('a take-back inside the window leaves nothing, and the page is told', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await telling.like(user, actor);
    expect(await telling.unlike(user, actor)).toBe(true);
    expect(await telling.unlike(user, actor)).toBe(false);
    expect(await telling.list(user)).toEqual([]);
    expect(await telling.counts(user)).toEqual({ unread: 0, unseen: 0 });
    expect((await telling.events(user)).at(-1)).toBe('notification_withdrawn');
    await telling.like(user, actor);
    expect(await telling.list(user)).toHaveLength(1);
  });

  test('one of several that is taken back is one less, by name too', async () => {
    const user = await telling.user();
    const [a, b, c] = [await telling.user(), await telling.user(), await telling.user()];
    for (const actor of [a, b, c]) await telling.like(user, actor);
    expect(await telling.unlike(user, c)).toBe(true);
    const [left] = await telling.list(user);
    expect(left).toMatchObject({ count: 2, actor: { id: b } });
    expect(left?.title).toMatch(/ and .* liked your video/);
  });

  test('after the window a take-back changes nothing, and doing it again tells nobody', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await telling.like(user, actor);
    telling.pass(WINDOW);
    expect(await telling.unlike(user, actor)).toBe(false);
    expect(await telling.like(user, actor)).toEqual([]);
    expect(await telling.list(user)).toHaveLength(1);
  });

  test('likes and unlikes at the same instant leave as many as were not taken back', async () => {
    const user = await telling.user();
    const actors = await Promise.all(Array.from({ length: 12 }, () => telling.user()));
    await Promise.all(actors.map((actor) => telling.like(user, actor)));
    await Promise.all(actors.slice(0, 5).map((actor) => telling.unlike(user, actor)));
    const list = await telling.list(user);
    expect(list.map(({ count }) => count)).toEqual([7]);
  });
});

describe('the inbox', () => {
  test('a kind that is off there is not listed, counted or told, and may be pushed all the same', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await telling.device(user);
    await setPreferences(pool, user, { ...NO_PREFERENCES, kinds: { video_like: { in_app: false } } }, telling.now());
    await telling.like(user, actor);
    expect([await telling.list(user), await telling.events(user)]).toEqual([[], []]);
    telling.pass(WINDOW);
    expect(await telling.due(user)).toMatchObject([{ notification: { kind: 'video_like' } }]);
  });

  test('messages are pushed and are no notifications on a page', async () => {
    const [user, actor] = [await telling.user(), await telling.user()];
    await telling.device(user);
    await telling.tell({ userId: user, kind: 'message', actorId: actor, target: { type: 'conversation', id: '1' } });
    expect(await telling.list(user)).toEqual([]);
    telling.pass(10_000);
    expect(await telling.due(user)).toMatchObject([
      { notification: { title: expect.stringMatching(/ wrote to you$/) } },
    ]);
  });

  test('seen is not read is not put away', async () => {
    const user = await telling.user();
    const [told] = await telling.tell({ userId: user });
    const id = told?.notificationId ?? '';
    const mark = (as: Parameters<typeof markNotification>[3]) => markNotification(pool, user, id, as, telling.now());
    await mark('seen');
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 0 });
    await mark('read');
    expect(await telling.counts(user)).toEqual({ unread: 0, unseen: 0 });
    await mark('unread');
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 0 });
    await mark('archived');
    expect(await telling.counts(user)).toEqual({ unread: 0, unseen: 0 });
    expect(await telling.list(user)).toEqual([]);
    const asked = { unread: false, archived: true, kind: null, before: null, limit: 10, now: telling.now() };
    expect(await listNotifications(pool, user, asked)).toMatchObject([{ id, read_at: null }]);
  });

  test('nobody marks what is another’s', async () => {
    const [user, other] = [await telling.user(), await telling.user()];
    const [told] = await telling.tell({ userId: user });
    for (const mark of ['seen', 'read', 'archived', 'unread'] as const) {
      expect(await markNotification(pool, other, told?.notificationId ?? '', mark, telling.now())).toBe(false);
    }
    const id = told?.notificationId ?? '';
    expect(await snooze(pool, { userId: other, id, until: '2030-01-01T00:00:00.000Z', now: telling.now() })).toBe(
      false,
    );
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
  });

  test('what came after the one that is marked up to is untouched, also what folded into an older one since', async () => {
    const user = await telling.user();
    const [a, b] = [await telling.user(), await telling.user()];
    await telling.like(user, a);
    await telling.tell({ userId: user, key: 'second' });
    const shown = await telling.list(user);
    await telling.tell({ userId: user, key: 'third' });
    await telling.like(user, b);
    const position = shown[0]?.position as number;
    expect(await markUpTo(pool, user, 'read', { position }, telling.now())).toBe(1);
    const unread = (await telling.list(user)).filter(({ read_at }) => read_at === null);
    expect(unread.map(({ kind, count }) => [kind, count])).toEqual([
      ['video_like', 2],
      ['announcement', 1],
    ]);
    const id = shown.find(({ kind }) => kind === 'announcement')?.id as string;
    expect(await markUpTo(pool, user, 'read', { id }, telling.now())).toBe(0);
    expect(await markUpTo(pool, user, 'read', { id: a }, telling.now())).toBe(0);
  });

  test('marking all while others come never marks one that came later', async () => {
    const user = await telling.user();
    for (let round = 0; round < 10; round += 1) {
      await telling.tell({ userId: user });
      const [newest] = await telling.list(user);
      const [, told] = await Promise.all([
        markUpTo(pool, user, 'read', { position: newest?.position as number }, telling.now()),
        telling.tell({ userId: user }),
      ]);
      const later = (await telling.list(user)).find(({ id }) => id === told[0]?.notificationId);
      expect(later?.read_at).toBeNull();
      await markUpTo(pool, user, 'read', null, telling.now());
    }
  });

  test('what is snoozed leaves list and counts, and is back at its time: unread, on top, and told anew', async () => {
    const user = await telling.user();
    const [told] = await telling.tell({ userId: user, key: 'first' });
    const id = told?.notificationId ?? '';
    await markNotification(pool, user, id, 'read', telling.now());
    await telling.tell({ userId: user, key: 'second' });
    const until = new Date(telling.clock.now.getTime() + 3_600_000).toISOString();
    expect(await snooze(pool, { userId: user, id, until, now: telling.now() })).toBe(true);
    expect((await telling.list(user)).map((each) => each.id)).not.toContain(id);
    expect(await telling.counts(user)).toEqual({ unread: 1, unseen: 1 });
    telling.pass(3_599_999);
    expect(await telling.list(user)).toHaveLength(1);
    telling.pass(1);
    // Also before anybody carries out what is due.
    expect((await telling.list(user)).map((each) => each.id)).toContain(id);
    expect(await telling.counts(user)).toEqual({ unread: 2, unseen: 2 });
    const before = (await telling.events(user)).length;
    await telling.due(user);
    expect((await telling.list(user))[0]).toMatchObject({ id, read_at: null, seen_at: null, snoozed_until: null });
    expect((await telling.events(user)).slice(before)).toEqual(['notification', 'new_notification']);
    await telling.due(user);
    expect(await telling.events(user)).toHaveLength(before + 2);
  });
});

test('whatever is told, folded, taken back, marked, put away and snoozed, in any order: the counts are the list’s', async () => {
  const actors = await Promise.all(['a', 'b', 'c'].map(() => telling.user()));
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('like' as const), by: fc.nat(2), video: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('unlike' as const), by: fc.nat(2), video: fc.nat(1) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('tell' as const), key: fc.nat(5) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('mark' as const),
        which: fc.nat(7),
        as: fc.constantFrom('seen', 'read', 'archived', 'unread'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('all' as const), which: fc.nat(7), as: fc.constantFrom('seen', 'read') }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('snooze' as const), which: fc.nat(7), minutes: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.nat(6) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('due' as const) }) },
  );
  type Action = typeof action extends fc.Arbitrary<infer Of> ? Of : never;

  async function give(user: string, one: Action): Promise<void> {
    const now = telling.now();
    const list = await telling.list(user);
    const chosen = 'which' in one ? list[one.which % Math.max(1, list.length)] : undefined;
    if (one.do === 'like') await telling.like(user, actors[one.by] as string, `v${one.video}`);
    else if (one.do === 'unlike') await telling.unlike(user, actors[one.by] as string, `v${one.video}`);
    else if (one.do === 'tell') await telling.tell({ userId: user, key: `k${one.key}` });
    else if (one.do === 'mark' && chosen) await markNotification(pool, user, chosen.id, one.as as 'read', now);
    else if (one.do === 'all') {
      await markUpTo(pool, user, one.as as 'read', chosen ? { position: chosen.position } : null, now);
    } else if (one.do === 'snooze' && chosen) {
      const until = new Date(telling.clock.now.getTime() + (one.minutes + 1) * 60_000).toISOString();
      await snooze(pool, { userId: user, id: chosen.id, until, now });
    } else if (one.do === 'pass') telling.pass(one.minutes * 60_000);
    else if (one.do === 'due') await telling.due(user);
  }

  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), async (rounds) => {
      const user = await telling.user();
      for (const round of rounds) {
        // Those of a round at the same instant.
        await Promise.all(round.map((one) => give(user, one)));
        const list = await telling.list(user);
        expect(await telling.counts(user)).toEqual({
          unread: list.filter(({ read_at }) => read_at === null).length,
          unseen: list.filter(({ seen_at, read_at }) => seen_at === null && read_at === null).length,
        });
        const positions = list.map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].sort((one, other) => other - one));
      }
    }),
    { numRuns: 40 },
  );
});
