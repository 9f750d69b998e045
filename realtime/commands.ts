/** Every command a socket takes, declared once: what it is sent and what it is answered. */
import { z } from 'zod';
import { isStorable } from '#db/storable.ts';
import { message } from '#workflows/collaboration/contract.ts';

// Rooms are named by ids, so an id has one spelling.
const id = z.uuid().toLowerCase();

// Postgres keeps any character but NUL, and no half of one.
const text = (length: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(length)
    .regex(/^[^\0]*$/, 'has a NUL character')
    .refine((words) => words.isWellFormed(), 'has half a character');

/** Pages send some commands a bare id, others an object: both are taken, and become the object. */
function idOrObject<Key extends string>(key: Key) {
  const object = z.strictObject({ [key]: id } as Record<Key, typeof id>);
  return z
    .preprocess((value) => (typeof value === 'string' ? { [key]: value } : value), object)
    .meta({ bareId: true, description: `The id alone as a string, or { ${key} }` });
}

/** Whose command it is, is the token's to say; a page may still name its user, and is refused when it names another. */
const ownId = id.optional().describe('Your own id, or left out');

const inRoom = z.object({ room: z.string() });

export const COMMANDS = {
  join: {
    data: idOrObject('userId'),
    answer: inRoom,
    summary: 'Be in the room of your own user. Everybody is from the start; another’s is refused.',
  },
  join_conversation: {
    data: idOrObject('conversationId'),
    answer: inRoom,
    summary: 'Have a conversation open: typing and presence of the other side are heard.',
  },
  leave_conversation: {
    data: idOrObject('conversationId'),
    answer: inRoom,
    summary: 'No longer have a conversation open.',
  },
  join_bid_room: { data: idOrObject('bidId'), answer: inRoom, summary: 'Follow a bid.' },
  join_campaign_room: { data: idOrObject('campaignId'), answer: inRoom, summary: 'Follow a campaign.' },
  send_message: {
    data: z.strictObject({
      conversationId: id.nullish(),
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
    answer: z.object({ message }),
    summary: 'Write a message. The other side has it as `new_message`, and so have your other connections.',
  },
  typing_start: {
    data: z.strictObject({ conversationId: id, userId: ownId }),
    answer: z.object({}),
    summary: 'Tell the others in a conversation that you are typing.',
  },
  typing_stop: {
    data: z.strictObject({ conversationId: id, userId: ownId }),
    answer: z.object({}),
    summary: 'Tell them that you no longer are. A connection that closes says it too.',
  },
  mark_seen: {
    data: z.strictObject({
      conversationId: id,
      messageId: id.nullish().describe('Left out: all messages to you in this conversation'),
      userId: ownId,
    }),
    answer: z.object({ seen: z.int() }),
    summary: 'Mark messages to you as seen; `seen` counts those that were not before.',
  },
  user_status: {
    data: z.strictObject({ userId: ownId, status: text(32) }),
    answer: z.object({}),
    summary: 'Say how you are (`online`, `away`, `busy`, …) to those you talk with.',
  },
} as const satisfies Record<string, { data: z.ZodType; answer: z.ZodObject; summary: string }>;

export type CommandName = keyof typeof COMMANDS;
export type CommandData<Name extends CommandName> = z.infer<(typeof COMMANDS)[Name]['data']>;
export type CommandAnswer<Name extends CommandName> = z.infer<(typeof COMMANDS)[Name]['answer']>;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
