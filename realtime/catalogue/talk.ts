import { z } from 'zod';
import { isStorable } from '#db/storable.ts';
import { findSeat, mayOpen } from '#db/talk/audience.ts';
import { DEAL_EVENTS, id, message } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { TALK_EVENTS, TALK_LIVE } from '#workflows/talk/contract.ts';
import { type Act, command, type Domain, event, inRoom, joins, NOTHING, ownId, PERSONS, text } from './declaration.ts';

const { asha, ben, thing, at } = PERSONS;

const MESSAGE = {
  id: PERSONS.message,
  conversation_id: thing,
  sender_id: asha,
  receiver_id: ben,
  message: 'Hello',
  media_url: null,
  message_type: 'user_input',
  action_required: false,
  action_data: null,
  is_automated: false,
  action_completed: false,
  seen: false,
  created_at: at,
} as const;

/** What previews and pages have of a message alike. */
const SENT = {
  conversationId: thing,
  senderId: asha,
  senderUsername: 'asha',
  senderProfilePic: null,
  messageType: 'text',
  timestamp: at,
} as const;

const inConversation = z.strictObject({ conversationId: id, userId: ownId });
const roomId = z
  .string()
  .min(1)
  .max(128)
  .describe('A room’s or conversation’s id, or a room’s name such as `bid_…` or `user:…`');
const inNamedRoom = z.strictObject({ roomId });
const typingInRoom = z.strictObject({ roomId: id });

const PARTIES = 'the two sides of the conversation';
const READERS = 'the two sides of the conversation, and administrators, who only read';

const typing = z.object({ conversationId: id, userId: id, isTyping: z.boolean(), username: z.string().optional() });

/** Messages, who has read them, and who is writing. */
export const talk = {
  name: 'talk',
  rooms: {
    conversation: {
      summary: 'A conversation that is open on the page: typing and presence of the other side are heard.',
      mayJoin: mayOpen,
      missing: 'There is no such conversation.',
    },
  },
  events: {
    new_message: event({
      class: 'durable',
      from: ['Stoory'],
      rooms: ['user'],
      hears: 'sender and receiver; of an audit message its receiver alone',
      summary: DEAL_EVENTS.new_message.description ?? '',
      schema: DEAL_EVENTS.new_message,
      built: true,
      example: { conversation_id: thing, message: MESSAGE, conversation_context: null },
      spoken: {
        Softchat: (data, to) => {
          const { conversation_id, message: said } = data;
          if (!to.isIn('conversation', conversation_id)) return ['new_message', data];
          return ['message_received', { roomId: conversation_id, message: said, sender: said.sender_id }];
        },
      },
    }),
    message_received: event({
      class: 'live',
      from: ['LykLuk', 'Softchat'],
      rooms: ['conversation'],
      hears: 'the others with the conversation open; a frontend of Softchat has it of its own messages too',
      summary:
        'A message was written in a conversation that is open on the page. LykLuk has it in its envelope, Softchat in the form that it gives `new_message` there',
      schema: TALK_LIVE.message_received,
      built: true,
      example: { ...SENT, messageId: PERSONS.message, content: 'Hello', mediaUrl: null },
      spoken: {
        LykLuk: (data, to) => [
          'notification',
          { type: 'message_received', eventType: 'chat:message:received', recipientIds: [to.userId], data },
        ],
        // These have each message as `new_message`, in a form of their own where they have one.
        ...{ Stoory: () => null, Softchat: () => null, '50BraIns': () => null, LiveStreamX: () => null },
      },
    }),
    message_seen: event({
      class: 'durable',
      from: ['Stoory'],
      rooms: ['user'],
      hears: 'the sender',
      summary: DEAL_EVENTS.message_seen.description ?? '',
      schema: DEAL_EVENTS.message_seen,
      built: true,
      example: { messageId: PERSONS.message, userId: ben, conversationId: thing },
    }),
    user_typing: event({
      class: 'live',
      from: ['Stoory'],
      rooms: ['conversation'],
      hears: 'the others with the conversation open',
      summary:
        'The other side began or ended typing in a conversation you have joined; it ends by itself after 3 s without another `typing_start`',
      schema: typing,
      built: true,
      example: { conversationId: thing, userId: asha, isTyping: true, username: 'asha' },
      spoken: {
        LykLuk: ({ conversationId, userId, isTyping, username = '' }, to) => [
          'notification',
          {
            type: 'typing_indicator',
            eventType: isTyping ? 'chat:typing:started' : 'chat:typing:stopped',
            recipientIds: [to.userId],
            data: { conversationId, userId, username, isTyping },
          },
        ],
      },
    }),
    typing_indicator: event({
      class: 'live',
      from: ['LykLuk'],
      rooms: ['conversation'],
      hears: 'the others with the conversation open',
      summary: '`user_typing`, as LykLuk knows it',
      schema: z.object({
        type: z.literal('typing_indicator'),
        eventType: z.enum(['chat:typing:started', 'chat:typing:stopped']),
        recipientIds: z.array(id),
        data: typing.required(),
      }),
      built: true,
      asNotification: true,
      formOf: 'user_typing',
      example: {
        type: 'typing_indicator',
        eventType: 'chat:typing:started',
        recipientIds: [ben],
        data: { conversationId: thing, userId: asha, username: 'asha', isTyping: true },
      },
    }),
    user_joined: event({
      class: 'live',
      from: ['Softchat'],
      rooms: ['conversation'],
      hears: 'the others with the conversation open',
      summary: 'The other side has opened the conversation with `join_room`',
      schema: z.object({ userId: id, roomId: id }),
      built: true,
      example: { userId: asha, roomId: thing },
    }),
    message_preview: event({
      class: 'durable',
      from: ['LykLuk'],
      rooms: ['user'],
      hears: 'all of the conversation but the sender',
      summary: TALK_EVENTS.message_preview.description ?? '',
      schema: TALK_EVENTS.message_preview,
      built: true,
      asNotification: true,
      example: {
        type: 'message_preview',
        eventType: 'chat:message:sent',
        recipientIds: [ben],
        data: { ...SENT, lastMessage: 'Hello', lastMessageId: PERSONS.message, unreadCount: 1 },
      },
    }),
    message_read: event({
      class: 'durable',
      from: ['LykLuk'],
      rooms: ['user'],
      hears: 'the sender',
      summary: TALK_EVENTS.message_read.description ?? '',
      schema: TALK_EVENTS.message_read,
      built: true,
      asNotification: true,
      example: {
        type: 'message_read',
        eventType: 'chat:message:read',
        recipientIds: [asha],
        data: { conversationId: thing, userId: ben, lastReadMessageId: PERSONS.message, timestamp: at },
      },
    }),
    message_updated: event({
      class: 'live',
      from: ['Tandem'],
      rooms: ['conversation'],
      hears: 'who has the conversation open',
      summary: TALK_LIVE.message_updated.description ?? '',
      schema: TALK_LIVE.message_updated,
      built: true,
      example: {
        conversationId: thing,
        message: {
          ...SENT,
          id: PERSONS.message,
          messageId: PERSONS.message,
          content: 'Hello there',
          mediaUrl: null,
          editedAt: at,
          deletedAt: null,
        },
        reactions: [{ emoji: '👍', count: 3 }],
      },
    }),
  },
  commands: {
    join_conversation: joins({
      ...{ kind: 'conversation', key: 'conversationId', from: ['Stoory'], may: READERS },
      summary: 'Have a conversation open: typing and presence of the other side are heard.',
    }),
    leave_conversation: command({
      from: ['Stoory'],
      data: z.strictObject({ conversationId: id }),
      args: ['conversationId'],
      answer: inRoom,
      summary: 'No longer have a conversation open.',
      may: 'everybody',
      example: { data: { conversationId: thing }, answer: { room: `conversation_${thing}` } },
      handle: async (act, { conversationId }) => {
        act.stopTyping(conversationId);
        return act.leave('conversation', conversationId);
      },
    }),
    join_room: command({
      from: ['Softchat'],
      data: inNamedRoom,
      args: ['roomId'],
      answer: inRoom,
      summary: 'Have a room open: a conversation by its id, any other by its name. The others hear `user_joined`.',
      may: 'who may see the room',
      namespaces: ['/chat'],
      example: { data: { roomId: thing }, answer: { room: `conversation_${thing}` } },
      handle: async (act, { roomId: named }) => {
        const { kind, id: of } = roomNamed(named);
        const { room, entered } = await act.join(kind, of);
        if (kind === 'conversation' && entered) act.tell(kind, of, 'user_joined', { userId: act.userId, roomId: of });
        return { room };
      },
    }),
    leave_room: command({
      from: ['Softchat'],
      data: inNamedRoom,
      args: ['roomId'],
      answer: inRoom,
      summary: 'No longer have a room open.',
      may: 'everybody',
      namespaces: ['/chat'],
      example: { data: { roomId: thing }, answer: { room: `conversation_${thing}` } },
      handle: async (act, { roomId: named }) => {
        const { kind, id: of } = roomNamed(named);
        if (kind === 'conversation') act.stopTyping(of);
        return act.leave(kind, of);
      },
    }),
    send_message: command({
      from: ['Stoory', 'Softchat'],
      data: z.strictObject({
        conversationId: id.nullish(),
        roomId: id.nullish().describe('Softchat’s name for conversationId'),
        receiverId: id.nullish().describe('Needed without conversationId; else it has to be the other side'),
        senderId: ownId,
        message: text(5_000),
        mediaUrl: z
          .url({ protocol: /^https?$/ })
          .max(2_000)
          // To the parser of URLs these are characters to be escaped.
          .refine(isStorable, 'has a NUL or half a character')
          .nullish(),
      }),
      args: ['roomId', 'message'],
      answer: z.object({ message }),
      summary: 'Write a message. The other side has it as `new_message`, and so have your other connections.',
      may: PARTIES,
      own: ['senderId'],
      namespaces: ['/chat'],
      example: { data: { conversationId: thing, message: 'Hello' }, answer: { message: MESSAGE } },
      handle: async (act, data) => {
        const conversationId = data.conversationId ?? data.roomId ?? null;
        const receiverId = data.receiverId ?? null;
        if (conversationId === null && receiverId === null) throw nowhereToSend();
        const sent = await act.deps.sendMessage(act.caller, {
          ...{ conversationId, receiverId, message: data.message, mediaUrl: data.mediaUrl ?? null },
          idempotencyKey: act.idempotencyKey,
        });
        act.stopTyping(sent.conversation_id);
        return { message: sent };
      },
    }),
    typing_start: types('Stoory', inConversation, 'conversationId', true),
    typing_stop: types('Stoory', inConversation, 'conversationId', false),
    start_typing: types('Softchat', typingInRoom, 'roomId', true),
    stop_typing: types('Softchat', typingInRoom, 'roomId', false),
    mark_seen: command({
      from: ['Stoory'],
      data: z.strictObject({
        conversationId: id,
        messageId: id.nullish().describe('Left out: all messages to you in this conversation'),
        userId: ownId,
      }),
      args: [],
      own: ['userId'],
      answer: z.object({ seen: z.int() }),
      summary: 'Mark messages to you as seen; `seen` counts those that were not before.',
      may: PARTIES,
      example: { data: { conversationId: thing }, answer: { seen: 2 } },
      handle: async (act, { conversationId, messageId }) => ({
        seen: await act.deps.markSeen(act.caller, { conversationId, messageId: messageId ?? null }),
      }),
    }),
  },
} satisfies Domain;

/** A conversation by its id alone; any other room by its name, with the line of Stoory or the colon of LykLuk. */
function roomNamed(named: string): { kind: string; id: string } {
  const [, kind, of] = /^([a-z]+)[_:](.+)$/.exec(named) ?? [];
  if (kind !== undefined && of !== undefined) return { kind, id: of };
  return { kind: 'conversation', id: named };
}

function types<Key extends 'conversationId' | 'roomId'>(
  source: 'Stoory' | 'Softchat',
  data: z.ZodObject,
  key: Key,
  isTyping: boolean,
) {
  return command({
    from: [source],
    data,
    args: [key],
    answer: NOTHING,
    summary: isTyping
      ? 'Tell the others in a conversation that you are typing. Say it again while you do: it ends by itself after 3 s.'
      : 'Tell them that you no longer are. A connection that closes says it too.',
    may: PARTIES,
    own: ['userId'],
    namespaces: ['/chat'],
    example: { data: { [key]: thing }, answer: {} },
    handle: async (act: Act, sent: Record<string, unknown>) => {
      const conversationId = sent[key] as string;
      const seat = await findSeat(act.pool, conversationId, act.userId);
      if (seat === null) throw new Failure('NOT_FOUND', 'There is no such conversation.');
      // Administrators may read along, but have nothing to say.
      if (seat !== 'party') throw new Failure('FORBIDDEN', 'Only the parties of a conversation write in it.');
      if (isTyping) act.startTyping(conversationId);
      else act.stopTyping(conversationId);
      return {};
    },
  });
}

function nowhereToSend(): Failure {
  return new Failure('VALIDATION_FAILED', 'A message needs a conversation or a receiver.', {
    details: { fields: [{ field: 'conversationId', problem: 'is required without receiverId' }] },
  });
}
