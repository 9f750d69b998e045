/** What people write, as every schema takes it: over REST, over sockets, in whatever domain. */
import { z } from 'zod';
import { id, instant, message } from '../deal/contract.ts';
import { isLongerThan, isStorable, showsNothing } from '../text.ts';
import { isEmoji } from './editing.ts';
import { TALK_LIMITS } from './limits.ts';
import { CONTENT_TYPES } from './preview.ts';

/** What one character may take: the longest emoji have some 35 bytes. More is a heap of marks on one letter. */
const BYTES_A_CHARACTER = 40;

type Refused = { limit: number; unit: 'characters' | 'bytes' };

/**
 * A text that a person writes: trimmed unless it is `kept` as it was written, with something to see in it unless it may be `empty`, and of at most `max`
 * characters as a reader counts them (graphemes). JSON Schema counts code points, so its `maxLength` cannot say that.
 */
export function words(max: number, { min = 1, empty = false, kept = false } = {}) {
  const text = kept ? z.string() : z.string().trim();
  return text
    .superRefine((text, context) => {
      const refuse = (message: string, params?: Refused) =>
        context.addIssue({ code: 'custom', message, ...(params && { params }) });
      if (!empty && showsNothing(text)) return refuse('it shows nothing');
      if (min > 1 && !isLongerThan(text, min - 1)) {
        return refuse(`it has ${min} characters or more`, { limit: min, unit: 'characters' });
      }
      // First, as it is counted in no time: what is far too long is not taken apart.
      if (text.length > max && bytesOf(text) > max * BYTES_A_CHARACTER) {
        return refuse(`it has ${max * BYTES_A_CHARACTER} bytes at most`, {
          limit: max * BYTES_A_CHARACTER,
          unit: 'bytes',
        });
      }
      if (isLongerThan(text, max)) refuse(`it has ${max} characters at most`, { limit: max, unit: 'characters' });
    })
    .meta({ ...(empty ? {} : { minLength: min }), 'x-max-characters': max });
}

/** UTF-8. By hand: what runs inside Temporal has no Buffer. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each half of a pair is two of its four.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** A link to a picture, a film or a sound, which stay elsewhere: pages load it, so it is https, and nobody's password. */
export const mediaUrl = z
  .url({ protocol: /^https$/, error: 'is not an https URL' })
  .max(TALK_LIMITS.mediaUrl)
  .regex(/^\S+$/, 'has a space in it')
  .refine(isStorable, 'has a NUL or half a character')
  .refine((url) => !/^https:\/*[^/?#]*@/i.test(url), 'has a user name or a password in it')
  .meta({ examples: ['https://media.example/reel.mp4'] });

const contentType = z.enum(CONTENT_TYPES).describe('What it is: a text, or what its link leads to');

const said = words(TALK_LIMITS.text, { kept: true }).describe('Kept as it was written');
const saidBesideMedia = words(TALK_LIMITS.text, { kept: true, empty: true }).describe(
  'Kept as it was written; may be empty where there is a link',
);

const EXAMPLE = {
  conversation: '0190a000-0000-7000-8000-000000000001',
  message: '0190a000-0000-7000-8000-000000000002',
  asha: '0190a000-0000-7000-8000-00000000000a',
  ben: '0190a000-0000-7000-8000-00000000000b',
  at: '2026-11-28T12:00:00.000Z',
} as const;

/** Something to see: words, or a link. A text is no picture, and a picture has a link. */
function hasContent(
  text: string,
  media: string | null | undefined,
  type: (typeof CONTENT_TYPES)[number] | undefined,
  refuse: (field: 'text' | 'media' | 'type', message: string) => void,
): void {
  if (!media && showsNothing(text)) refuse('text', 'it shows nothing');
  if (!media && type !== undefined && type !== 'text') refuse('media', `is needed for ${type}`);
}

/** LykLuk's way to say something. */
export const messageRequest = z
  .strictObject({ content: saidBesideMedia, messageType: contentType.optional(), mediaUrl: mediaUrl.nullish() })
  .superRefine(({ content, mediaUrl: media, messageType }, context) =>
    hasContent(content, media, messageType, (what, issue) =>
      context.addIssue({
        code: 'custom',
        message: issue,
        path: [{ text: 'content', media: 'mediaUrl', type: 'messageType' }[what]],
      }),
    ),
  )
  .meta({ id: 'MessageRequest', examples: [{ content: 'Hello, how are you?', messageType: 'text' }] });

/** Softchat's. */
export const roomMessageRequest = z
  .strictObject({ message: saidBesideMedia, content_type: contentType.optional(), media_url: mediaUrl.nullish() })
  .superRefine(({ message: text, media_url, content_type }, context) =>
    hasContent(text, media_url, content_type, (what, issue) =>
      context.addIssue({
        code: 'custom',
        message: issue,
        path: [{ text: 'message', media: 'media_url', type: 'content_type' }[what]],
      }),
    ),
  )
  .meta({ id: 'RoomMessageRequest', examples: [{ message: 'Hello, how are you?' }] });

export const editRequest = z
  .strictObject({ content: said })
  .meta({ id: 'EditRequest', examples: [{ content: 'Hello there, how are you?' }] });

export const reactionRequest = z
  .strictObject({ emoji: z.string().max(64).refine(isEmoji, 'is not one emoji').describe('One emoji') })
  .meta({ id: 'ReactionRequest', examples: [{ emoji: '👍' }] });

const reaction = z
  .object({ emoji: z.string(), count: z.int(), mine: z.boolean().describe('Whether you are among them') })
  .meta({ id: 'Reaction', examples: [{ emoji: '👍', count: 3, mine: true }] });

/** A message as LykLuk's frontend has it. */
export const chatMessage = z
  .object({
    id,
    messageId: id.describe('The same as `id`'),
    conversationId: id,
    senderId: id,
    senderUsername: z.string(),
    senderProfilePic: z.string().nullable(),
    content: z.string(),
    messageType: contentType,
    mediaUrl: z.string().nullable(),
    timestamp: instant,
    editedAt: instant.nullable(),
    deletedAt: instant.nullable(),
    seen: z
      .boolean()
      .describe('Of yours: everybody else has read it (never in rooms of more than 100); of others’: you have'),
    reactions: z.array(reaction),
  })
  .meta({ id: 'ChatMessage' });
export type ChatMessageView = z.infer<typeof chatMessage>;

const person = z
  .object({ id, handle: z.string(), display_name: z.string().nullable(), avatar_url: z.string().nullable() })
  .meta({ id: 'PersonInRoom' });

/** A message as rooms have it: Stoory's, with who wrote it and how it was taken. */
export const roomMessage = message
  .extend({
    content_type: contentType,
    edited_at: instant.nullable(),
    deleted_at: instant.nullable(),
    sender: person,
    reactions: z.array(reaction),
  })
  .meta({ id: 'RoomMessage' });
export type RoomMessageView = z.infer<typeof roomMessage>;

export const ROOM_KINDS = ['group', 'public'] as const;

const roomName = words(TALK_LIMITS.roomName);

export const roomRequest = z
  .strictObject({
    name: roomName.optional(),
    member_ids: z
      .array(id)
      .max(TALK_LIMITS.members - 1)
      .default([])
      .describe('Who is in it beside you'),
    kind: z.enum(ROOM_KINDS).default('group').describe('`group`: by invitation; `public`: everybody may read and join'),
  })
  .superRefine(({ kind, name, member_ids }, context) => {
    if (kind === 'public' && name === undefined) {
      context.addIssue({ code: 'custom', message: 'is needed for a public room', path: ['name'] });
    }
    if (kind === 'group' && member_ids.length === 0) {
      context.addIssue({
        code: 'custom',
        message: 'names nobody: a group has two members or more',
        path: ['member_ids'],
      });
    }
  })
  .meta({
    id: 'RoomRequest',
    examples: [{ name: 'Monsoon crew', member_ids: [EXAMPLE.asha, EXAMPLE.ben], kind: 'group' }],
  });

export const roomPatch = z
  .strictObject({ name: roomName })
  .meta({ id: 'RoomPatch', examples: [{ name: 'Monsoon crew' }] });

/** A conversation as a list of rooms has it, whatever its kind. */
export const room = z
  .object({
    id,
    kind: z.enum(['direct', 'campaign', 'bid', ...ROOM_KINDS]),
    name: z.string().nullable().describe('Of one between two: the other’s name'),
    member_count: z.int(),
    my_role: z
      .enum(['owner', 'member'])
      .nullable()
      .describe('Null where you are no member, as of public rooms you look at'),
    unread_count: z.int(),
    last_message: roomMessage.nullable(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Room' });
export type RoomView = z.infer<typeof room>;

export const roomUser = person
  .extend({ role: z.enum(['owner', 'member']), joined_at: instant })
  .meta({ id: 'RoomUser' });

export const typingRequest = z
  .strictObject({ is_typing: z.boolean() })
  .meta({ id: 'TypingRequest', examples: [{ is_typing: true }] });

/** LykLuk's form of whatever it says. */
function envelope<Type extends string, EventType extends string, Data extends z.ZodType>(
  type: Type,
  eventType: EventType,
  data: Data,
) {
  return z.object({
    type: z.literal(type),
    eventType: z.literal(eventType),
    recipientIds: z.array(id),
    data,
  });
}

/** What a message that is open on the page is heard with, by everybody else who has it open. */
const received = chatMessage.pick({
  conversationId: true,
  messageId: true,
  senderId: true,
  senderUsername: true,
  senderProfilePic: true,
  content: true,
  messageType: true,
  mediaUrl: true,
  timestamp: true,
});

/** Durable events of messages, beside those that deals have too. */
export const TALK_EVENTS = {
  message_preview: envelope(
    'message_preview',
    'chat:message:sent',
    received
      .omit({ messageId: true, content: true, mediaUrl: true })
      .extend({ lastMessage: z.string(), lastMessageId: id, unreadCount: z.int() }),
  ).describe('A message was written: how your list of conversations shows it'),
  message_read: envelope(
    'message_read',
    'chat:message:read',
    z.object({ conversationId: id, userId: id, lastReadMessageId: id, timestamp: instant }),
  ).describe('A reader’s mark has moved past your messages'),
} as const;

/** Live events of a conversation that is open on the page. */
export const TALK_LIVE = {
  message_received: received.describe('A message was written in a conversation that is open'),
  message_updated: z
    .object({
      conversationId: id,
      message: chatMessage.omit({ seen: true, reactions: true }),
      reactions: z.array(reaction.omit({ mine: true })),
    })
    .describe('A message was edited, deleted or reacted to'),
} as const;
