import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSite, type Page, type Site, type Visitor } from './frontend.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

let people = 0;
/** Two who talk, with a page each: as Softchat's frontend is, which says nothing of itself, or one that does. */
async function two(app?: string): Promise<{ asha: Visitor; ben: Visitor; a: Page; b: Page; roomId: string }> {
  people++;
  const [asha, ben] = [await site.person(`asha${people}`), await site.person(`ben${people}`)];
  const { conversation } = (await asha.ask('POST', '/api/messages/direct-connect', {
    ...{ target_user_id: ben.id, initial_message: 'Hello!' },
  })) as never as { conversation: { id: string } };
  const opened = app === undefined ? {} : { app };
  const [a, b] = [await asha.open(opened), await ben.open(opened)];
  return { asha, ben, a, b, roomId: conversation.id };
}

test.each([undefined, 'softchat'])(
  'a room is joined by its id alone or in an object, and the others hear of it (app %s)',
  async (app) => {
    const { asha, ben, a, b, roomId } = await two(app);
    expect(await a.asks('join_room', roomId)).toMatchObject({ success: true });
    b.socket.emit('join_room', { roomId });
    expect((await a.hears('user_joined'))[0]).toEqual([{ userId: ben.id, roomId }]);
    // Joined already: nobody is told again.
    await b.asks('join_room', roomId);
    await a.settled();
    expect(await a.hears('user_joined')).toHaveLength(1);
    expect(b.heard.filter(([name, joined]) => name === 'user_joined' && joined === asha.id)).toEqual([]);
  },
);

test.each([undefined, 'softchat'])(
  'what is sent to a room is `message_received` to those who have it open, sender and all (app %s)',
  async (app) => {
    const { asha, a, b, roomId } = await two(app);
    for (const page of [a, b]) await page.asks('join_room', { roomId });
    a.socket.emit('send_message', { roomId, message: 'As an object' });
    for (const page of [a, b]) await page.hears('message_received', 1);
    a.socket.emit('send_message', roomId, 'As arguments');
    for (const page of [a, b]) {
      const received = (await page.hears('message_received', 2)).map(([said]) => said);
      expect(received).toMatchObject(
        ['As an object', 'As arguments'].map((message) => ({ roomId, message: { message }, sender: asha.id })),
      );
    }
  },
);

test('a message sent over REST is `message_received` too, and not to who has left the room', async () => {
  const { asha, a, b, roomId } = await two('softchat');
  for (const page of [a, b]) await page.asks('join_room', roomId);
  await b.asks('leave_room', roomId);
  await asha.ask('POST', '/api/messages/send', { conversation_id: roomId, message: 'From a form' });
  expect((await a.hears('message_received'))[0]).toMatchObject([{ roomId, message: { message: 'From a form' } }]);
  // It is in the list of conversations all the same.
  await b.hears('new_message');
  expect(b.heard.map(([name]) => name)).not.toContain('message_received');
});

test('typing is told by the room’s id, and ends by itself after 3 s', async () => {
  const { asha, a, b, roomId } = await two('softchat');
  for (const page of [a, b]) await page.asks('join_room', roomId);
  a.socket.emit('start_typing', roomId);
  await b.hears('user_typing', 1);
  const began = performance.now();
  const [, ended] = await b.hears('user_typing', 2);
  expect(performance.now() - began).toBeGreaterThan(2_500);
  expect(performance.now() - began).toBeLessThan(6_000);
  expect(ended).toEqual([{ conversationId: roomId, userId: asha.id, isTyping: false, username: `asha${people}` }]);
  a.socket.emit('start_typing', roomId);
  a.socket.emit('stop_typing', roomId);
  await b.hears('user_typing', 4);
});

test('who comes and goes is `user_online(userId)` and `user_offline(userId)` to a frontend that says it is Softchat’s', async () => {
  const { asha, ben, b } = await two('softchat');
  // The first page of hers left with the one below.
  await b.settled();
  const carl = await site.person(`carl${people}`);
  await carl.ask('POST', '/api/messages/direct-connect', { target_user_id: ben.id, initial_message: 'Hi' });
  const page = await carl.open({ app: 'softchat' });
  expect(await b.hears('user_online')).toContainEqual([carl.id]);
  expect(await page.asks('update_presence', 'away')).toMatchObject({ success: true });
  expect(await b.hears('user_status_change')).toContainEqual([{ userId: carl.id, status: 'away' }]);
  page.socket.disconnect();
  expect(await b.hears('user_offline')).toContainEqual([carl.id]);
  expect(asha.id).not.toBe(carl.id);
});

test('one that does not say so hears `user_online(userId)`, which Stoory lacks, and Stoory’s `user_offline`', async () => {
  const { ben, b, roomId } = await two();
  await b.asks('join_room', roomId);
  const carl = await site.person(`carl${people}`);
  await carl.ask('POST', '/api/messages/direct-connect', { target_user_id: ben.id, initial_message: 'Hi' });
  const page = await carl.open();
  expect(await b.hears('user_online')).toContainEqual([carl.id]);
  expect(await b.hears('user_status_change')).toContainEqual([{ userId: carl.id, status: 'online' }]);
  page.socket.disconnect();
  expect(await b.hears('user_offline')).toContainEqual([{ userId: carl.id }]);
});

test('a trade is `order_update(orderId, status, data)`, and money `balance_update` and `transaction_complete`', async () => {
  const { asha, ben, a, b } = await two('softchat');
  await asha.ask('POST', '/api/sandbox/faucet', { asset: 'USDT', amount: '50' });
  expect(await a.hears('balance_update')).toMatchObject([[asha.id, { asset: 'USDT', available: '50.000000' }]]);
  const { transaction } = (await asha.ask('POST', '/api/crypto/p2p/escrow', {
    ...{ buyer_id: ben.id, asset: 'USDT', amount: '25', price: '2150', currency: 'INR', payment_method: 'UPI' },
  })) as never as { transaction: { id: string } };
  for (const page of [a, b]) {
    const [update] = await page.hears('order_update');
    expect(update).toEqual([transaction.id, 'awaiting_payment', expect.objectContaining({ kind: 'escrow' })]);
  }
  await asha.ask('POST', `/api/wallet/${asha.id}/transfer`, { to_user_id: ben.id, asset: 'USDT', amount: '5' });
  for (const [page, amount] of [
    [a, '-5.000000'],
    [b, '5.000000'],
  ] as const) {
    const booked = async () =>
      (await page.hears('transaction_complete')).map(([id, details]) => {
        const { asset, amount } = details as { asset: string; amount: string };
        return [typeof id, asset, amount];
      });
    await expect.poll(booked, { timeout: 10_000 }).toContainEqual(['string', 'USDT', amount]);
  }
});

test('`new_notification(notification)` is marked as read by its id alone, or in an object', async () => {
  const { asha, ben, b } = await two('softchat');
  await asha.ask('POST', `/api/users/${ben.id}/follow`, {});
  const [[followed]] = (await b.hears('new_notification')) as [[{ id: string; kind: string; title: string }]];
  expect(followed).toMatchObject({ kind: 'profile_followed', title: expect.stringContaining('asha') });
  const unread = async () =>
    ((await ben.ask('GET', `/api/notifications/${ben.id}/unread-count`)) as never as { unread: number }).unread;
  expect(await unread()).toBe(1);
  expect(await b.asks('mark_notification_read', followed.id)).toEqual({ success: true, data: {} });
  expect(await unread()).toBe(0);
  expect(await b.asks('mark_notification_read', { notificationId: followed.id })).toMatchObject({ success: true });
  const strange = '0190a000-0000-7000-8000-00000000000a';
  expect(await b.asks('mark_notification_read', strange)).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
});

test('who looks at a video is counted, as `viewer_count_update(videoId, count)`', async () => {
  const { asha, a, b } = await two('softchat');
  const { video } = (await asha.ask('POST', '/api/videos', {
    ...{ title: 'Dance', duration_seconds: 20, media_url: 'https://media.example/dance.mp4' },
  })) as never as { video: { id: string } };
  for (const page of [a, b]) expect(await page.asks('join_room', `video_${video.id}`)).toMatchObject({ success: true });
  const counted = async () => (await a.hears('viewer_count_update')).at(-1);
  await expect.poll(counted, { timeout: 10_000 }).toEqual([video.id, 2]);
  await b.asks('leave_room', { roomId: `video_${video.id}` });
  await expect.poll(counted, { timeout: 10_000 }).toEqual([video.id, 1]);
});

test('rooms of others are NOT_FOUND, as rooms of nothing are', async () => {
  const { roomId } = await two();
  const stranger = await (await site.person(`stranger${people}`)).open();
  for (const name of [
    roomId,
    `conversation_${roomId}`,
    `conversation:${roomId}`,
    '0190a000-0000-7000-8000-00000000000a',
  ]) {
    expect(await stranger.asks('join_room', name)).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  }
  expect(await stranger.asks('send_message', roomId, 'Let me in')).toMatchObject({ error_code: 'NOT_FOUND' });
  expect(await stranger.asks('start_typing', roomId)).toMatchObject({ error_code: 'NOT_FOUND' });
});

test.each([
  ['join_trading_room', 'BTC-USD'],
  ['subscribe_prices', ['BTC', 'ETH']],
  ['subscribe_prices', { symbols: ['BTC'] }],
  ['join_room', 'price_BTC'],
])('what moves on a market is looked at from any page: %s %j', async (name, data) => {
  const page = await (await site.person(`watcher${++people}`)).open();
  expect(await page.asks(name, data)).toMatchObject({ success: true });
});

test.each([
  ['join_battle', '0190a000-0000-7000-8000-00000000000a'],
  ['join_room', 'battle_0190a000-0000-7000-8000-00000000000a'],
])('a battle that is not there is not joined, whatever it is called by: %s %j', async (name, data) => {
  const page = await (await site.person(`early${++people}`)).open();
  const answer = await page.asks(name, data);
  expect(answer).toMatchObject({ success: false, error_code: 'NOT_FOUND', message: 'There is no such battle.' });
});
