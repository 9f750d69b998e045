import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { command, type Domain, event, inRoom, NOTHING, ownId, PERSONS, text } from './declaration.ts';

const { asha } = PERSONS;
const HEARS = 'the latest 100 people one talks with, and those in a conversation’s room with one';
const online = z.object({ userId: id });

/** Who is there. */
export const presence = {
  name: 'presence',
  rooms: {
    user: {
      summary: 'One’s own, on all of one’s devices. Everybody is in it from the start.',
      mayJoin: async (_pool, of, userId) => {
        // Who asks for another's room is to know that it was not a slip of ours.
        if (of !== userId) throw new Failure('FORBIDDEN', 'That is another user’s room; you are in your own.');
        return true;
      },
      missing: 'There is no such user.',
    },
  },
  events: {
    user_status_change: event({
      class: 'live',
      from: ['Stoory'],
      rooms: ['conversation', 'user'],
      hears: HEARS,
      summary: 'Somebody you talk with came online, or says how they are',
      schema: z.object({ userId: id, status: z.string() }),
      built: true,
      example: { userId: asha, status: 'online' },
      spoken: {
        Softchat: (data) => (data.status === 'online' ? ['user_online', data.userId] : ['user_status_change', data]),
      },
    }),
    user_online: event({
      class: 'live',
      from: ['Softchat'],
      rooms: ['conversation', 'user'],
      hears: HEARS,
      summary: '`user_status_change` to `online`, as Softchat knows it',
      schema: online,
      built: true,
      formOf: 'user_status_change',
      args: ['userId'],
      example: { userId: asha },
    }),
    user_offline: event({
      class: 'live',
      from: ['Stoory', 'Softchat'],
      rooms: ['conversation', 'user'],
      hears: HEARS,
      summary: 'Somebody you talk with has closed their last connection',
      schema: online,
      built: true,
      example: { userId: asha },
      spoken: { Softchat: ({ userId }) => ['user_offline', userId] },
    }),
    left_room: event({
      class: 'live',
      from: ['Tandem'],
      rooms: ['user'],
      namespaces: ['/chat', '/gifts'],
      hears: 'the connection that was in the room',
      summary: 'You may not be in a room any more, and hear nothing of it from now on',
      schema: z.object({ room: z.string() }),
      built: true,
      example: { room: `conversation_${PERSONS.thing}` },
    }),
  },
  commands: {
    join: command({
      from: ['Stoory'],
      data: z.strictObject({ userId: id }),
      args: ['userId'],
      own: ['userId'],
      answer: inRoom,
      summary: 'Be in the room of your own user. Everybody is from the start; another’s is refused.',
      may: 'everybody, for themselves',
      example: { data: { userId: asha }, answer: { room: `user_${asha}` } },
      handle: async (_act, { userId }) => ({ room: `user_${userId}` }),
    }),
    user_status: command({
      from: ['Stoory'],
      data: z.strictObject({ userId: ownId, status: text(32) }),
      args: [],
      own: ['userId'],
      answer: NOTHING,
      summary: 'Say how you are (`online`, `away`, `busy`, …) to those you talk with.',
      may: 'everybody',
      example: { data: { status: 'away' }, answer: {} },
      handle: async (act, { status }) => {
        act.status(status);
        return {};
      },
    }),
    update_presence: command({
      from: ['Softchat'],
      data: z.strictObject({ status: text(32) }),
      args: ['status'],
      answer: NOTHING,
      summary: '`user_status`, as Softchat knows it.',
      may: 'everybody',
      example: { data: { status: 'away' }, answer: {} },
      handle: async (act, { status }) => {
        act.status(status);
        return {};
      },
    }),
  },
} satisfies Domain;
