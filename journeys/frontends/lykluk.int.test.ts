import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { open, openSite, type Page, type Site, type Visitor } from './frontend.ts';

let site: Site;
let asha: Visitor;
let ben: Visitor;
let conversationId: string;
beforeAll(async () => {
  site = await openSite();
  [asha, ben] = [await site.person('asha', 'brand_owner'), await site.person('ben', 'influencer')];
  const { conversation } = (await asha.ask('POST', '/api/messages/direct-connect', {
    ...{ target_user_id: ben.id, initial_message: 'Hello!' },
  })) as never as { conversation: { id: string } };
  conversationId = conversation.id;
});
afterAll(() => site.close());

type Envelope = { type: string; eventType: string; recipientIds: string[]; data: Record<string, unknown> };
const envelopesOf = (heard: Page['heard']) =>
  heard.filter(([name]) => name === 'notification').map(([, said]) => said as Envelope);

async function brandConnects(): Promise<void> {
  const bid = await ben.ask('POST', '/api/bids', { title: 'Reels', description: 'One', starting_price: '5000' });
  const bidId = (bid as never as { bid?: { id: string } }).bid?.id ?? bid.id;
  await asha.ask('POST', `/api/bids/${bidId}/connect`, { proposed_amount: '5000' });
}

test('a token in `handshake.auth` is all a page needs: what is for its user comes without joining anything', async () => {
  const page = await ben.open({ app: 'lykluk' });
  await brandConnects();
  await page.hears('notification');
  const [told] = envelopesOf(page.heard);
  expect(told).toMatchObject({
    type: expect.any(String),
    eventType: `notification:${told?.type}`,
    recipientIds: [ben.id],
    data: { conversation_id: expect.any(String), message: expect.any(String), sender_id: expect.any(String) },
  });
});

test('a page that does not say whose it is has the form of Stoory', async () => {
  const page = await ben.open();
  await brandConnects();
  const [[told]] = (await page.hears('notification')) as [[Envelope]];
  expect(Object.keys(told).sort()).toEqual(['data', 'type']);
});

test('who is typing comes as `notification` of the type `typing_indicator`', async () => {
  const [a, b] = [await asha.open({ app: 'lykluk' }), await ben.open({ app: 'lykluk' })];
  for (const page of [a, b]) await page.asks('join_conversation', conversationId);
  a.socket.emit('typing_start', { conversationId });
  a.socket.emit('typing_stop', { conversationId });
  await b.hears('notification', 2);
  const typing = envelopesOf(b.heard).filter(({ type }) => type === 'typing_indicator');
  expect(typing).toEqual(
    [true, false].map((isTyping) => ({
      type: 'typing_indicator',
      eventType: isTyping ? 'chat:typing:started' : 'chat:typing:stopped',
      recipientIds: [ben.id],
      data: { conversationId, userId: asha.id, username: 'asha', isTyping },
    })),
  );
});

/** The envelopes of a type that a page heard, once there are so many. */
async function heardOf(page: Page, type: string, times: number): Promise<Envelope[]> {
  await vi.waitFor(
    () => expect(envelopesOf(page.heard).filter((each) => each.type === type).length).toBeGreaterThanOrEqual(times),
    { timeout: 10_000, interval: 10 },
  );
  return envelopesOf(page.heard).filter((each) => each.type === type);
}

let groups = 0;
/** A group of Asha's with Ben and somebody else in it, and what both others' pages and hers hear. */
async function group() {
  groups++;
  const cleo = await site.person(`cleo${groups}`);
  const { room } = (await asha.ask('POST', '/api/chat/rooms', {
    ...{ name: 'Three', kind: 'group', member_ids: [ben.id, cleo.id] },
  })) as never as { room: { id: string } };
  const [a, b, c] = [await asha.open(APP), await ben.open(APP), await cleo.open(APP)];
  const say = (body: object) => asha.ask('POST', `/conversations/${room.id}/messages`, body);
  return { cleo, roomId: room.id, a, b, c, say };
}
const APP = { app: 'lykluk' };

test.each([
  [{ content: 'Hello, how are you?' }, 'text', 'Hello, how are you?'],
  [{ content: '👨‍👩‍👧‍👦'.repeat(51) }, 'text', '👨‍👩‍👧‍👦'.repeat(50)],
  [{ content: '', messageType: 'image', mediaUrl: 'https://media.example/a' }, 'image', '📷 Photo'],
  [{ content: '', messageType: 'video', mediaUrl: 'https://media.example/a' }, 'video', '🎥 Video'],
  [{ content: '', messageType: 'audio', mediaUrl: 'https://media.example/a' }, 'audio', '🎵 Audio'],
  [{ content: '', messageType: 'gif', mediaUrl: 'https://media.example/a' }, 'gif', 'GIF'],
  [{ content: '', messageType: 'sticker', mediaUrl: 'https://media.example/a' }, 'sticker', 'Sticker'],
])('a message is `message_preview` to all but its sender, whatever it is: %j', async (body, messageType, shown) => {
  const { roomId, cleo, a, b, c, say } = await group();
  const { message } = (await say(body)) as never as { message: { id: string } };
  for (const [page, reader] of [
    [b, ben],
    [c, cleo],
  ] as const) {
    const [preview] = await heardOf(page, 'message_preview', 1);
    expect(preview).toEqual({
      ...{ type: 'message_preview', eventType: 'chat:message:sent', recipientIds: [reader.id] },
      data: {
        ...{ conversationId: roomId, lastMessage: shown, lastMessageId: message.id, unreadCount: 1, messageType },
        ...{ senderId: asha.id, senderUsername: 'asha', senderProfilePic: null, timestamp: expect.any(String) },
      },
    });
  }
  await a.settled();
  expect(envelopesOf(a.heard).filter(({ type }) => type === 'message_preview')).toEqual([]);
});

test('the number beside a conversation goes up with each message, and is the one in the list', async () => {
  const { roomId, b, say } = await group();
  for (const content of ['One', 'Two', 'Three']) await say({ content });
  const previews = await heardOf(b, 'message_preview', 3);
  expect(previews.map(({ data }) => [data.lastMessage, data.unreadCount])).toEqual([
    ['One', 1],
    ['Two', 2],
    ['Three', 3],
  ]);
  const listed = (await ben.ask('GET', '/api/chat/rooms')) as never as { id: string; unread_count: number }[];
  expect(listed.find(({ id }) => id === roomId)?.unread_count).toBe(3);
});

test('who has the chat screen open has `message_received`, and nobody else; a mark that moves is `message_read`', async () => {
  const { roomId, a, b, c, say } = await group();
  await b.asks('join_conversation', roomId);
  const { message } = (await say({
    ...{ content: 'Look', messageType: 'image', mediaUrl: 'https://media.example/look.jpg' },
  })) as never as { message: { id: string } };
  expect(await heardOf(b, 'message_received', 1)).toEqual([
    {
      ...{ type: 'message_received', eventType: 'chat:message:received', recipientIds: [ben.id] },
      data: {
        ...{ conversationId: roomId, messageId: message.id, content: 'Look', messageType: 'image' },
        ...{ mediaUrl: 'https://media.example/look.jpg', timestamp: expect.any(String) },
        ...{ senderId: asha.id, senderUsername: 'asha', senderProfilePic: null },
      },
    },
  ]);
  await heardOf(c, 'message_preview', 1);
  for (const page of [a, c]) {
    await page.settled();
    expect(envelopesOf(page.heard).filter(({ type }) => type === 'message_received')).toEqual([]);
  }
  b.socket.emit('mark_seen', { conversationId: roomId, messageId: message.id });
  expect(await heardOf(a, 'message_read', 1)).toEqual([
    {
      ...{ type: 'message_read', eventType: 'chat:message:read', recipientIds: [asha.id] },
      data: {
        ...{ conversationId: roomId, userId: ben.id, lastReadMessageId: message.id },
        timestamp: expect.any(String),
      },
    },
  ]);
});

test('one’s own room goes by LykLuk’s name and by Stoory’s, another’s by neither', async () => {
  const page = await ben.open({ app: 'lykluk' });
  for (const name of [`user:${ben.id}`, `user_${ben.id}`]) {
    expect(await page.asks('join_room', name)).toEqual({ success: true, data: { room: `user_${ben.id}` } });
  }
  for (const name of [`user:${asha.id}`, `user_${asha.id}`]) {
    expect(await page.asks('join_room', name)).toMatchObject({ success: false, error_code: 'FORBIDDEN' });
  }
});

test('an app that is none is refused by name', async () => {
  const { socket } = open(site.url, { auth: { token: asha.token, app: 'tiktok' } });
  const [refused] = await once(socket as never, 'connect_error');
  expect(refused.data).toMatchObject({
    ...{ success: false, error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'auth.app' }] } },
  });
  socket.disconnect();
});
