import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { LiveEvent } from '#realtime/bus.ts';
import { TALK_LIVE } from '#workflows/talk/contract.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { PACE } from '../people/pace.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { expectOrder, type Json, newTalker, ok, refused, signInAgain, type Talker } from './testing/people.ts';

// LykLuk's "Message Events", and what its frontend does with messages beside.

let api: TestApp;
let asha: Talker;
let ben: Talker;
let cleo: Talker;
/** Between Asha and Ben; and of all three. */
let pair: string;
let group: string;
const live: LiveEvent[] = [];

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  api.deps.bus.listen({ live: (event) => live.push(event) });
  asha = await newTalker(api, 'asha');
  ben = await newTalker(api, 'ben');
  cleo = await newTalker(api, 'cleo');
  const connected = await ok(
    asha.post('/api/messages/direct-connect', { target_user_id: ben.id, initial_message: 'Hello' }),
  );
  pair = connected.conversation.id;
  const made = await ok(asha.post('/api/chat/rooms', { member_ids: [ben.id, cleo.id] }));
  group = made.room.id;
  await ok(ben.post(`/conversations/${pair}/messages`, { content: 'Hello to you' }));
});
afterAll(() => api.close());
afterEach(() => expectOrder(api));

async function say(who: Talker, where: string, body: object): Promise<Json> {
  // Time goes on, so that what was said last was said later.
  api.clock.now = new Date(api.clock.now.getTime() + 1);
  return (await ok(who.post(`/api/conversations/${where}/messages`, body))).message;
}
const lastPreview = async (who: Talker): Promise<Json> =>
  ((await who.heard('message_preview')).at(-1) as Json).data.data;
const list = async (who: Talker, where: string, query = '') =>
  ok(who.get(`/api/conversations/${where}/messages${query}`));

describe('Message Events', () => {
  test('User sends message → recipient receives `message_preview`', async () => {
    for (const where of [pair, group]) {
      const message = await say(asha, where, { content: 'Hello, how are you?' });
      expect(await lastPreview(ben)).toMatchObject({
        conversationId: where,
        lastMessage: 'Hello, how are you?',
        lastMessageId: message.messageId,
        senderId: asha.id,
        senderUsername: 'asha',
        messageType: 'text',
        timestamp: message.timestamp,
      });
    }
  });

  test('Conversation list updates with preview text', async () => {
    await say(asha, pair, { content: 'The latest' });
    const [first] = await ok(ben.get('/api/chat/rooms'));
    expect(first).toMatchObject({ id: pair, name: 'asha', last_message: { message: 'The latest' } });
  });

  test('Unread count increments', async () => {
    const before = (await lastPreview(ben)).unreadCount;
    await say(asha, pair, { content: 'One more' });
    expect((await lastPreview(ben)).unreadCount).toBe(before + 1);
    const [first] = await ok(ben.get('/api/chat/rooms'));
    expect(first.unread_count).toBe(before + 1);
  });

  test('Multiple messages update preview to latest', async () => {
    for (const content of ['1', '2', '3']) await say(asha, group, { content });
    expect((await lastPreview(cleo)).lastMessage).toBe('3');
  });

  test.each([
    ['image', '📷 Photo', 'https://media.example/a.jpg'],
    ['video', '🎥 Video', 'https://media.example/a.mp4'],
    ['audio', '🎵 Audio', 'https://media.example/a.mp3'],
    ['gif', 'GIF', 'https://media.example/a.gif'],
    ['sticker', 'Sticker', 'https://media.example/a'],
  ])('%s messages show "%s" preview', async (messageType, shown, mediaUrl) => {
    const message = await say(asha, group, { content: '', messageType, mediaUrl });
    expect(message).toMatchObject({ content: '', messageType, mediaUrl });
    expect(await lastPreview(ben)).toMatchObject({ lastMessage: shown, messageType });
    if (messageType === 'sticker') return;
    // Who does not say what it is, has said it by its link.
    expect((await say(asha, group, { content: '', mediaUrl })).messageType).toBe(messageType);
  });

  test('text shows its first 50 characters, as a reader counts them', async () => {
    const family = '👨‍👩‍👧‍👦';
    await say(asha, group, { content: family.repeat(60) });
    expect((await lastPreview(ben)).lastMessage).toBe(family.repeat(50));
  });

  test('who has it open has `message_received`, of conversations between two as of groups', async () => {
    for (const where of [pair, group]) {
      live.length = 0;
      const message = await say(ben, where, { content: 'Now' });
      const [heard] = live;
      expect(heard).toMatchObject({ rooms: [`conversation_${where}`], name: 'message_received', except: ben.id });
      expect(TALK_LIVE.message_received.strict().parse(heard?.data)).toMatchObject({
        messageId: message.id,
        content: 'Now',
      });
    }
  });

  test('`message_read` comes to the sender when a reader’s mark moves, and not when it does not', async () => {
    const message = await say(asha, pair, { content: 'Read me' });
    const before = (await asha.heard('message_read')).length;
    await ok(ben.post(`/api/messages/conversations/${pair}/seen`));
    await ok(ben.post(`/api/messages/conversations/${pair}/seen`));
    const read = (await asha.heard('message_read')).slice(before);
    expect(read.map(({ data }) => data)).toMatchObject([
      {
        type: 'message_read',
        eventType: 'chat:message:read',
        recipientIds: [asha.id],
        data: { conversationId: pair, userId: ben.id, lastReadMessageId: message.id },
      },
    ]);
  });
});

describe('what was said', () => {
  test('is kept as it was written, up to 4,000 characters', async () => {
    const content = `  two spaces,\n\ta tab, "quotes" <b>, नमस्ते, ${'👩🏽‍🚀'.repeat(3_900)}  `;
    expect((await say(asha, group, { content })).content).toBe(content);
    expect((await list(ben, group))[0].content).toBe(content);
    for (const wrong of ['x'.repeat(4_001), '👩🏽‍🚀'.repeat(4_001), '', '   ', '\u200b', 'a\u0000b']) {
      const answer = await refused(
        asha.post(`/api/conversations/${group}/messages`, { content: wrong }),
        400,
        'VALIDATION_FAILED',
      );
      expect(answer.details.fields[0].field).toBe('content');
    }
  });

  test.each([
    'http://media.example/a.jpg',
    'https://user:secret@media.example/a.jpg',
    'https://user@media.example/a.jpg',
    'https:\\\\user@media.example/a.jpg',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'https://media.example/a b.jpg',
    `https://media.example/${'a'.repeat(TALK_LIMITS.mediaUrl)}`,
    'not a link',
    '',
  ])('a link such as %j is refused', async (mediaUrl) => {
    for (const [url, body, field] of [
      [`/api/conversations/${pair}/messages`, { content: 'See', mediaUrl }, 'mediaUrl'],
      [`/api/chat/rooms/${group}/messages`, { message: 'See', media_url: mediaUrl }, 'media_url'],
      ['/api/messages/send', { conversation_id: pair, message: 'See', media_url: mediaUrl }, 'media_url'],
    ] as const) {
      const answer = await refused(asha.post(url, body), 400, 'VALIDATION_FAILED');
      expect(answer.details.fields[0].field).toBe(field);
    }
  });

  test('a picture without a link, a kind that is none and an unknown field are refused', async () => {
    for (const [body, field] of [
      [{ content: '', messageType: 'image' }, 'content'],
      [{ content: 'x', messageType: 'image' }, 'mediaUrl'],
      [{ content: 'x', messageType: 'hologram' }, 'messageType'],
      [{ content: 'x', colour: 'red' }, 'colour'],
      [{ content: 7 }, 'content'],
      [{}, 'content'],
    ] as const) {
      const answer = await refused(asha.post(`/conversations/${pair}/messages`, body), 400, 'VALIDATION_FAILED');
      expect(answer.details.fields[0].field).toBe(field);
    }
  });

  test('is listed before and after a message, and on in the same direction', async () => {
    const { room } = await ok(asha.post('/api/chat/rooms', { member_ids: [ben.id] }));
    const ids: string[] = [];
    for (let at = 0; at < 7; at++) ids.push((await say(asha, room.id, { content: `${at}` })).id);
    const texts = async (query: string) => (await list(ben, room.id, query)).map(({ content }: Json) => content);
    expect(await texts('')).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    expect(await texts(`?before=${ids[3]}`)).toEqual(['2', '1', '0']);
    expect(await texts(`?after=${ids[3]}`)).toEqual(['4', '5', '6']);
    for (const [query, rest] of [
      [`before=${ids[5]}`, ['2', '1', '0']],
      [`after=${ids[0]}`, ['3', '4', '5', '6']],
    ] as const) {
      const first = await ben.get(`/api/conversations/${room.id}/messages?limit=2&${query}`);
      expect(await texts(`?cursor=${first.body.page.next_cursor}`)).toEqual(rest);
    }
    await refused(ben.get(`/api/conversations/${room.id}/messages?before=${randomUUID()}`), 400, 'VALIDATION_FAILED');
    const both = `before=${ids[0]}&after=${ids[1]}`;
    await refused(ben.get(`/api/conversations/${room.id}/messages?${both}`), 400, 'VALIDATION_FAILED');
    await refused(ben.get(`/api/conversations/${room.id}/messages?cursor=x`), 400, 'VALIDATION_FAILED');
  });
});

describe('within 15 minutes', () => {
  test.each(['pair', 'group'])('what was said is changed, and shown as changed (%s)', async (which) => {
    const where = which === 'pair' ? pair : group;
    const message = await say(asha, where, { content: 'Helo' });
    live.length = 0;
    const path = `/api/conversations/${where}/messages/${message.id}`;
    const edited = await ok(asha.call('PUT', path, { content: 'Hello' }));
    expect(edited.message).toMatchObject({ id: message.id, content: 'Hello', timestamp: message.timestamp });
    expect(edited.message.editedAt).not.toBeNull();
    const [shown] = await list(ben, where);
    expect(shown).toMatchObject({ content: 'Hello', editedAt: edited.message.editedAt });
    expect(live).toMatchObject([{ name: 'message_updated', rooms: [`conversation_${where}`] }]);
    expect(TALK_LIVE.message_updated.safeParse(live[0]?.data).error).toBeUndefined();
    const [stoory] = await ok(ben.get(`/api/messages/conversations/${where}/messages`));
    expect(stoory).toMatchObject({ message: 'Hello', edited_at: edited.message.editedAt });
    await refused(ben.call('PUT', path, { content: 'Mine' }), 403, 'FORBIDDEN');
    await refused(ben.call('DELETE', path), 403, 'FORBIDDEN');
  });

  test('what was said is taken back: its words are gone, its place is there, and asking again changes nothing', async () => {
    const message = await say(asha, group, { content: 'Oops', mediaUrl: 'https://media.example/a.jpg' });
    await ok(ben.post(`/api/conversations/${group}/messages/${message.id}/reactions`, { emoji: '😱' }));
    const path = `/conversations/${group}/messages/${message.id}`;
    const gone = await ok(asha.call('DELETE', path));
    expect(gone.message).toMatchObject({ content: 'This message was deleted.', mediaUrl: null, reactions: [] });
    expect(gone.message.deletedAt).not.toBeNull();
    expect(await ok(asha.call('DELETE', path))).toEqual(gone);
    expect((await list(cleo, group))[0]).toMatchObject({ id: message.id, content: 'This message was deleted.' });
    await refused(asha.call('PUT', path, { content: 'Back' }), 409, 'CONFLICT');
    await refused(ben.post(`${path}/reactions`, { emoji: '👍' }), 409, 'CONFLICT');
  });

  test('and not after them', async () => {
    const message = await say(asha, group, { content: 'For ever' });
    const path = `/api/conversations/${group}/messages/${message.id}`;
    const { now } = api.clock;
    api.clock.now = new Date(Date.parse(message.timestamp) + TALK_LIMITS.editMs);
    // Her token is as old.
    const later = await signInAgain(api, asha);
    await ok(later.call('PUT', path, { content: 'Just in time' }));
    api.clock.now = new Date(Date.parse(message.timestamp) + TALK_LIMITS.editMs + 1);
    const late = await refused(later.call('PUT', path, { content: 'Late' }), 409, 'CONFLICT');
    expect(late.details).toEqual({ limit: 'edit_minutes', allowed: 15 });
    await refused(later.call('DELETE', path), 409, 'CONFLICT');
    api.clock.now = now;
  });

  test('a message of another conversation, of nobody, or from before one came is not there', async () => {
    const message = await say(asha, pair, { content: 'Here' });
    const old = await say(asha, group, { content: 'Old' });
    const dan = await newTalker(api, 'dan');
    await ok(asha.post(`/api/chat/rooms/${group}/members/${dan.id}`));
    for (const [who, where, id] of [
      [asha, group, message.id],
      [asha, group, randomUUID()],
      [dan, group, old.id],
      [dan, pair, message.id],
    ] as const) {
      const path = `/api/conversations/${where}/messages/${id}`;
      await refused(who.call('PUT', path, { content: 'x' }), 404, 'NOT_FOUND');
      await refused(who.call('DELETE', path), 404, 'NOT_FOUND');
      await refused(who.post(`${path}/reactions`, { emoji: '👍' }), 404, 'NOT_FOUND');
      await refused(who.call('DELETE', `${path}/reactions`, { emoji: '👍' }), 404, 'NOT_FOUND');
    }
    await ok(asha.call('DELETE', `/api/chat/rooms/${group}/members/${dan.id}`));
  });
});

describe('reactions', () => {
  test('are counted by emoji, once a person, and taken back', async () => {
    const message = await say(asha, group, { content: 'Good news' });
    const path = `/api/conversations/${group}/messages/${message.id}/reactions`;
    await ok(ben.post(path, { emoji: '🎉' }));
    await ok(ben.post(path, { emoji: '🎉' }));
    await ok(cleo.post(path, { emoji: '🎉' }));
    const { message: taken } = await ok(cleo.post(path, { emoji: '👩🏽‍🚀' }));
    expect(taken.reactions).toEqual([
      { emoji: '🎉', count: 2, mine: true },
      { emoji: '👩🏽‍🚀', count: 1, mine: true },
    ]);
    expect((await list(asha, group))[0].reactions[0]).toEqual({ emoji: '🎉', count: 2, mine: false });
    const { message: less } = await ok(ben.call('DELETE', path, { emoji: '🎉' }));
    expect(less.reactions[0]).toEqual({ emoji: '🎉', count: 1, mine: false });
    await ok(ben.call('DELETE', path, { emoji: '🎉' }));
    const [room] = await ok(cleo.get(`/api/chat/rooms/${group}/messages`));
    expect(room.reactions).toHaveLength(2);
  });

  test('are emoji, and a few of them', async () => {
    const message = await say(asha, group, { content: 'Hm' });
    const path = `/api/conversations/${group}/messages/${message.id}/reactions`;
    for (const emoji of ['', 'a', '👍👍', 'ok', '1', '<b>', ' 👍', '\u200d']) {
      await refused(ben.post(path, { emoji }), 400, 'VALIDATION_FAILED');
    }
    for (const emoji of ['👍', '👎', '😀', '😂', '🔥', '🎉']) await ok(ben.post(path, { emoji }));
    const full = await refused(ben.post(path, { emoji: '🥳' }), 409, 'LIMIT_REACHED');
    expect(full.details.limit).toBe('reactions');
    expect((await list(ben, group))[0].reactions).toHaveLength(6);
  });
});

describe('limits that name themselves', () => {
  test('a stranger is written 50 messages a day at most, until they answer', async () => {
    const [eve, finn] = [await newTalker(api, 'eve'), await newTalker(api, 'finn')];
    const send = () => eve.post('/api/messages/send', { receiver_id: finn.id, message: 'Buy!' });
    for (let sent = 0; sent < TALK_LIMITS.unanswered; sent++) await ok(send());
    const full = await send();
    expect(full.status).toBe(429);
    expect(full.body.details).toMatchObject({ limit: 'unanswered_messages', allowed: 50, per_seconds: 86_400 });
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(86_000);
    const [conversation] = await ok(finn.get('/api/messages/direct-connections'));
    expect(conversation.unread_count).toBe(50);
    await ok(finn.post('/api/messages/send', { conversation_id: conversation.id, message: 'What?' }));
    await ok(send());
  });

  test('an account writes 300 messages a minute at most, over every door of ours together', async () => {
    const gail = await newTalker(api, 'gail');
    const { room } = await ok(gail.post('/api/chat/rooms', { name: 'Alone', kind: 'public' }));
    for (let sent = 0; sent < PACE.messages.many; sent++) {
      const answer = await gail.post(`/api/conversations/${room.id}/messages`, { content: `${sent}` });
      expect(answer.status).toBe(201);
    }
    for (const [url, body] of [
      [`/api/conversations/${room.id}/messages`, { content: 'x' }],
      [`/api/chat/rooms/${room.id}/messages`, { message: 'x' }],
      ['/api/messages/send', { conversation_id: room.id, message: 'x' }],
    ] as const) {
      const answer = await refused(gail.post(url, body), 429, 'RATE_LIMITED');
      expect(answer.details).toMatchObject({ limit: 'messages', allowed: 300, per_seconds: 60 });
    }
  });
});
