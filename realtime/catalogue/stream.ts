import { z } from 'zod';
import { mayWatch } from '#db/stream/watching.ts';
import { canSeeVideo } from '#db/video/videos.ts';
import { id } from '#workflows/deal/contract.ts';
import { CHAT_TEXT, chatHeard, mood, moodState, streamStatus } from '#workflows/stream/contract.ts';
import { words } from '#workflows/talk/contract.ts';
import { command, type Domain, event, inRoom, joins, NOTHING, PERSONS } from './declaration.ts';

const IN_STREAM = 'who is in the stream’s room';
const BUILT = { class: 'live', from: ['LiveStreamX'], rooms: ['stream'], built: true, hears: IN_STREAM } as const;
const CHAT = { namespaces: ['/chat'] } as const;
const of = { streamId: id };
const OF = { streamId: PERSONS.thing };

/** A live stream: its chat, mood, overlays, segments and viewers. */
export const stream = {
  name: 'stream',
  rooms: {
    stream: {
      ...{ summary: 'A live stream.', id, mayJoin: mayWatch, strangers: true },
      missing: 'There is no such stream.',
    },
    video: {
      ...{ summary: 'A video that one looks at.', strangers: true, id },
      mayJoin: canSeeVideo,
      missing: 'There is no such video.',
    },
  },
  events: {
    'stream:state': event({
      ...{
        ...BUILT,
        from: ['Tandem'],
        namespaces: ['/chat', '/gifts'],
        summary: 'A stream has begun, ended or been put away',
      },
      schema: z.object({ ...of, status: streamStatus }),
      example: { ...OF, status: 'ended' },
    }),
    'chat:message': event({
      ...{ ...BUILT, ...CHAT, summary: 'Somebody has written in a stream’s chat' },
      schema: chatHeard,
      example: {
        ...OF,
        id: PERSONS.message,
        userId: PERSONS.ben,
        handle: 'ben',
        text: 'Hello everybody',
        at: PERSONS.at,
      },
    }),
    'chat:removed': event({
      ...{ ...BUILT, from: ['Tandem'], ...CHAT, summary: 'A message was taken away: no page shows it any more' },
      schema: z.object({ ...of, messageId: id }),
      example: { ...OF, messageId: PERSONS.message },
    }),
    'chat:cleared': event({
      ...{ ...BUILT, from: ['Tandem'], ...CHAT, summary: 'Somebody was removed: no page shows what they wrote' },
      schema: z.object({ ...of, userId: id, until: z.iso.datetime().nullable().describe('Null: from the stream') }),
      example: { ...OF, userId: PERSONS.ben, until: PERSONS.at },
    }),
    'mood:state': event({
      ...{ ...BUILT, ...CHAT, summary: 'A stream’s mood, when it has changed, at most once a second' },
      schema: moodState.extend(of),
      example: { ...OF, mood: 'love', counts: { love: 12, wow: 3 }, total: 15 },
    }),
    'segment:play': event({
      ...{ ...BUILT, ...CHAT, summary: 'A recorded segment begins' },
      schema: z.object({ ...of, segmentId: id, mediaUrl: z.string(), title: z.string(), endsAt: z.iso.datetime() }),
      example: {
        ...{ ...OF, segmentId: PERSONS.message, mediaUrl: 'https://media.example/intro.mp4', title: 'Intro' },
        endsAt: PERSONS.at,
      },
    }),
    'segment:end': event({
      ...{ ...BUILT, ...CHAT, summary: 'A recorded segment has ended' },
      schema: z.object({ ...of, segmentId: id }),
      example: { ...OF, segmentId: PERSONS.message },
    }),
    viewer_count_update: event({
      ...{ class: 'live', from: ['Softchat'], rooms: ['video', 'stream'], built: true, hears: 'who is watching' },
      ...{ summary: 'How many are watching, at most once a second', namespaces: ['/chat', '/gifts'] },
      schema: z.object({
        videoId: id.describe('Of the video, or of the stream'),
        streamId: id.optional(),
        count: z.int(),
      }),
      args: ['videoId', 'count'],
      example: { videoId: PERSONS.thing, streamId: PERSONS.thing, count: 1_024 },
    }),
  },
  commands: {
    join_stream: joins({
      ...{ kind: 'stream', key: 'streamId', from: ['Tandem'], may: 'who may see the stream' },
      ...{ summary: 'Watch a stream.', namespaces: ['/chat', '/gifts'] },
    }),
    leave_stream: command({
      from: ['Tandem'],
      data: z.strictObject(of),
      args: ['streamId'],
      answer: inRoom,
      summary: 'Watch a stream no more.',
      may: 'everybody',
      namespaces: ['/chat', '/gifts'],
      example: { data: OF, answer: { room: `stream_${PERSONS.thing}` } },
      handle: async (act, { streamId }) => act.leave('stream', streamId),
    }),
    'chat:message': command({
      from: ['LiveStreamX'],
      data: z.strictObject({ ...of, text: words(CHAT_TEXT) }),
      args: [],
      answer: z.object({ message: chatHeard }),
      summary: 'Write in a stream’s chat, by its rules.',
      may: 'who may see the stream',
      ...CHAT,
      example: {
        data: { ...OF, text: 'Hello everybody' },
        answer: {
          message: {
            ...{ ...OF, id: PERSONS.message, userId: PERSONS.ben, handle: 'ben', text: 'Hello everybody' },
            at: PERSONS.at,
          },
        },
      },
      handle: async (act, input) => ({ message: await act.deps.writeInStream(act.caller, input) }),
    }),
    'mood:react': command({
      from: ['LiveStreamX'],
      data: z.strictObject({ ...of, mood }),
      args: [],
      answer: NOTHING,
      summary: 'React with a mood. It counts for ten seconds.',
      may: 'who may see the stream',
      ...CHAT,
      example: { data: { ...OF, mood: 'love' }, answer: {} },
      async handle(act, input) {
        await act.deps.reactInStream(act.caller, { ...input, isIn: act.within('stream') === input.streamId });
        return {};
      },
    }),
  },
} satisfies Domain;
