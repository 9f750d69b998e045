/** What travels of people: requests and views as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { isTimeZone } from '../notification/quiet.ts';
import { mediaUrl, words } from '../talk/contract.ts';

const ROLES = ['viewer', 'creator', 'brand_owner', 'influencer', 'admin'] as const;

const EXAMPLE = {
  id: '0190a000-0000-7000-8000-00000000000a',
  handle: 'asha',
  at: '2026-11-28T12:00:00.000Z',
} as const;

export const profilePatch = z
  .strictObject({
    display_name: words(50).nullish(),
    avatar_url: mediaUrl.nullish(),
    bio: words(500).nullish(),
    private: z
      .boolean()
      .optional()
      .describe('Who wants to follow you asks first. Who had asked when it ends follows from then on'),
    time_zone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'is not a time zone such as Asia/Kolkata')
      .optional()
      .describe('Whose midnight ends your day'),
  })
  .meta({ id: 'ProfilePatch', examples: [{ display_name: 'Asha Rao', bio: 'Reels from Pune', private: false }] });

export const profile = z
  .object({
    id,
    handle: z.string(),
    display_name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    bio: z.string().nullable(),
    roles: z.array(z.enum(ROLES)),
    private: z.boolean(),
    counts: z.object({ followers: z.int(), following: z.int(), videos: z.int(), reviews: z.int() }),
    rating: z.number().nullable().describe('The mean of the stars of reviews that are shown; null without any'),
    my_follow: z.enum(['following', 'requested', 'none']).describe('How you stand to them'),
    follows_me: z.boolean(),
    blocked_by_me: z.boolean(),
    boosted: z.boolean().describe('Whether credits lift them now'),
    created_at: instant,
  })
  .meta({ id: 'Profile' });
export type ProfileView = z.infer<typeof profile>;

const { at: since, ...PERSON } = EXAMPLE;
const FOLLOWER = { ...PERSON, display_name: 'Asha Rao', avatar_url: null, since };

/** Somebody in a list of followers, of followed or of who asks. */
export const follower = z
  .object({
    id,
    handle: z.string(),
    display_name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    since: instant,
  })
  .meta({ id: 'Follower', examples: [FOLLOWER] });

export const followState = z
  .object({ state: z.enum(['following', 'requested', 'none']) })
  .meta({ id: 'FollowState', examples: [{ state: 'following' }] });

export const reviewRequest = z
  .strictObject({ stars: z.int().min(1).max(5), text: words(1_000, { empty: true }).default('') })
  .meta({ id: 'ReviewRequest', examples: [{ stars: 5, text: 'Clear brief, paid at once' }] });

export const reviewWritten = z
  .object({ shown: z.boolean().describe('Whether both are in'), shown_from: instant })
  .meta({ id: 'ReviewWritten' });

export const review = z
  .object({
    conversation_id: id,
    author: z.object({ id, handle: z.string() }),
    stars: z.int(),
    text: z.string(),
    created_at: instant,
  })
  .meta({ id: 'Review' });

export const leaveRequest = z
  .strictObject({
    password: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('Needed, but where accounts are an outside issuer’s: there the token has to be fresh'),
  })
  .meta({ id: 'LeaveRequest', examples: [{ password: 'correct horse battery' }] });
