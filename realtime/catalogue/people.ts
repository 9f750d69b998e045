import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { type Domain, envelope, event, PERSONS } from './declaration.ts';

const actor = { actorId: id, actorUsername: z.string() };
const ABOUT = { actorId: PERSONS.ben, actorUsername: 'ben' } as const;

/** A kind of notification: LykLuk's frontend has `notification` in this form, by the kind's name. */
function notified<Type extends string, Data extends z.ZodRawShape>(
  type: Type,
  hears: string,
  summary: string,
  data: Data,
  example: z.input<z.ZodObject<Data>> | null,
) {
  return event({
    ...{ class: 'durable', from: ['LykLuk'], rooms: ['user'], hears, summary, asNotification: true },
    ...{ formOf: 'notification', built: example !== null },
    schema: envelope(type, `notification:${type}`, z.object({ ...actor, ...data }).loose()),
    ...(example !== null && {
      example: {
        ...{ type, eventType: `notification:${type}`, recipientIds: [PERSONS.asha] },
        data: { ...ABOUT, ...example },
      } as never,
    }),
  });
}

/** Who follows whom, and what they do with each other's videos. */
export const people = {
  name: 'people',
  events: {
    profile_followed: notified('profile_followed', 'who is followed', 'Somebody follows you', {}, {}),
    follow_request: notified(
      ...(['follow_request', 'who is asked', 'Somebody asks to follow you'] as const),
      { requestId: id.describe('Who asks: the `requesterId` of accept and decline') },
      { requestId: PERSONS.ben },
    ),
    video_like: notified(
      ...(['video_like', 'the video’s creator', 'Somebody likes your video'] as const),
      { videoId: id },
      { videoId: PERSONS.thing },
    ),
    video_comment: notified(
      ...(['video_comment', 'the video’s creator', 'Somebody has commented on your video'] as const),
      { videoId: id, commentId: id, text: z.string() },
      { videoId: PERSONS.thing, commentId: PERSONS.message, text: 'Beautiful' },
    ),
    live_stream_started: notified(
      ...(['live_stream_started', 'followers', 'Somebody you follow is live'] as const),
      { streamId: id, title: z.string() },
      { streamId: PERSONS.thing, title: 'Monsoon cooking' },
    ),
  },
} satisfies Domain;
