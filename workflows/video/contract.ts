/** What travels of videos: requests and views as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { mediaUrl, words } from '../talk/contract.ts';
import { MILESTONES, STEPS } from './watch.ts';

const LONGEST_SECONDS = 12 * 60 * 60;
const MOST_ADS = 20;
const MOST_TAGS = 20;

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const ASHA = '0190a000-0000-7000-8000-00000000000a';

const tag = words(40);
const adRequest = z
  .strictObject({
    ad_id: z
      .string()
      .regex(/^[\w.-]{1,60}$/, 'has 1 to 60 letters, digits, dots, lines and hyphens')
      .describe('Yours to choose, once in a video'),
    at_seconds: z.number().min(0).max(LONGEST_SECONDS).describe('Where it interrupts the video'),
    duration_seconds: z.number().min(1).max(600),
  })
  .meta({ id: 'VideoAdRequest', examples: [{ ad_id: 'monsoon', at_seconds: 10, duration_seconds: 15 }] });

export const videoRequest = z
  .strictObject({
    title: words(150),
    description: words(5_000, { empty: true }).default(''),
    duration_seconds: z.number().min(0.5).max(LONGEST_SECONDS),
    media_url: mediaUrl.describe('Where the video is: it stays there'),
    thumbnail_url: mediaUrl.nullish(),
    category: words(40).default('general'),
    tags: z.array(tag).max(MOST_TAGS).default([]),
    ads: z.array(adRequest).max(MOST_ADS).default([]),
  })
  .superRefine(({ ads, duration_seconds }, context) => {
    const seen = new Set<string>();
    for (const [place, { ad_id, at_seconds }] of ads.entries()) {
      const refuse = (field: string, message: string) =>
        context.addIssue({ code: 'custom', message, path: ['ads', place, field] });
      if (seen.has(ad_id)) refuse('ad_id', 'is there twice');
      if (at_seconds > duration_seconds) refuse('at_seconds', 'is after the end');
      seen.add(ad_id);
    }
  })
  .meta({
    id: 'VideoRequest',
    examples: [
      {
        ...{ title: 'Amazing Dance', description: 'In the rain', duration_seconds: 42, category: 'dance' },
        ...{ media_url: 'https://media.example/dance.mp4', tags: ['monsoon'], ads: [] },
      },
    ],
  });
export type VideoRequest = z.output<typeof videoRequest>;

const points = z.number().describe('LYK');

const videoCounts = z
  .object({ views: z.int(), likes: z.int(), shares: z.int(), comments: z.int() })
  .meta({ id: 'VideoCounts', examples: [{ views: 1_000, likes: 40, shares: 3, comments: 7 }] });

export const video = z
  .object({
    id,
    creator_id: id,
    creator: z.object({ id, handle: z.string() }),
    title: z.string(),
    description: z.string(),
    duration_seconds: z.number(),
    media_url: z.string(),
    thumbnail_url: z.string().nullable(),
    category: z.string(),
    tags: z.array(z.string()),
    counts: videoCounts,
    liked_by_me: z.boolean(),
    ads: z.array(z.object({ ad_id: z.string(), at_seconds: z.number(), duration_seconds: z.number(), reward: points })),
    milestones: z.array(
      z.object({
        percent: z.int(),
        reward: points,
        reached: z.boolean().describe('Whether you were paid for it'),
      }),
    ),
    created_at: instant,
  })
  .meta({
    id: 'Video',
    examples: [
      {
        ...{ id: THING, creator_id: ASHA, creator: { id: ASHA, handle: 'asha' }, title: 'Amazing Dance' },
        ...{ description: 'In the rain', duration_seconds: 42, media_url: 'https://media.example/dance.mp4' },
        ...{ thumbnail_url: null, category: 'dance', tags: ['monsoon'], liked_by_me: false, created_at: AT },
        counts: { views: 1_000, likes: 40, shares: 3, comments: 7 },
        ads: [{ ad_id: 'monsoon', at_seconds: 10, duration_seconds: 15, reward: 1 }],
        milestones: [{ percent: 25, reward: 0.5, reached: false }],
      },
    ],
  });
export type VideoView = z.infer<typeof video>;

export const likeState = z.object({ liked: z.boolean(), counts: videoCounts }).meta({ id: 'LikeState' });

export const watchBegun = z
  .object({
    watch_id: id,
    beat_every_seconds: z.number().describe('Beats that come sooner are not counted'),
  })
  .meta({ id: 'WatchBegun', examples: [{ watch_id: THING, beat_every_seconds: 5 }] });

export const beatRequest = z
  .strictObject({ position_seconds: z.number().min(0).max(LONGEST_SECONDS) })
  .meta({ id: 'BeatRequest', examples: [{ position_seconds: 10 }] });

export const watchState = z
  .object({
    counted: z.boolean().describe('Whether this beat was counted'),
    watched_seconds: z.number().describe('By our clock'),
    viewed: z.boolean().describe('Whether it is long enough to count as a view'),
  })
  .meta({ id: 'WatchState', examples: [{ counted: true, watched_seconds: 5, viewed: true }] });

export const shareRequest = z
  .strictObject({ channel: words(40).optional().describe('Where to, such as `whatsapp`') })
  .nullish()
  .meta({ id: 'ShareRequest', examples: [{ channel: 'whatsapp' }] });

export const shared = z
  .object({ id, video_id: id, channel: z.string().nullable(), created_at: instant })
  .meta({ id: 'VideoShare' });

export const commentRequest = z
  .strictObject({
    text: words(1_000),
    parent_id: id.nullish().describe('The comment it answers; an answer to an answer joins that comment’s'),
  })
  .meta({ id: 'CommentRequest', examples: [{ text: 'Beautiful' }] });

export const comment = z
  .object({
    id,
    video_id: id,
    author: z.object({ id, handle: z.string(), avatar_url: z.string().nullable() }),
    text: z.string().describe('Empty of one that was taken back and has answers'),
    parent_id: id.nullable(),
    replies: z.int(),
    created_at: instant,
    deleted_at: instant.nullable(),
  })
  .meta({ id: 'VideoComment' });
export type CommentView = z.infer<typeof comment>;

const day = z
  .object({
    day: z.iso.date(),
    views: z.int(),
    likes: z.int(),
    shares: z.int(),
    comments: z.int(),
    watch_seconds: z.int(),
    ad_completions: z.int(),
    rewards: z.string().describe('LYK, to creator and viewers'),
  })
  .meta({ id: 'VideoDay' });

export const videoAnalytics = z
  .object({
    video_id: id,
    counts: videoCounts,
    unique_viewers: z.int(),
    watch_seconds: z.int(),
    ad_completions: z.int(),
    retention: z
      .array(z.number())
      .describe(
        `Which part of all viewers watched so many of ${STEPS} parts, by one sitting; the first is all of them`,
      ),
    rewards: z.object({ creator: z.string(), viewers: z.string() }).describe('LYK that were paid because of it'),
    days: z.array(day).describe('Latest first, 90 at most; a day without anything is left out'),
  })
  .meta({ id: 'VideoAnalytics' });

export const milestonePercent = z.literal([...MILESTONES]);
