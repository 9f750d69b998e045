/** What travels of streams: requests, views and live events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { mediaUrl, words } from '../talk/contract.ts';
import { MOODS } from './mood.ts';
import { STATES, VISIBILITIES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const BEN = '0190a000-0000-7000-8000-00000000000b';

/** As long as a person needs to say something to a crowd. */
export const CHAT_TEXT = 500;
const LONGEST_SEGMENT_SECONDS = 12 * 60 * 60;
const MOST_TAGS = 20;
const MOST_OVERLAYS = 10;

const visibility = z.enum(VISIBILITIES).describe('Who may watch').meta({ id: 'StreamVisibility' });
export const streamStatus = z.enum(STATES).meta({ id: 'StreamStatus' });

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'is a colour as #rrggbb');
/** Of the picture, from its left and upper edge: 0 to 1. */
const part = z.number().min(0).max(1);

export const theme = z
  .strictObject({
    accent: colour.optional(),
    background: mediaUrl.nullish().describe('A picture behind everything'),
    filter: z.enum(['none', 'warm', 'cool', 'mono', 'vivid']).optional(),
  })
  .describe('How the stream’s page looks')
  .meta({ id: 'StreamTheme', examples: [{ accent: '#ff8800', background: null, filter: 'warm' }] });
export type Theme = z.infer<typeof theme>;

const textOverlay = z
  .strictObject({ kind: z.literal('text'), text: words(120), x: part, y: part, colour: colour.optional() })
  .meta({ id: 'StreamTextOverlay', examples: [{ kind: 'text', text: 'Welcome', x: 0.1, y: 0.9 }] });
const imageOverlay = z
  .strictObject({ kind: z.literal('image'), media_url: mediaUrl, x: part, y: part, width: part })
  .meta({
    id: 'StreamImageOverlay',
    examples: [{ kind: 'image', media_url: 'https://media.example/logo.png', x: 0, y: 0, width: 0.2 }],
  });
const goalOverlay = z
  .strictObject({
    ...{ kind: z.literal('goal'), metric: z.enum(['gifts', 'viewers']), label: words(60), x: part, y: part },
    target: z.int().min(1).max(1_000_000_000),
  })
  .meta({
    id: 'StreamGoalOverlay',
    examples: [{ kind: 'goal', metric: 'gifts', label: 'A new oven', x: 0.5, y: 0.1, target: 500 }],
  });

export const overlay = z
  .discriminatedUnion('kind', [textOverlay, imageOverlay, goalOverlay])
  .describe('Something over the picture')
  .meta({ id: 'StreamOverlay', examples: [{ kind: 'text', text: 'Welcome', x: 0.1, y: 0.9 }] });
export type Overlay = z.infer<typeof overlay>;

const tags = z.array(words(40)).max(MOST_TAGS);

export const streamRequest = z
  .strictObject({
    title: words(150),
    category: words(40).default('general'),
    tags: tags.default([]),
    scheduled_at: instant
      .nullish()
      .describe('When it is to begin; those who follow you are reminded ten minutes before'),
    visibility: visibility.default('public'),
    ticket_event_id: id.nullish().describe('Of a stream for those with a ticket: the event that it is of'),
  })
  .superRefine(({ visibility, ticket_event_id }, context) => {
    if ((visibility === 'ticket') === (ticket_event_id !== null && ticket_event_id !== undefined)) return;
    const message =
      visibility === 'ticket' ? 'is needed of a stream with tickets' : 'is of a stream with tickets alone';
    context.addIssue({ code: 'custom', message, path: ['ticket_event_id'] });
  })
  .meta({
    id: 'StreamRequest',
    examples: [{ title: 'Monsoon cooking', category: 'food', tags: ['rain'], scheduled_at: AT, visibility: 'public' }],
  });
export type StreamRequest = z.output<typeof streamRequest>;

export const streamChange = z
  .strictObject({
    title: words(150).optional(),
    category: words(40).optional(),
    tags: tags.optional(),
    scheduled_at: instant.optional().describe('Puts off a stream that has not begun'),
    slow_mode_seconds: z.int().min(0).max(3_600).optional().describe('One message of a viewer in this time; 0: off'),
    followers_only_minutes: z
      .int()
      .min(0)
      .max(525_600)
      .nullish()
      .describe('Only who has followed for so long writes in the chat; null: everybody may'),
    subscribers_only: z.boolean().optional().describe('Only subscribers write in the chat'),
    theme: theme.nullish(),
    overlays: z.array(overlay).max(MOST_OVERLAYS).optional(),
  })
  .meta({ id: 'StreamChange', examples: [{ title: 'Monsoon cooking, live', slow_mode_seconds: 5 }] });

const STREAM = {
  ...{ id: THING, creator: { id: ASHA, handle: 'asha' }, title: 'Monsoon cooking', category: 'food', tags: ['rain'] },
  ...{ status: 'live' as const, visibility: 'public' as const, ticket_event_id: null, scheduled_at: AT },
  ...{ started_at: AT, ended_at: null, silent_since: null, may_watch: true, created_at: AT },
  ...{ chat: { slow_mode_seconds: 5, followers_only_minutes: null, subscribers_only: false } },
  ...{ theme: null, overlays: [] },
};

export const streamView = z
  .object({
    id,
    creator: z.object({ id, handle: z.string() }),
    title: z.string(),
    category: z.string(),
    tags: z.array(z.string()),
    status: streamStatus,
    visibility,
    ticket_event_id: id.nullable(),
    scheduled_at: instant.nullable(),
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
    silent_since: instant.nullable().describe('No pictures come since then: it ends two minutes later by itself'),
    may_watch: z.boolean().describe('Whether you are whom it is for'),
    chat: z.object({
      slow_mode_seconds: z.int(),
      followers_only_minutes: z.int().nullable(),
      subscribers_only: z.boolean(),
    }),
    theme: theme.nullable(),
    overlays: z.array(overlay),
    created_at: instant,
  })
  .meta({ id: 'Stream', examples: [STREAM] });
export type StreamView = z.infer<typeof streamView>;

/** What a command to a stream comes to. */
export const streamStanding = z
  .object({
    id,
    status: streamStatus,
    since: instant.describe('When it came to be so'),
    deadline: instant.nullable().describe('When it changes by itself'),
    silent_since: instant.nullable(),
  })
  .meta({
    id: 'StreamStanding',
    examples: [{ id: THING, status: 'live', since: AT, deadline: AT, silent_since: null }],
  });
export type StreamStanding = z.infer<typeof streamStanding>;

export const segmentRequest = z
  .strictObject({
    media_url: mediaUrl,
    title: words(150),
    duration_seconds: z.number().min(0.5).max(LONGEST_SEGMENT_SECONDS),
    at: z.int().min(0).max(86_400).nullish().describe('Seconds after the start at which you mean to show it'),
  })
  .meta({
    id: 'StreamSegmentRequest',
    examples: [{ media_url: 'https://media.example/intro.mp4', title: 'Intro', duration_seconds: 12, at: 0 }],
  });

export const segmentView = z
  .object({
    id,
    media_url: z.string(),
    title: z.string(),
    duration_seconds: z.number(),
    at: z.int().nullable(),
    created_at: instant,
  })
  .meta({
    id: 'StreamSegment',
    examples: [
      {
        id: THING,
        media_url: 'https://media.example/intro.mp4',
        title: 'Intro',
        duration_seconds: 12,
        at: 0,
        created_at: AT,
      },
    ],
  });

export const playing = z
  .object({ segment_id: id, media_url: z.string(), title: z.string(), began_at: instant, ends_at: instant })
  .meta({
    id: 'StreamSegmentPlaying',
    examples: [
      { segment_id: THING, media_url: 'https://media.example/intro.mp4', title: 'Intro', began_at: AT, ends_at: AT },
    ],
  });

export const chatRequest = z
  .strictObject({ text: words(CHAT_TEXT) })
  .meta({ id: 'StreamChatRequest', examples: [{ text: 'Hello everybody' }] });

/** As it is heard in the room. */
export const chatHeard = z
  .object({ streamId: id, id, userId: id, handle: z.string(), text: z.string(), at: instant })
  .meta({
    id: 'StreamChatMessage',
    examples: [{ streamId: THING, id: THING, userId: BEN, handle: 'ben', text: 'Hello everybody', at: AT }],
  });
export type ChatHeard = z.infer<typeof chatHeard>;

export const removalRequest = z
  .strictObject({
    user_id: id,
    seconds: z
      .int()
      .min(1)
      .max(14 * 86_400)
      .nullish()
      .describe('They may watch and not write for so long; left out: they may not be there any more'),
  })
  .meta({ id: 'StreamRemovalRequest', examples: [{ user_id: BEN, seconds: 600 }] });

export const removalView = z
  .object({ user_id: id, until: instant.nullable() })
  .meta({ id: 'StreamRemoval', examples: [{ user_id: BEN, until: AT }] });

export const mediaAdmission = z
  .object({ url: z.string().describe('Where to connect to'), token: z.string() })
  .meta({ id: 'MediaAdmission', examples: [{ url: 'wss://media.example', token: 'eyJhbGciOiJIUzI1NiJ9.e30.x' }] });

export const mood = z.enum(MOODS).meta({ id: 'Mood' });

/** How those feel who watch. */
export const moodState = z
  .object({
    mood: mood.nullable().describe('Of most; null where nobody reacted'),
    counts: z.record(z.string(), z.int()),
    total: z.int().nonnegative(),
  })
  .meta({ id: 'MoodState', examples: [{ mood: 'love', counts: { love: 12, wow: 3 }, total: 15 }] });
