import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { NOTIFICATION_EVENTS } from '#workflows/notification/contract.ts';
import { command, type Domain, event, NOTHING, PERSONS } from './declaration.ts';

const YOU = { class: 'durable', rooms: ['user'], hears: 'whom it is for' } as const;
const { notification: told, new_notification: added, notification_withdrawn: withdrawn } = NOTIFICATION_EVENTS;

const ADDED = {
  id: PERSONS.thing,
  kind: 'video_like',
  title: 'ben liked your video',
  body: 'Monsoon collection',
  data: { videoId: '456' },
  actor: { id: PERSONS.ben, handle: 'ben' },
  target: { type: 'video', id: '456' },
  count: 1,
  position: 41,
  created_at: PERSONS.at,
  updated_at: PERSONS.at,
  seen_at: null,
  read_at: null,
  archived_at: null,
  snoozed_until: null,
} as const;

/** What waits for somebody. */
export const notification = {
  name: 'notification',
  events: {
    notification: event({
      ...YOU,
      from: ['Stoory', 'LykLuk'],
      summary: told.description ?? '',
      schema: told,
      built: true,
      example: {
        type: 'accept_connection',
        data: { conversation_id: PERSONS.thing, message: 'The connection was accepted.', sender_id: PERSONS.ben },
      },
      spoken: {
        LykLuk: ({ type, data }, { userId }) => [
          'notification',
          { type, eventType: `notification:${type}`, recipientIds: [userId], data },
        ],
      },
    }),
    new_notification: event({
      ...YOU,
      from: ['Softchat'],
      summary: added.description ?? '',
      schema: added,
      built: true,
      example: ADDED,
      // Softchat's listener is called with the notification itself.
      spoken: { Softchat: (notification) => ['new_notification', notification] },
    }),
    notification_withdrawn: event({
      ...YOU,
      from: ['Tandem'],
      summary: withdrawn.description ?? '',
      schema: withdrawn,
      built: true,
      example: { id: PERSONS.thing },
    }),
  },
  commands: {
    mark_notification_read: command({
      from: ['Softchat'],
      data: z.strictObject({ notificationId: id }),
      args: ['notificationId'],
      answer: NOTHING,
      summary: 'Mark one of your notifications as read.',
      may: 'whom it is for',
      example: { data: { notificationId: PERSONS.thing }, answer: {} },
      async handle({ caller, deps }, { notificationId }) {
        await deps.markNotificationRead(caller, notificationId);
        return {};
      },
    }),
  },
} satisfies Domain;
