import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockUser } from '#db/people/blocks.ts';
import type { Pool } from '#db/pool.ts';
import { liveStream } from '#db/stream/testing/live.ts';
import { createTestRedis } from '#local/testStack.ts';
import type { Client } from './testing/client.ts';
import { openPlace, type Place, type Process, until } from './testing/place.ts';

let place: Place;
let process: Process;
beforeAll(async () => {
  place = await openPlace();
  process = await place.process({ limits: { presenceGraceMs: 100 } });
});
afterAll(() => place.close());

const livesOf = (client: Client, name: string) => client.lives.filter((live) => live.name === name);

async function twoInConversation() {
  const [asha, ben] = [await place.user('brand_owner'), await place.user('influencer')];
  const conversation = await place.directConversation(asha, ben);
  const [a, b] = [await place.client(process, asha), await place.client(process, ben)];
  return { asha, ben, conversation, a, b };
}

/** Everything sent to this client until now has come once this is answered: frames keep their order. */
async function settled(client: Client): Promise<void> {
  await client.command('join', client.ready?.user_id);
}

test('typing is heard by the other side in the conversation, and not by oneself', async () => {
  const { asha, conversation, a, b } = await twoInConversation();
  await a.command('join_conversation', conversation);
  expect(await b.command('join_conversation', { conversationId: conversation })).toMatchObject({
    success: true,
    data: { room: `conversation_${conversation}` },
  });
  expect(await a.command('typing_start', { conversationId: conversation, userId: asha })).toMatchObject({
    success: true,
  });
  await a.command('typing_stop', { conversationId: conversation });
  await until(() => livesOf(b, 'user_typing').length === 2, 'both are heard');
  expect(livesOf(b, 'user_typing').map(({ data, room }) => ({ data, room }))).toEqual(
    [true, false].map((isTyping) => ({
      data: { conversationId: conversation, userId: asha, isTyping },
      room: `conversation_${conversation}`,
    })),
  );
  await settled(a);
  expect(livesOf(a, 'user_typing')).toEqual([]);
});

test('who left the conversation, or never opened it, hears no typing', async () => {
  const { conversation, a, b } = await twoInConversation();
  await a.command('typing_start', { conversationId: conversation });
  await b.command('join_conversation', conversation);
  await b.command('leave_conversation', conversation);
  await a.command('typing_start', { conversationId: conversation });
  await settled(b);
  expect(livesOf(b, 'user_typing')).toEqual([]);
});

test('a connection that breaks while typing has stopped typing', async () => {
  const { conversation, a, b } = await twoInConversation();
  await b.command('join_conversation', conversation);
  await a.command('typing_start', { conversationId: conversation });
  a.socket?.terminate();
  await until(() => livesOf(b, 'user_typing').length === 2, 'it is said');
  expect(livesOf(b, 'user_typing')[1]?.data).toMatchObject({ isTyping: false });
});

test('the conversations of others are not there: joining and typing are NOT_FOUND, as for ids of nothing', async () => {
  const { conversation, b } = await twoInConversation();
  const stranger = await place.client(process, await place.user('influencer'));
  for (const id of [conversation, uuid()]) {
    for (const [name, data] of [
      ['join_conversation', id],
      ['typing_start', { conversationId: id }],
      ['typing_stop', { conversationId: id }],
    ] as const) {
      expect(await stranger.command(name, data)).toMatchObject({
        success: false,
        error_code: 'NOT_FOUND',
        details: {},
      });
    }
  }
  await b.command('join_conversation', conversation);
  await settled(b);
  expect(livesOf(b, 'user_typing')).toEqual([]);
});

test('an administrator follows a conversation and has nothing to say in it', async () => {
  const { conversation, a } = await twoInConversation();
  const admin = await place.client(process, await place.user('admin'));
  expect(await admin.command('join_conversation', conversation)).toMatchObject({ success: true });
  expect(await admin.command('typing_start', { conversationId: conversation })).toMatchObject({
    error_code: 'FORBIDDEN',
  });
  await a.command('typing_start', { conversationId: conversation });
  await until(() => livesOf(admin, 'user_typing').length === 1, 'it follows');
});

test('commands are done as who signed in: naming another is FORBIDDEN', async () => {
  const { asha, ben, conversation, a } = await twoInConversation();
  for (const [name, data] of [
    ['join', ben],
    ['join', { userId: ben }],
    ['send_message', { conversationId: conversation, senderId: ben, message: 'as ben' }],
    ['typing_start', { conversationId: conversation, userId: ben }],
    ['typing_stop', { conversationId: conversation, userId: ben }],
    ['mark_seen', { conversationId: conversation, userId: ben }],
    ['user_status', { userId: ben, status: 'away' }],
  ] as const) {
    expect(await a.command(name, data), name).toMatchObject({ success: false, error_code: 'FORBIDDEN' });
  }
  expect(await a.command('join', asha)).toMatchObject({ success: true, data: { room: `user_${asha}` } });
});

test('campaigns and bids can be followed where there are such', async () => {
  const { asha, ben, a } = await twoInConversation();
  const [campaign, bid] = [await place.campaign(asha), await place.bid(ben)];
  expect(await a.command('join_campaign_room', campaign)).toMatchObject({ data: { room: `campaign_${campaign}` } });
  expect(await a.command('join_bid_room', { bidId: bid })).toMatchObject({ data: { room: `bid_${bid}` } });
  expect(await a.command('join_campaign_room', bid)).toMatchObject({ error_code: 'NOT_FOUND' });
  expect(await a.command('join_bid_room', campaign)).toMatchObject({ error_code: 'NOT_FOUND' });
});

test('a connection is in so many rooms and no more', async () => {
  const narrow = await place.process({ limits: { roomsPerConnection: 2 } });
  const asha = await place.user();
  const client = await place.client(narrow, asha);
  const [one, two, three] = [await place.campaign(asha), await place.campaign(asha), await place.campaign(asha)];
  for (const id of [one, two, two])
    expect(await client.command('join_campaign_room', id)).toMatchObject({ success: true });
  expect(await client.command('join_campaign_room', three)).toMatchObject({ error_code: 'LIMIT_REACHED' });
});

test('how somebody is reaches those they talk with, and nobody else', async () => {
  const { asha, a, b } = await twoInConversation();
  const stranger = await place.client(process, await place.user());
  await a.command('user_status', { userId: asha, status: 'away' });
  const away = () =>
    livesOf(b, 'user_status_change').filter(({ data }) => (data as { status: string }).status === 'away');
  await until(() => away().length === 1, 'the other side hears it');
  expect(away()[0]).toMatchObject({ data: { userId: asha, status: 'away' } });
  await settled(stranger);
  expect(stranger.lives).toEqual([]);
});

test('who comes is online, who closes the last connection is offline, who comes back at once was never away', async () => {
  const [asha, ben] = [await place.user(), await place.user()];
  await place.directConversation(asha, ben);
  const b = await place.client(process, ben);
  const [one, two] = [await place.client(process, asha), await place.client(process, asha)];
  await until(() => livesOf(b, 'user_status_change').length === 1, 'online');
  expect(livesOf(b, 'user_status_change')[0]?.data).toEqual({ userId: asha, status: 'online' });
  one.socket?.terminate();
  await until(() => one.closes.length === 1 && one.ready !== null, 'one came back by itself');
  one.close();
  two.socket?.terminate();
  await until(() => two.closes.length === 1 && two.ready !== null, 'the other, too');
  two.close();
  await until(() => livesOf(b, 'user_offline').length === 1, 'offline');
  expect(livesOf(b, 'user_offline')[0]?.data).toEqual({ userId: asha });
  expect(livesOf(b, 'user_status_change')).toHaveLength(1);
});

test('rooms reach over processes, and somebody is offline when the last of all has lost them', async () => {
  const redisUrl = await createTestRedis();
  const limits = { presenceGraceMs: 0 };
  const [here, there] = [await place.process({ redisUrl, limits }), await place.process({ redisUrl, limits })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const [asha, ben, carl] = [await place.user(), await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  await place.directConversation(carl, ben);
  const b = await place.client(there, ben);
  await b.command('join_conversation', conversation);
  const [a, again, c] = [
    await place.client(here, asha),
    await place.client(there, asha),
    await place.client(here, carl),
  ];
  await until(async () => {
    await a.command('typing_start', { conversationId: conversation });
    return livesOf(b, 'user_typing').length > 0;
  }, 'typing is heard there');
  a.close();
  await until(async () => (await here.metrics.metrics()).includes('tandem_socket_users 1'), 'asha has left here');
  // Presence is told in order: what is said of carl now comes after what would have been said of asha.
  await c.command('user_status', { status: 'after' });
  const after = () =>
    livesOf(b, 'user_status_change').some(({ data }) => (data as { status: string }).status === 'after');
  await until(after, 'the word of carl');
  expect(livesOf(b, 'user_offline')).toEqual([]);
  again.close();
  await until(() => livesOf(b, 'user_offline').length > 0, 'offline');
  expect(livesOf(b, 'user_offline')[0]?.data).toEqual({ userId: asha });
});

const roomsOf = (...clients: { heard: [string, ...unknown[]][] }[]) =>
  clients.map(({ heard }) => heard.filter(([name]) => name === 'left_room').map(([, said]) => said));

test('who may not be in a room any more is put out of it on all processes and both doors, and told', async () => {
  const redisUrl = await createTestRedis();
  const [here, there] = [await place.process({ redisUrl }), await place.process({ redisUrl })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const client = await place.client(here, ben);
  const page = await place.frontend(there, ben);
  const other = await place.client(there, asha);
  await client.command('join_conversation', conversation);
  await page.asks('join_conversation', conversation);
  await other.command('join_conversation', conversation);
  await client.command('typing_start', { conversationId: conversation });
  await until(() => livesOf(other, 'user_typing').length === 1, 'he types');
  const room = `conversation_${conversation}`;
  here.bus.expel({ room, userId: ben });
  await until(() => roomsOf(page)[0]?.length === 1 && livesOf(client, 'left_room').length === 1, 'he is put out');
  expect(roomsOf(page)).toEqual([[{ room }]]);
  // And he types no more.
  await until(() => livesOf(other, 'user_typing').length === 2, 'it is said');
  await other.command('typing_start', { conversationId: conversation });
  await settled(client);
  await page.asks('join', ben);
  expect(livesOf(client, 'user_typing')).toEqual([]);
  expect(page.heard.filter(([name]) => name === 'user_typing')).toEqual([]);
});

test('whose rights have changed is looked at at once in all of their rooms, on all processes, and stays where they may be', async () => {
  const redisUrl = await createTestRedis();
  const limits = { roomSweepMs: 600_000 };
  const [here, there] = [await place.process({ redisUrl, limits }), await place.process({ redisUrl, limits })];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const now = new Date().toISOString();
  const [stream, left] = [await liveStream(place.pool, now), await liveStream(place.pool, now)];
  const viewer = await place.user();
  const client = await place.client(here, viewer);
  const page = await place.frontend(there, viewer);
  for (const { id } of [stream, left]) {
    expect(await client.command('join_stream', id)).toMatchObject({ success: true });
    expect(await page.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
  }
  await place.pool.transaction((transaction) =>
    blockUser(transaction, { userId: left.creator_id, otherId: viewer, now }),
  );
  here.bus.doubt([viewer]);
  await until(() => roomsOf(page)[0]?.length === 1 && livesOf(client, 'left_room').length === 1, 'they are put out');
  expect(roomsOf(page)).toEqual([[{ room: `stream_${left.id}` }]]);
  await settled(client);
  expect(livesOf(client, 'left_room').map(({ data }) => data)).toEqual([{ room: `stream_${left.id}` }]);
});

/** The place's pool, which is told nothing more of blocks than it was asked for first, until it is let. */
function forgetful() {
  const [asked, let_] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const exists: Pool['exists'] = async (query) => {
    const found = await place.pool.exists(query);
    asked.resolve();
    await let_.promise;
    return found;
  };
  return { pool: { ...place.pool, exists } as Pool, asked: asked.promise, let: let_.resolve };
}

test.each(['expel', 'doubt'] as const)(
  'a right that is lost while one is being let in by it lets nobody in (%s), at either door',
  async (how) => {
    for (const door of ['ws', 'socket.io']) {
      const slow = forgetful();
      const process = await place.process({ pool: slow.pool, limits: { roomSweepMs: 600_000 } });
      const [asha, ben] = [await place.user(), await place.user()];
      const conversation = await place.directConversation(asha, ben);
      const joins =
        door === 'ws'
          ? (await place.client(process, ben)).command('join_conversation', conversation)
          : (await place.frontend(process, ben)).asks('join_conversation', conversation);
      await slow.asked;
      const now = new Date().toISOString();
      await place.pool.transaction((transaction) => blockUser(transaction, { userId: asha, otherId: ben, now }));
      if (how === 'expel') process.bus.expel({ room: `conversation_${conversation}`, userId: ben });
      else process.bus.doubt([ben]);
      slow.let();
      expect(await joins, door).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
    }
  },
);

test('a right that is lost without a word is found out, and only that', async () => {
  const process = await place.process({ limits: { roomSweepMs: 30 } });
  const [asha, ben, admin] = [await place.user(), await place.user(), await place.user('admin')];
  const conversation = await place.directConversation(asha, ben);
  const campaign = await place.campaign(asha);
  const client = await place.client(process, admin);
  await client.command('join_conversation', conversation);
  await client.command('join_campaign_room', campaign);
  const party = await place.client(process, ben);
  await party.command('join_conversation', conversation);
  await place.demote(admin);
  await until(() => livesOf(client, 'left_room').length === 1, 'it is found out');
  expect(livesOf(client, 'left_room')[0]?.data).toEqual({ room: `conversation_${conversation}` });
  expect(await client.command('join_conversation', conversation)).toMatchObject({ error_code: 'NOT_FOUND' });
  expect(livesOf(party, 'left_room')).toEqual([]);
});

test('typing ends by itself', async () => {
  const quick = await place.process({ limits: { typingMs: 50 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const conversation = await place.directConversation(asha, ben);
  const [a, b] = [await place.client(quick, asha), await place.client(quick, ben)];
  await b.command('join_conversation', conversation);
  await a.command('typing_start', { conversationId: conversation });
  await until(() => livesOf(b, 'user_typing').length === 2, 'it has ended');
  expect(livesOf(b, 'user_typing').map(({ data }) => (data as { isTyping: boolean }).isTyping)).toEqual([true, false]);
});

test('commands are counted by user over connections, doors and processes', async () => {
  const redisUrl = await createTestRedis();
  const options = { redisUrl, limits: { commandsPerUserMinute: 10 } };
  const [here, there] = [await place.process(options), await place.process(options)];
  await until(() => here.bus.redis() !== null && there.bus.redis() !== null, 'Redis is there');
  const [asha, ben] = [await place.user(), await place.user()];
  const client = await place.client(here, asha);
  const page = await place.frontend(there, asha);
  for (let n = 0; n < 5; n++) {
    expect(await client.command('join', asha)).toMatchObject({ success: true });
    expect(await page.asks('join', asha)).toMatchObject({ success: true });
  }
  const refused = { success: false, error_code: 'RATE_LIMITED', details: { retry_after: expect.any(Number) } };
  expect(await client.command('join', asha)).toMatchObject(refused);
  expect(await page.asks('join', asha)).toMatchObject(refused);
  expect(await (await place.client(here, ben)).command('join', ben)).toMatchObject({ success: true });
});

test('without Redis each process counts a user’s commands by itself', async () => {
  const alone = await place.process({ limits: { commandsPerUserMinute: 3 } });
  const asha = await place.user();
  const [one, two] = [await place.client(alone, asha), await place.client(alone, asha)];
  for (const client of [one, two, one]) expect(await client.command('join', asha)).toMatchObject({ success: true });
  expect(await two.command('join', asha)).toMatchObject({ error_code: 'RATE_LIMITED' });
});

test('a popular room starves nobody: while thousands of its events go out, another’s come at once', async () => {
  const popular = await place.process({ limits: { fanOut: 20, connectionsPerUser: 500 } });
  const [asha, ben] = [await place.user(), await place.user()];
  const campaign = await place.campaign(asha);
  const crowd = await Promise.all(Array.from({ length: 200 }, () => place.client(popular, asha)));
  await Promise.all(crowd.map((client) => client.command('join_campaign_room', campaign)));
  const other = await place.client(popular, ben);
  const data = { conversationId: campaign, userId: ben, isTyping: true };
  for (let n = 0; n < 50; n++) popular.bus.live({ rooms: [`campaign_${campaign}`], name: 'user_typing', data });
  popular.bus.live({ rooms: [`user_${ben}`], name: 'user_typing', data: { ...data, isTyping: false } });
  await until(() => other.lives.length === 1, 'the other hears');
  const heard = () => crowd.reduce((sum, { lives }) => sum + lives.length, 0);
  expect(heard()).toBeLessThan(200 * 50);
  // Each of the ten thousand is held to the document, in this process: that takes its time beside others.
  await until(() => heard() === 200 * 50, 'all hear all', 60_000);
});
