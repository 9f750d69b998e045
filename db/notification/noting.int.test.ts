import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { SYSTEM, startDealing } from '../deal/testing/dealing.ts';
import { announce } from '../event/announce.ts';
import { getLastSeq } from '../event/outbox.ts';
import { adjust } from '../money/wallets.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { createRoom } from '../talk/rooms.ts';
import { speakInRoom } from '../talk/speaking.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { listUnnoted, noteNext, passOver, readSpans, setAllNoted } from './noting.ts';
import { findPushEvent, listDuePushesOf } from './pushes.ts';
import { startTelling, type Telling } from './testing/telling.ts';

// What is made of people's events after these are committed, on a real database.

let pool: Pool;
let telling: Telling;
beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  telling = startTelling(pool);
  telling.clock.now = new Date();
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

const DAY_MS = 86_400_000;
const take = (userIds: readonly string[]) =>
  pool.transaction((transaction) => noteNext(transaction, { userIds, systemUserId: SYSTEM, now: telling.now() }));

/** As the worker does it: as long as there is something. */
async function noteAll(userIds: readonly string[]): Promise<void> {
  while ((await take(userIds)).looked > 0) {}
}

const room = (ownerId: string, ...memberIds: string[]) =>
  pool.transaction((transaction) =>
    createRoom(transaction, { kind: 'group', name: 'Crew', ownerId, memberIds, now: telling.now() }),
  );

const say = (conversationId: string, senderId: string, text: string) =>
  pool.transaction((transaction) =>
    speakInRoom(transaction, {
      ...{ conversationId, senderId, text, mediaUrl: null, content: 'text' as const, now: telling.now() },
    }),
  );

const unnoted = async () => listUnnoted(pool, (await readSpans(pool, 0)).all, 1_000);

const pushesOf = (userId: string) => {
  telling.pass(60_000);
  return listDuePushesOf(pool, userId, telling.now(), 100);
};

describe('messages', () => {
  test('are pushed to who has a device, as one within seconds, by the number of the last of them', async () => {
    const [ana, ben, cleo] = [await telling.user(), await telling.user(), await telling.user()];
    await telling.device(ben);
    const id = await room(ana, ben, cleo);
    await say(id, ana, 'Hello');
    await say(id, ana, 'Shall we?');
    expect((await take([ana, ben, cleo])).pushed).toEqual([{ userId: ben, seq: await getLastSeq(pool, ben) }]);
    expect(await pushesOf(cleo)).toEqual([]);
    const [pushId = '', ...more] = await pushesOf(ben);
    expect(more).toEqual([]);
    expect(await findPushEvent(pool, pushId)).toEqual({ userId: ben, seq: await getLastSeq(pool, ben) });
    expect(await telling.due(ben, true)).toEqual([null]);
    expect(await telling.list(ben)).toEqual([]);
  });

  test('that name their reader are told as that alone', async () => {
    const [ana, ben] = [await telling.user(), await telling.user()];
    await telling.device(ben);
    const id = await room(ana, ben);
    const handle = await pool.oneFirst(sql.typeAlias('id')`SELECT handle AS id FROM users WHERE id = ${ben}`);
    await say(id, ana, `@${handle}, shall we?`);
    await noteAll([ana, ben]);
    expect(await telling.list(ben)).toMatchObject([{ kind: 'mention', count: 1 }]);
    expect(await pushesOf(ben)).toHaveLength(1);
  });

  test('of whom the reader has blocked, or who has blocked them, disturb nobody', async () => {
    const [ana, ben] = [await telling.user(), await telling.user()];
    await telling.device(ben);
    const id = await room(ana, ben);
    await pool.query(sql.typeAlias('void')`
      INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (${ben}, ${ana}, now())
    `);
    await say(id, ana, 'Shall we?');
    await noteAll([ana, ben]);
    expect(await pushesOf(ben)).toEqual([]);
  });

  test('of which nobody was told for a day disturb nobody any more', async () => {
    const [ana, ben] = [await telling.user(), await telling.user()];
    await telling.device(ben);
    await say(await room(ana, ben), ana, 'Good morning');
    telling.pass(DAY_MS);
    await noteAll([ben]);
    telling.pass(-DAY_MS);
    expect(await pushesOf(ben)).toEqual([]);
  });
});

describe('a deal', () => {
  test('that moves on is in the inbox of the other side, once a step, and said on sockets in one form more', async () => {
    const dealing = startDealing(pool, await telling.user());
    const parties = await dealing.newPair();
    const id = await dealing.open('campaign', parties);
    await dealing.give(id, 'brand_owner', 'accept_application');
    await noteAll(Object.values(parties));
    const about = { kind: 'deal_moved', target: { type: 'deal', id } };
    expect(await telling.list(parties.brand_owner)).toMatchObject([
      { ...about, title: 'Somebody applied to your campaign', actor: { id: parties.influencer } },
    ]);
    const moved = await telling.list(parties.influencer);
    expect(moved).toMatchObject([{ ...about, title: 'A deal of yours moved on', body: expect.stringMatching(/\w/) }]);
    const names = await telling.events(parties.influencer);
    expect(names.filter((name) => name === 'notification')).toHaveLength(1);
    expect(names.at(-1)).toBe('new_notification');
  });
});

describe('looking', () => {
  /** Whoever has a wallet can sign in. */
  async function withWallet(): Promise<string> {
    const userId = await telling.user();
    await pool.query(sql.typeAlias('void')`UPDATE users SET password_hash = 'none that fits' WHERE id = ${userId}`);
    return userId;
  }

  const give = (userId: string) =>
    pool.transaction((transaction) =>
      adjust(transaction, {
        userId,
        asset: 'INR',
        amount: 100n,
        reason: 'By mistake',
        corrects: null,
        now: telling.now(),
      }),
    );

  test('money that arrives is told once, however many look at once and again', async () => {
    const [one, other] = [await withWallet(), await withWallet()];
    for (let n = 0; n < 5; n += 1) await Promise.all([give(one), give(other)]);
    await Promise.all(Array.from({ length: 8 }, () => take([one, other])));
    await noteAll([one, other]);
    for (const userId of [one, other]) {
      expect((await telling.list(userId)).map(({ kind }) => kind)).toEqual(Array(5).fill('wallet_credited'));
    }
  });

  test('whoever has more events than one look takes is told of the last as of the first', async () => {
    const userId = await withWallet();
    await give(userId);
    const idle = Array.from({ length: 250 }, () => ({
      user_id: userId,
      name: 'notification_withdrawn' as const,
      data: { id: uuid() },
    }));
    await pool.transaction((transaction) => announce(transaction, idle));
    await give(userId);
    await noteAll([userId]);
    expect(await telling.list(userId)).toHaveLength(2);
  });

  test('an inbox that somebody else is at is passed over, and looked at afterwards', async () => {
    const [one, other] = [await withWallet(), await withWallet()];
    await noteAll([one, other]);
    await Promise.all([give(one), give(other)]);
    await pool.transaction(async (transaction) => {
      await transaction.query(sql.typeAlias('void')`SELECT FROM inboxes WHERE user_id = ${one} FOR UPDATE`);
      expect((await take([one, other])).looked).toBe(1);
    });
    expect(await unnoted()).toContain(one);
    await noteAll([one]);
    expect(await telling.list(one)).toHaveLength(1);
  });

  test('money that nobody looked at for a day is in the inbox, and wakes nobody', async () => {
    const userId = await withWallet();
    await telling.device(userId);
    await give(userId);
    telling.pass(DAY_MS);
    await noteAll([userId]);
    expect(await telling.list(userId)).toMatchObject([{ kind: 'wallet_credited' }]);
    expect(await pushesOf(userId)).toEqual([]);
    telling.pass(-DAY_MS);
  });

  test('what cannot be looked at is passed over alone', async () => {
    const userId = await withWallet();
    await noteAll([userId]);
    await give(userId);
    await give(userId);
    await passOver(pool, userId);
    await noteAll([userId]);
    expect(await telling.list(userId)).toHaveLength(1);
  });

  test('who has nothing new is not found; who has is, also by the mark of all that was looked at', async () => {
    const userId = await withWallet();
    await give(userId);
    expect(await unnoted()).toContain(userId);
    // Its own notification is an event too, which is worth nothing.
    await noteAll([userId]);
    expect(await unnoted()).not.toContain(userId);
    await setAllNoted(pool, (await readSpans(pool, 0)).all.until);
    await give(userId);
    expect(await unnoted()).toContain(userId);
  });
});
