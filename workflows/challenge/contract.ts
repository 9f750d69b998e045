/** What travels of challenges: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { words } from '../talk/contract.ts';
import { LONGEST_SECONDS, SHORTEST_SECONDS } from './machine.ts';
import { STATES, TYPES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const THING = '0190a000-0000-7000-8000-000000000001';
const STREAM = '0190a000-0000-7000-8000-000000000002';

const count = z.int().nonnegative();
const type = z
  .enum(TYPES)
  .describe('`gifts`: tokens that are given; `likes`: reactions; `viewers`: how many watch at once; `votes`: in polls')
  .meta({ id: 'ChallengeType' });
const status = z.enum(STATES).meta({ id: 'ChallengeStatus' });

export const challengeRequest = z
  .strictObject({
    type,
    target: z.int().min(1).max(1_000_000_000),
    duration_seconds: z.int().min(SHORTEST_SECONDS).max(LONGEST_SECONDS),
    reward: words(200).nullish().describe('What you promise where it is won, in your words'),
  })
  .meta({
    id: 'ChallengeRequest',
    examples: [{ type: 'gifts', target: 500, duration_seconds: 600, reward: 'I sing what you like' }],
  });

export const challengeView = z
  .object({
    id,
    stream_id: id,
    type,
    target: z.int(),
    progress: count,
    reward: z.string().nullable(),
    status,
    starts_at: instant,
    ends_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({
    id: 'Challenge',
    examples: [
      {
        ...{ id: THING, stream_id: STREAM, type: 'gifts', target: 500, progress: 120, reward: null, status: 'open' },
        ...{ starts_at: AT, ends_at: AT, ended_at: null },
      },
    ],
  });

/** What a command to a challenge comes to. */
export const challengeStanding = z
  .object({ id, status, since: instant.describe('When it came to be so'), progress: count })
  .meta({ id: 'ChallengeStanding', examples: [{ id: THING, status: 'stopped', since: AT, progress: 120 }] });
export type ChallengeStanding = z.infer<typeof challengeStanding>;

const of = { streamId: id, challengeId: id };
const OF = { streamId: STREAM, challengeId: THING };

export const CHALLENGE_EVENTS = {
  'challenge:start': z
    .object({ ...of, type, target: z.int(), reward: z.string().nullable(), endsAt: instant })
    .describe('A challenge has begun')
    .meta({ id: 'ChallengeStart', examples: [{ ...OF, type: 'gifts', target: 500, reward: null, endsAt: AT }] }),
  'challenge:update': z
    .object({ ...of, progress: count, target: z.int() })
    .describe('A challenge has progressed')
    .meta({ id: 'ChallengeUpdate', examples: [{ ...OF, progress: 120, target: 500 }] }),
  'challenge:end': z
    .object({ ...of, status, progress: count, target: z.int(), reached: z.boolean() })
    .describe('A challenge is over')
    .meta({ id: 'ChallengeEnd', examples: [{ ...OF, status: 'won', progress: 510, target: 500, reached: true }] }),
} as const;

/** What each carries. */
export type ChallengeEvents = { [Name in keyof typeof CHALLENGE_EVENTS]: z.infer<(typeof CHALLENGE_EVENTS)[Name]> };
