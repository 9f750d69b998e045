import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { LiveEvent } from '#realtime/bus.ts';
import { TALK_EVENTS } from '#workflows/talk/contract.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { expectOrder, type Json, newTalker, ok, refused, type Talker } from './testing/people.ts';

let api: TestApp;
let asha: Talker;
let ben: Talker;
let cleo: Talker;
let dan: Talker;
const live: LiveEvent[] = [];

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  api.deps.bus.listen({ live: (event) => live.push(event) });
  asha = await newTalker(api, 'asha');
  ben = await newTalker(api, 'ben');
  cleo = await newTalker(api, 'cleo');
  dan = await newTalker(api, 'dan');
});
afterAll(() => api.close());
afterEach(() => expectOrder(api));

async function newGroup(owner = asha, others = [ben, cleo], name = 'Monsoon crew'): Promise<string> {
  const { room } = await ok(owner.post('/api/chat/rooms', { name, member_ids: others.map(({ id }) => id) }));
  return room.id;
}

const say = (who: Talker, room: string, message: string) =>
  ok(who.post(`/api/chat/rooms/${room}/messages`, { message }));
const unreadIn = async (who: Talker, room: string) =>
  (await ok(who.get('/api/chat/rooms'))).find((each: Json) => each.id === room)?.unread_count;
const badge = async (who: Talker) => (await ok(who.get('/api/messages/unread-count'))).unread_count;

describe('a group of three', () => {
  test('is made, spoken in, previewed with what is unread, and read', async () => {
    const room = await newGroup();
    const { message } = await say(asha, room, 'Hello');
    expect(message).toMatchObject({
      conversation_id: room,
      sender_id: asha.id,
      receiver_id: null,
      message: 'Hello',
      content_type: 'text',
      sender: { handle: 'asha' },
      seen: false,
      reactions: [],
    });
    await say(asha, room, 'How are you?');
    for (const who of [ben, cleo]) {
      const previews = await who.heard('message_preview');
      for (const { data } of previews) expect(TALK_EVENTS.message_preview.safeParse(data).error).toBeUndefined();
      expect(previews.map(({ data }) => data)).toMatchObject([
        {
          type: 'message_preview',
          eventType: 'chat:message:sent',
          recipientIds: [who.id],
          data: {
            conversationId: room,
            lastMessage: 'Hello',
            lastMessageId: message.id,
            senderId: asha.id,
            senderUsername: 'asha',
            senderProfilePic: null,
            messageType: 'text',
            unreadCount: 1,
          },
        },
        { data: { lastMessage: 'How are you?', unreadCount: 2 } },
      ]);
      expect(await unreadIn(who, room)).toBe(2);
      expect(await badge(who)).toBe(2);
    }
    expect(await asha.heard('message_preview')).toEqual([]);
    expect((await asha.heard('new_message')).length).toBe(2);
    expect(await badge(asha)).toBe(0);

    expect(await ok(ben.post(`/api/chat/rooms/${room}/seen`))).toEqual({ seen: 2 });
    expect([await unreadIn(ben, room), await badge(ben), await badge(cleo)]).toEqual([0, 0, 2]);
    const [read] = await asha.heard('message_read');
    expect(TALK_EVENTS.message_read.safeParse(read?.data).error).toBeUndefined();
    expect(read?.data).toMatchObject({ data: { conversationId: room, userId: ben.id } });
    const shown = async () => (await ok(asha.get(`/api/chat/rooms/${room}/messages`))).map((each: Json) => each.seen);
    expect(await shown()).toEqual([false, false]);
    await ok(cleo.post(`/api/messages/conversations/${room}/seen`));
    expect(await shown()).toEqual([true, true]);
  });

  test('has everything that a conversation has: its list, its context, its messages in pages', async () => {
    const room = await newGroup(dan, [asha]);
    for (const text of ['one', 'two', 'three']) await say(dan, room, text);
    const [listed] = await ok(asha.get('/api/messages/conversations'));
    expect(listed).toMatchObject({
      id: room,
      kind: 'group',
      brand_owner_id: dan.id,
      influencer_id: null,
      name: 'Monsoon crew',
      member_count: 2,
      unread_count: 3,
      flow_state: 'real_time',
      last_message: { message: 'three' },
    });
    expect((await ok(asha.get(`/api/messages/conversations/${room}/context`))).allowed_actions).toEqual([]);
    const first = await asha.get(`/api/chat/rooms/${room}/messages?limit=2`);
    expect(first.body.data.map((each: Json) => each.message)).toEqual(['three', 'two']);
    const next = await asha.get(`/api/chat/rooms/${room}/messages?limit=2&cursor=${first.body.page.next_cursor}`);
    expect(next.body.data.map((each: Json) => each.message)).toEqual(['one']);
    expect(next.body.page.next_cursor).toBeNull();
    const stoory = await ok(asha.post('/api/messages/send', { conversation_id: room, message: 'Hi all' }));
    expect(stoory.message).toMatchObject({ receiver_id: null, message: 'Hi all' });
  });

  test('is open on a page: `message_received` at once, to all there but its sender', async () => {
    const room = await newGroup();
    live.length = 0;
    const { message } = await say(ben, room, 'Now');
    expect(live).toEqual([
      {
        rooms: [`conversation_${room}`],
        name: 'message_received',
        except: ben.id,
        data: {
          conversationId: room,
          messageId: message.id,
          senderId: ben.id,
          senderUsername: 'ben',
          senderProfilePic: null,
          content: 'Now',
          messageType: 'text',
          mediaUrl: null,
          timestamp: message.created_at,
        },
      },
    ]);
  });

  test('what one wrote oneself is not unread, wherever one’s mark is', async () => {
    const room = await newGroup();
    await say(asha, room, '1');
    await say(ben, room, '2');
    await say(cleo, room, '3');
    await say(ben, room, '4');
    expect(await unreadIn(ben, room)).toBe(2);
    expect(await unreadIn(asha, room)).toBe(3);
    const messages = await ok(ben.get(`/api/chat/rooms/${room}/messages`));
    await ok(ben.post(`/api/chat/rooms/${room}/seen`, { message_id: messages[3].id }));
    expect(await unreadIn(ben, room)).toBe(1);
    await ok(ben.post(`/api/chat/rooms/${room}/seen`));
    expect(await unreadIn(ben, room)).toBe(0);
  });

  test('who is named is told so once, by name and without the words; strangers, oneself and the blocked are not', async () => {
    const room = await newGroup(asha, [ben, cleo, dan]);
    const named = async (who: Talker) =>
      (await ok(who.get(`/api/notifications/${who.id}`))).filter(
        ({ kind, target }: Json) => kind === 'mention' && target.id === room,
      );
    await newTalker(api, 'named_stranger');
    await ok(dan.post(`/api/users/${asha.id}/block`));
    const key = { 'idempotency-key': 'names' };
    const says = { message: '@Ben and @asha: @dan is away. @named_stranger? @ben!' };
    for (let times = 0; times < 2; times += 1) await ok(asha.post(`/api/chat/rooms/${room}/messages`, says, key));
    expect(await named(ben)).toMatchObject([
      { kind: 'mention', title: 'asha mentioned you', target: { type: 'room', id: room }, read_at: null },
    ]);
    expect(JSON.stringify(await named(ben))).not.toContain('is away');
    for (const who of [asha, cleo, dan]) expect(await named(who)).toEqual([]);
    expect((await ben.heard('new_message')).at(-1)?.data).toMatchObject({ message: { message: says.message } });
  });

  test('the same key says it once', async () => {
    const room = await newGroup();
    const send = () =>
      asha.post(`/api/chat/rooms/${room}/messages`, { message: 'Once' }, { 'idempotency-key': `once_${room}` });
    const answers = await Promise.all([send(), send(), send()]);
    expect(new Set(answers.map(({ body }) => body.data.message.id)).size).toBe(1);
    expect(await ok(ben.get(`/api/chat/rooms/${room}/messages`))).toHaveLength(1);
    expect(await unreadIn(ben, room)).toBe(1);
  });
});

describe('who is in a room', () => {
  test('who is added hears of it, sees what comes after, and has nothing of before unread', async () => {
    const room = await newGroup();
    await say(asha, room, 'Before');
    const { room: joined } = await ok(ben.post(`/api/chat/rooms/${room}/members/${dan.id}`));
    expect(joined.member_count).toBe(4);
    const told = (await dan.heard('notification')).at(-1);
    expect(told?.data).toMatchObject({ type: 'room_joined', data: { conversation_id: room, sender_id: ben.id } });
    expect(await unreadIn(dan, room)).toBe(0);
    expect(await ok(dan.get(`/api/chat/rooms/${room}/messages`))).toEqual([]);
    await say(asha, room, 'After');
    expect(await unreadIn(dan, room)).toBe(1);
    expect((await ok(dan.get(`/api/chat/rooms/${room}/messages`))).map((each: Json) => each.message)).toEqual([
      'After',
    ]);
    const users = await ok(dan.get(`/api/chat/rooms/${room}/users`));
    expect(users.map((each: Json) => [each.handle, each.role]).sort()).toEqual([
      ['asha', 'owner'],
      ['ben', 'member'],
      ['cleo', 'member'],
      ['dan', 'member'],
    ]);
    // Again changes nothing.
    expect((await ok(ben.post(`/api/chat/rooms/${room}/members/${dan.id}`))).room.member_count).toBe(4);
  });

  test('who left or was taken out sees, hears and says nothing there, and its badge is without it', async () => {
    const room = await newGroup();
    await say(asha, room, 'Hi');
    const before = await badge(ben);
    await ok(asha.call('DELETE', `/api/chat/rooms/${room}/members/${ben.id}`));
    expect(await badge(ben)).toBe(before - 1);
    const heard = (await ben.heard()).length;
    await say(asha, room, 'He is gone');
    expect((await ben.heard()).length).toBe(heard);
    await refused(ben.get(`/api/chat/rooms/${room}/messages`), 404, 'NOT_FOUND');
    await refused(ben.post(`/api/chat/rooms/${room}/messages`, { message: 'Back' }), 404, 'NOT_FOUND');
    await refused(ben.post(`/api/messages/conversations/${room}/seen`), 404, 'NOT_FOUND');
    await refused(asha.call('DELETE', `/api/chat/rooms/${room}/members/${ben.id}`), 404, 'NOT_FOUND');
    await ok(cleo.call('DELETE', `/api/chat/rooms/${room}/members/${cleo.id}`));
    expect((await ok(asha.get(`/api/chat/rooms/${room}/users`))).length).toBe(1);
  });

  test('an owner who leaves is followed by who was there longest; only owners rename and take others out', async () => {
    const room = await newGroup();
    await refused(ben.call('PATCH', `/api/chat/rooms/${room}`, { name: 'Mine' }), 403, 'FORBIDDEN');
    await refused(ben.call('DELETE', `/api/chat/rooms/${room}/members/${cleo.id}`), 403, 'FORBIDDEN');
    expect((await ok(asha.call('PATCH', `/api/chat/rooms/${room}`, { name: 'Ours' }))).room.name).toBe('Ours');
    await ok(asha.call('DELETE', `/api/chat/rooms/${room}/members/${asha.id}`));
    const users = await ok(ben.get(`/api/chat/rooms/${room}/users`));
    expect(users.filter((each: Json) => each.role === 'owner')).toHaveLength(1);
  });

  test('a public room is read by everybody, and written in by who joined', async () => {
    const { room } = await ok(asha.post('/api/chat/rooms', { name: 'Square', kind: 'public' }));
    await say(asha, room.id, 'Welcome');
    expect(await ok(dan.get(`/api/chat/rooms/${room.id}/messages`))).toHaveLength(1);
    await refused(dan.post(`/api/chat/rooms/${room.id}/messages`, { message: 'Hi' }), 403, 'FORBIDDEN');
    await refused(dan.post(`/api/chat/rooms/${room.id}/members/${cleo.id}`), 403, 'FORBIDDEN');
    const listed = await ok(dan.get('/api/chat/rooms?scope=public'));
    expect(listed.find((each: Json) => each.id === room.id)).toMatchObject({
      my_role: null,
      unread_count: 0,
      member_count: 1,
    });
    await ok(dan.post(`/api/chat/rooms/${room.id}/members/${dan.id}`));
    await say(dan, room.id, 'Hi');
    expect(await unreadIn(dan, room.id)).toBe(0);
    expect(await unreadIn(asha, room.id)).toBe(1);
  });

  test('a group is nothing to strangers, and its id no other than an unknown one', async () => {
    const room = await newGroup();
    for (const id of [room, randomUUID()]) {
      for (const [method, url, body] of [
        ['GET', `/api/chat/rooms/${id}`],
        ['GET', `/api/chat/rooms/${id}/messages`],
        ['GET', `/api/chat/rooms/${id}/users`],
        ['POST', `/api/chat/rooms/${id}/messages`, { message: 'Hi' }],
        ['POST', `/api/chat/rooms/${id}/seen`, {}],
        ['PATCH', `/api/chat/rooms/${id}`, { name: 'X' }],
        ['POST', `/api/chat/rooms/${id}/members/${dan.id}`, {}],
        ['DELETE', `/api/chat/rooms/${id}/members/${dan.id}`],
        ['PUT', `/api/chat/rooms/${id}/users/${dan.id}/typing`, { is_typing: true }],
        ['GET', `/api/conversations/${id}/messages`],
        ['POST', `/conversations/${id}/messages`, { content: 'Hi' }],
        ['GET', `/api/messages/conversations/${id}/messages`],
      ] as [string, string, object?][]) {
        await refused(dan.call(method, url, body), 404, 'NOT_FOUND');
      }
    }
  });

  test('a room is refused with what is wrong with it', async () => {
    const refusedField = async (body: object, field: string) => {
      const answer = await refused(asha.post('/api/chat/rooms', body), 400, 'VALIDATION_FAILED');
      expect(answer.details.fields[0].field).toBe(field);
    };
    await refusedField({ member_ids: [ben.id, randomUUID()] }, 'member_ids.1');
    await refusedField({ member_ids: ['x'] }, 'member_ids.0');
    await refusedField({ member_ids: [] }, 'member_ids');
    await refusedField({ member_ids: [asha.id] }, 'member_ids');
    await refusedField({ kind: 'public' }, 'name');
    await refusedField({ kind: 'secret', member_ids: [ben.id] }, 'kind');
    await refusedField({ name: ' ', member_ids: [ben.id] }, 'name');
    await refusedField({ name: 'x'.repeat(101), member_ids: [ben.id] }, 'name');
    await refusedField({ member_ids: [ben.id], colour: 'red' }, 'colour');
    await refusedField({ member_ids: [api.deps.config.SYSTEM_USER_ID] }, 'member_ids.0');
  });
});

test('typing is told to who has the room open, and ends by itself', async () => {
  const room = await newGroup();
  live.length = 0;
  const path = (userId: string) => `/api/chat/rooms/${room}/users/${userId}/typing`;
  await ok(ben.call('PUT', path(ben.id), { is_typing: true }));
  await refused(ben.call('PUT', path(asha.id), { is_typing: true }), 403, 'FORBIDDEN');
  expect(live).toEqual([
    {
      rooms: [`conversation_${room}`],
      name: 'user_typing',
      except: ben.id,
      data: { conversationId: room, userId: ben.id, isTyping: true, username: 'ben' },
    },
  ]);
  await expect.poll(() => live.at(-1)?.data, { timeout: 5_000 }).toMatchObject({ isTyping: false });
  await ok(ben.call('PUT', path(ben.id), { is_typing: false }));
  expect(live).toHaveLength(2);
});
