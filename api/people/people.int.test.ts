import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { accounts, transfer } from '#db/money/ledger.ts';
import { sql } from '#db/pool.ts';
import { listCorrespondents } from '#db/talk/audience.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { expectOrder, type Json, newTalker, ok, refused, type Talker } from '../talk/testing/people.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
let asha: Talker;
let ben: Talker;
let cleo: Talker;
let count = 0;

const newPerson = () => newTalker(api, `person-${count++}`, ['brand_owner', 'influencer']);

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
});
afterAll(() => api.close());
afterEach(() => expectOrder(api));

async function newThree(): Promise<void> {
  [asha, ben, cleo] = [await newPerson(), await newPerson(), await newPerson()];
}

const user = async (who: Talker, of: Talker): Promise<Json> => (await ok(who.get(`/api/users/${of.id}`))).user;
const follow = (who: Talker, whom: Talker) => ok(who.post(`/api/users/${whom.id}/follow`));
const unfollow = (who: Talker, whom: Talker) => ok(who.call('DELETE', `/api/users/${whom.id}/follow`));
const block = (who: Talker, whom: Talker) => ok(who.post(`/api/users/${whom.id}/block`));
const ids = (rows: Json): string[] => rows.map(({ id }: Json) => id);

describe('who somebody is', () => {
  test('is shown and changed: what is left out stays, null takes it away', async () => {
    await newThree();
    const path = '/api/me';
    await ok(
      asha.call('PATCH', path, { display_name: 'Asha Rao', bio: 'Reels', avatar_url: 'https://cdn.example/a.png' }),
    );
    await ok(asha.call('PATCH', path, { bio: null, private: true }));
    expect(await user(ben, asha)).toMatchObject({
      id: asha.id,
      handle: asha.handle,
      display_name: 'Asha Rao',
      avatar_url: 'https://cdn.example/a.png',
      bio: null,
      private: true,
      roles: ['brand_owner', 'influencer'],
      counts: { followers: 0, following: 0, reviews: 0 },
      rating: null,
      my_follow: 'none',
      blocked_by_me: false,
    });
    const refusedField = async (body: object, field: string) => {
      const answer = await refused(asha.call('PATCH', path, body), 400, 'VALIDATION_FAILED');
      expect(answer.details.fields[0].field).toBe(field);
    };
    await refusedField({ avatar_url: 'http://cdn.example/a.png' }, 'avatar_url');
    await refusedField({ avatar_url: 'https://a:b@cdn.example/a.png' }, 'avatar_url');
    await refusedField({ display_name: '\u200b' }, 'display_name');
    await refusedField({ display_name: 'x'.repeat(51) }, 'display_name');
    await refusedField({ bio: 'x'.repeat(501) }, 'bio');
    await refusedField({ handle: 'other' }, 'handle');
    await refusedField({ private: 'yes' }, 'private');
    await refused(ben.get(`/api/users/${randomUUID()}`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/users/${api.deps.config.SYSTEM_USER_ID}`), 404, 'NOT_FOUND');
    await refused(ben.get('/api/users/x'), 400, 'VALIDATION_FAILED');
  });

  test('a picture of theirs comes with their messages', async () => {
    await newThree();
    await ok(asha.call('PATCH', '/api/me', { avatar_url: 'https://cdn.example/a.png' }));
    await ok(asha.post('/api/messages/send', { receiver_id: ben.id, message: 'Hi' }));
    const [preview] = await ben.heard('message_preview');
    expect(preview?.data).toMatchObject({ data: { senderProfilePic: 'https://cdn.example/a.png' } });
  });
});

describe('following', () => {
  test('counts exactly, once however often and at once it is asked for', async () => {
    await newThree();
    const states = await Promise.all(Array.from({ length: 8 }, () => follow(asha, ben)));
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['following']));
    await follow(cleo, ben);
    expect((await user(asha, ben)).counts).toMatchObject({ followers: 2, following: 0 });
    expect((await user(ben, asha)).counts).toMatchObject({ followers: 0, following: 1 });
    expect(await user(asha, ben)).toMatchObject({ my_follow: 'following', follows_me: false });
    expect(await user(ben, asha)).toMatchObject({ my_follow: 'none', follows_me: true });
    await Promise.all(Array.from({ length: 8 }, () => unfollow(asha, ben)));
    expect((await user(asha, ben)).counts.followers).toBe(1);
    await refused(asha.post(`/api/users/${asha.id}/follow`), 403, 'FORBIDDEN');
    await refused(asha.post(`/api/users/${randomUUID()}/follow`), 404, 'NOT_FOUND');
  });

  test('a private account is asked, and accepts or declines; what nobody asked is not there', async () => {
    await newThree();
    await ok(asha.call('PATCH', '/api/me', { private: true }));
    expect(await follow(ben, asha)).toEqual({ state: 'requested' });
    expect(await follow(ben, asha)).toEqual({ state: 'requested' });
    await follow(cleo, asha);
    expect((await user(ben, asha)).counts.followers).toBe(0);
    await refused(ben.get(`/api/users/${asha.id}/followers`), 403, 'FORBIDDEN');
    await refused(ben.get(`/api/users/${asha.id}/follow-requests`), 404, 'NOT_FOUND');
    expect(ids(await ok(asha.get(`/api/users/${asha.id}/follow-requests`)))).toEqual([cleo.id, ben.id]);
    const answer = (who: Talker, requester: Talker, how: string) =>
      who.post(`/api/users/${asha.id}/follow-requests/${requester.id}/${how}`);
    await refused(answer(ben, ben, 'accept'), 404, 'NOT_FOUND');
    await ok(answer(asha, ben, 'accept'));
    await refused(answer(asha, ben, 'accept'), 404, 'NOT_FOUND');
    await ok(answer(asha, cleo, 'decline'));
    expect(await user(ben, asha)).toMatchObject({ my_follow: 'following', counts: { followers: 1 } });
    expect((await user(cleo, asha)).my_follow).toBe('none');
    expect(ids(await ok(ben.get(`/api/users/${asha.id}/followers`)))).toEqual([ben.id]);
    await follow(cleo, asha);
    await ok(asha.call('PATCH', '/api/me', { private: false }));
    expect(await user(cleo, asha)).toMatchObject({ my_follow: 'following', counts: { followers: 2 } });
  });

  test('a request that is taken back leaves no notification, however much later, and made again is told again', async () => {
    await newThree();
    await ok(asha.call('PATCH', '/api/me', { private: true }));
    const inbox = async () => (await ok(asha.get(`/api/notifications/${asha.id}`))).map(({ kind }: Json) => kind);
    await follow(ben, asha);
    expect(await inbox()).toEqual(['follow_request']);
    api.clock.now = new Date(api.clock.now.getTime() + 600_000);
    await unfollow(ben, asha);
    expect(await inbox()).toEqual([]);
    await follow(ben, asha);
    expect(await inbox()).toEqual(['follow_request']);
  });

  test('is listed latest first, in pages that neither skip nor repeat', async () => {
    await newThree();
    const followers: Talker[] = [];
    for (let at = 0; at < 5; at++) {
      const who = await newPerson();
      followers.unshift(who);
      await follow(who, asha);
      api.clock.now = new Date(api.clock.now.getTime() + (at % 2));
    }
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ben.get(`/api/users/${asha.id}/followers?limit=2${cursor}`);
      found.push(...ids(body.data));
      if (body.page.next_cursor === null) break;
      cursor = `&cursor=${body.page.next_cursor}`;
    }
    expect([...found].sort()).toEqual(ids(followers).sort());
    expect(ids(await ok(ben.get(`/api/users/${followers[0]?.id}/following`)))).toEqual([asha.id]);
  });
});

describe('who is blocked', () => {
  test('can neither follow, write nor see, and follows no longer', async () => {
    await newThree();
    await follow(ben, asha);
    await follow(asha, ben);
    const { conversation } = await ok(
      ben.post('/api/messages/direct-connect', { target_user_id: asha.id, initial_message: 'Hi' }),
    );
    const { room } = await ok(ben.post('/api/chat/rooms', { member_ids: [cleo.id] }));
    const doubted: (readonly string[])[] = [];
    api.deps.bus.listen({ unsure: (userIds) => doubted.push(userIds) });
    await block(asha, ben);
    // What either is in of the other's, they leave at once.
    expect(doubted.flat().sort()).toEqual([asha.id, ben.id].sort());
    await block(asha, ben);
    // To who is blocked they are nobody.
    await refused(ben.get(`/api/users/${asha.id}`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/users/${asha.id}/followers`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/users/${asha.id}/reviews`), 404, 'NOT_FOUND');
    await refused(ben.post(`/api/users/${asha.id}/follow`), 404, 'NOT_FOUND');
    await refused(ben.post('/api/messages/send', { receiver_id: asha.id, message: 'Hi' }), 404, 'NOT_FOUND');
    await refused(
      ben.post('/api/messages/send', { conversation_id: conversation.id, message: 'Hi' }),
      404,
      'NOT_FOUND',
    );
    await refused(ben.post(`/api/conversations/${conversation.id}/messages`, { content: 'Hi' }), 404, 'NOT_FOUND');
    await refused(ben.post(`/api/chat/rooms/${room.id}/members/${asha.id}`), 404, 'NOT_FOUND');
    await refused(ben.post('/api/chat/rooms', { member_ids: [asha.id] }), 400, 'VALIDATION_FAILED');
    // Who blocked knows it.
    expect(await user(asha, ben)).toMatchObject({ blocked_by_me: true, my_follow: 'none', follows_me: false });
    await refused(asha.post('/api/messages/send', { receiver_id: ben.id, message: 'Hi' }), 403, 'FORBIDDEN');
    await refused(asha.post(`/api/users/${ben.id}/follow`), 403, 'FORBIDDEN');
    expect(await user(cleo, asha)).toMatchObject({ counts: { followers: 0, following: 0 } });
    expect(await listCorrespondents(api.deps.pool, [asha.id], 10)).toEqual(new Map());
    await follow(ben, cleo);
    expect(ids(await ok(asha.get(`/api/users/${cleo.id}/followers`)))).toEqual([]);
    await refused(asha.post(`/api/users/${asha.id}/block`), 403, 'FORBIDDEN');
    await refused(asha.post(`/api/users/${randomUUID()}/block`), 404, 'NOT_FOUND');
    await ok(asha.call('DELETE', `/api/users/${ben.id}/block`));
    expect(await user(ben, asha)).toMatchObject({ my_follow: 'none' });
    await ok(ben.post('/api/messages/send', { conversation_id: conversation.id, message: 'Friends?' }));
  });

  test('follows, asks, blocks and their ends in whatever order and at once leave counts exact', {
    timeout: 120_000,
  }, async () => {
    const people = [await newPerson(), await newPerson(), await newPerson()];
    const act = fc.record({
      does: fc.constantFrom('follow', 'unfollow', 'block', 'unblock', 'private', 'public', 'accept'),
      who: fc.nat(2),
      whom: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 18 }), async (acts) => {
        await Promise.all(
          acts.map(async ({ does, who, whom }) => {
            const [one, other] = [people[who] as Talker, people[whom] as Talker];
            const asked = {
              follow: () => one.post(`/api/users/${other.id}/follow`),
              unfollow: () => one.call('DELETE', `/api/users/${other.id}/follow`),
              block: () => one.post(`/api/users/${other.id}/block`),
              unblock: () => one.call('DELETE', `/api/users/${other.id}/block`),
              private: () => one.call('PATCH', '/api/me', { private: true }),
              public: () => one.call('PATCH', '/api/me', { private: false }),
              accept: () => one.post(`/api/users/${one.id}/follow-requests/${other.id}/accept`),
            }[does as 'follow'];
            expect((await asked()).status).toBeLessThan(500);
          }),
        );
        await expectOrder(api);
      }),
      { numRuns: 15 },
    );
  });
});

describe('one’s own data', () => {
  test('is given whole, and nobody else’s', async () => {
    await newThree();
    await ok(asha.call('PATCH', '/api/me', { display_name: 'Asha Rao' }));
    await follow(asha, ben);
    await ok(asha.post('/api/messages/send', { receiver_id: ben.id, message: 'My words' }));
    await ok(ben.post('/api/messages/send', { receiver_id: asha.id, message: 'His words' }));
    await block(asha, cleo);
    const said = { title: 'Mine', duration_seconds: 9, media_url: 'https://media.example/a.mp4' };
    const { video } = await ok(asha.post('/api/videos', said));
    await ok(ben.post('/api/videos', said));
    await ok(asha.post(`/api/videos/${video.id}/comments`, { text: 'My own' }));
    const { kept } = await ok(asha.get('/api/me/export'));
    expect(kept.account.items).toMatchObject([{ handle: asha.handle, display_name: 'Asha Rao' }]);
    expect(kept.account.items[0]).not.toHaveProperty('password_hash');
    expect(kept.messages.items.map(({ message }: Json) => message)).toEqual(['My words']);
    expect(kept.videos.items).toMatchObject([{ id: video.id, title: 'Mine' }]);
    expect(kept.video_comments.items).toMatchObject([{ video_id: video.id, text: 'My own' }]);
    expect(kept.following.items).toMatchObject([{ user_id: ben.id }]);
    expect(kept.blocks.items).toMatchObject([{ user_id: cleo.id }]);
    expect(kept.wallet.items).toMatchObject([{ asset: 'TOKEN', amount: '100', reason: 'registration' }]);
    for (const section of Object.values<Json>(kept)) expect(section.complete).toBe(true);
  });

  test('goes with the account: name, texts and logins; the books keep it without a name', async () => {
    await newThree();
    await ok(asha.call('PATCH', '/api/me', { display_name: 'Asha Rao', bio: 'Reels' }));
    await follow(asha, ben);
    await follow(cleo, asha);
    const { message } = await ok(asha.post('/api/messages/send', { receiver_id: ben.id, message: 'Secret words' }));
    const { room } = await ok(asha.post('/api/chat/rooms', { member_ids: [ben.id, cleo.id] }));
    const { room: left } = await ok(asha.post('/api/chat/rooms', { member_ids: [ben.id, cleo.id] }));
    await ok(asha.post(`/api/chat/rooms/${room.id}/messages`, { message: 'Secret too' }));
    await ok(asha.post(`/api/chat/rooms/${left.id}/messages`, { message: 'Also secret' }));
    await ok(asha.call('DELETE', `/api/chat/rooms/${left.id}/members/${asha.id}`));
    const film = { title: 'Mine', duration_seconds: 9, media_url: 'https://media.example/a.mp4' };
    const [mine, his] = [await ok(asha.post('/api/videos', film)), await ok(ben.post('/api/videos', film))];
    await ok(asha.post(`/api/videos/${his.video.id}/comments`, { text: 'Secret as well' }));
    await ok(ben.post(`/api/videos/${mine.video.id}/like`));
    await refused(asha.call('DELETE', '/api/me', { password: 'wrong-one' }), 403, 'FORBIDDEN');
    await refused(asha.call('DELETE', '/api/me', {}), 400, 'VALIDATION_FAILED');
    await ok(asha.call('DELETE', '/api/me', { password: 'secret123' }));
    await refused(asha.get('/api/me'), 401, 'UNAUTHENTICATED');
    const login = await api.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { handle: asha.handle, password: 'secret123' },
    });
    expect(login.statusCode).toBe(401);
    await refused(ben.get(`/api/users/${asha.id}`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/videos/${mine.video.id}`), 404, 'NOT_FOUND');
    expect(await ok(ben.get(`/api/videos/${his.video.id}/comments`))).toMatchObject([{ text: '' }]);
    const [said] = await ok(ben.get(`/api/messages/conversations/${message.conversation_id}/messages`));
    expect(said).toMatchObject({ id: message.id, message: 'This message was deleted.' });
    for (const id of [room.id, left.id]) {
      const [inRoom] = await ok(ben.get(`/api/chat/rooms/${id}/messages`));
      expect(inRoom).toMatchObject({ message: 'This message was deleted.', sender: { display_name: null } });
      expect(inRoom.sender.handle).toMatch(/^deleted-[0-9a-f]{32}$/);
      const users = await ok(ben.get(`/api/chat/rooms/${id}/users`));
      expect(users.map(({ role }: Json) => role).sort()).toEqual(['member', 'owner']);
    }
    expect((await user(cleo, ben)).counts).toMatchObject({ followers: 0 });
    expect((await user(ben, cleo)).counts).toMatchObject({ following: 0 });
    await refused(
      ben.post('/api/messages/send', { conversation_id: message.conversation_id, message: 'Still there?' }),
      404,
      'NOT_FOUND',
    );
    // Whoever comes next may have the name.
    await newTalker(api, asha.handle);
  });

  test('goes though somebody took the name that it would have', async () => {
    await newThree();
    const handle = `deleted-${asha.id.replaceAll('-', '')}`;
    const register = (taken: string) =>
      api.app.inject({
        method: 'POST',
        url: '/api/auth/register',
        payload: { handle: taken, password: 'secret123', roles: ['viewer'] },
      });
    for (const taken of [handle, handle.toUpperCase(), 'deleted', 'Deleted-1'])
      expect((await register(taken)).json(), taken).toMatchObject({ error_code: 'CONFLICT' });
    // As it could be once.
    await api.deps.pool.query(sql.typeAlias('void')`UPDATE users SET handle = ${handle} WHERE id = ${ben.id}`);
    await ok(asha.call('DELETE', '/api/me', { password: 'secret123' }));
    const left = await api.deps.pool.oneFirst(sql.type(z.object({ handle: z.string() }))`
      SELECT handle FROM users WHERE id = ${asha.id}
    `);
    expect(left).toMatch(/^deleted-[0-9a-f]{32}$/);
    expect(left).not.toBe(handle);
  });

  test('ends with what was offered: nobody finds it, applies to it or takes of it', async () => {
    await newThree();
    const posted = { title: 'Monsoon', description: 'Three reels' };
    const campaign = await ok(asha.post('/api/campaigns', { ...posted, budget: '5000' }));
    const bid = await ok(asha.post('/api/bids', { ...posted, starting_price: '4000' }));
    const gig = await ok(asha.post('/api/gigs', { ...posted, category: 'video' }));
    const clan = await ok(asha.post('/api/clans', { name: `Rain ${asha.handle}`, description: 'Reels' }));
    const offer = { pairId: 'USDT-INR', kind: 'p2p', side: 'buy', type: 'limit', price: '80', amount: '10' };
    const { order } = await ok(asha.post('/api/trading/orders', { ...offer, min: '1', paymentMethods: ['UPI'] }));
    const listed = async () => {
      const paths = ['campaigns', 'bids', 'gigs', 'clans', 'crypto/p2p/offers'];
      const pages = await Promise.all(paths.map((path) => ok(ben.get(`/api/${path}`))));
      return pages.flat().map(({ id, orderId }: Json) => id ?? orderId);
    };
    const all = [campaign.id, bid.id, gig.id, clan.id, order.id];
    expect(await listed()).toEqual(expect.arrayContaining(all));
    await ok(asha.call('DELETE', '/api/me', { password: 'secret123' }));
    const after = await listed();
    expect(all.filter((id) => after.includes(id))).toEqual([]);
    const applied = { message: 'I can', proposed_amount: '4000' };
    await refused(ben.post(`/api/campaigns/${campaign.id}/apply`, applied), 404, 'NOT_FOUND');
    await refused(ben.post(`/api/bids/${bid.id}/connect`, applied), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/campaigns/${campaign.id}`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/gigs/${gig.id}`), 404, 'NOT_FOUND');
    await refused(ben.get(`/api/clans/${clan.id}`), 404, 'NOT_FOUND');
    await refused(
      ben.post(`/api/trading/orders/${order.id}/take`, {
        amount: '5',
        payment_method: 'UPI',
        payment_details: 'ben@bank',
      }),
      409,
      'FLOW_STATE_INVALID',
    );
  });

  test('stays while money or an open process is one’s own, and says which', async () => {
    await newThree();
    await api.deps.pool.transaction((transaction) =>
      transfer(transaction, {
        ...{ key: `test_${asha.id}`, reason: 'test', conversationId: null, occurredAt: api.clock.now.toISOString() },
        legs: [
          { account: accounts.issuance('USDT'), amount: -5_000_000n },
          { account: accounts.wallet(asha.id, 'USDT'), amount: 5_000_000n },
        ],
      }),
    );
    const rich = await refused(asha.call('DELETE', '/api/me', { password: 'secret123' }), 409, 'CONFLICT');
    expect(rich.details.balances).toEqual([{ asset: 'USDT', available: '5.000000', held: '0.000000' }]);
    const campaign = await ok(
      ben.post('/api/campaigns', { title: 'Monsoon', description: 'Three reels', budget: '5000' }),
    );
    const applied = await ok(
      cleo.post(`/api/campaigns/${campaign.id}/apply`, { message: 'I can', proposed_amount: '4000' }),
    );
    for (const who of [ben, cleo]) {
      const busy = await refused(who.call('DELETE', '/api/me', { password: 'secret123' }), 409, 'CONFLICT');
      expect(busy.details.processes).toEqual([applied.conversation.id]);
    }
    await ok(asha.get('/api/me'));
  });
});

describe('reviews', () => {
  test('are of deals whose money was released', async () => {
    await newThree();
    const campaign = await ok(
      ben.post('/api/campaigns', { title: 'Monsoon', description: 'Three reels', budget: '5000' }),
    );
    const { conversation } = await ok(
      cleo.post(`/api/campaigns/${campaign.id}/apply`, { message: 'I can', proposed_amount: '4000' }),
    );
    const path = `/api/messages/conversations/${conversation.id}/review`;
    await refused(ben.post(path, { stars: 5, text: 'Good' }), 409, 'FLOW_STATE_INVALID');
    await refused(asha.post(path, { stars: 5, text: 'Good' }), 404, 'NOT_FOUND');
    for (const stars of [0, 6, 4.5, '5', null]) {
      await refused(ben.post(path, { stars, text: 'Good' }), 400, 'VALIDATION_FAILED');
    }
    await refused(ben.post(path, { stars: 5, text: 'x'.repeat(1_001) }), 400, 'VALIDATION_FAILED');
    const { conversation: direct } = await ok(
      asha.post('/api/messages/direct-connect', { target_user_id: ben.id, initial_message: 'Hi' }),
    );
    await refused(
      asha.post(`/api/messages/conversations/${direct.id}/review`, { stars: 5 }),
      409,
      'FLOW_STATE_INVALID',
    );
  });
});
