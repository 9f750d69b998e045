/** What travels of polls: requests, views and events as zod schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { words } from '../talk/contract.ts';
import { ENDINGS, OPTIONS, SECONDS, STATES } from './terms.ts';

const AT = '2026-11-28T12:00:00.000Z';
const STREAM = '0190a000-0000-7000-8000-000000000001';
const POLL = '0190a000-0000-7000-8000-000000000002';

const QUESTION = 150;
const OPTION = 80;

const option = words(OPTION);

export const pollRequest = z
  .strictObject({
    question: words(QUESTION),
    options: z.array(option).min(OPTIONS.least).max(OPTIONS.most).describe('Each another one'),
    duration_seconds: z.int().min(SECONDS.least).max(SECONDS.most),
  })
  .superRefine(({ options }, context) => {
    const known = new Set<string>();
    for (const [place, each] of options.entries()) {
      const same = each.normalize('NFKC').toLowerCase();
      if (known.has(same)) {
        context.addIssue({ code: 'custom', message: 'is there twice', path: ['options', place] });
      }
      known.add(same);
    }
  })
  .meta({
    id: 'PollRequest',
    examples: [{ question: 'What is next?', options: ['Rice', 'Noodles'], duration_seconds: 60 }],
  });

/** As it is counted from nought. */
const optionNumber = z
  .int()
  .min(0)
  .max(OPTIONS.most - 1)
  .describe('Which of the options, counted from 0');

export const voteRequest = z
  .strictObject({ option: optionNumber })
  .meta({ id: 'PollVoteRequest', examples: [{ option: 1 }] });

/** What the sockets’ `poll:vote` takes. */
export const voteCommand = z.strictObject({ pollId: id, option: optionNumber });

export const voteView = z
  .object({ poll_id: id, option: z.int().nonnegative(), at: instant })
  .meta({ id: 'PollVote', examples: [{ poll_id: POLL, option: 1, at: AT }] });

const counts = z.array(z.int().nonnegative()).describe('Votes by option, in their order');
const total = z.int().nonnegative();

const pollStatus = z.enum(STATES).meta({ id: 'PollStatus' });

export const pollView = z
  .object({
    id,
    stream_id: id,
    question: z.string(),
    options: z.array(z.string()),
    status: pollStatus.describe('`counting`: nobody votes any more, and the tally is not written yet'),
    counts,
    total,
    my_vote: z.int().nonnegative().nullable().describe('The option that you voted for; null: you did not'),
    closes_at: instant.describe('When it closes, or closed, by its time'),
    closed_at: instant.nullable(),
    ended_by: z.enum(ENDINGS).nullable(),
    created_at: instant,
  })
  .meta({
    id: 'Poll',
    examples: [
      {
        ...{ id: POLL, stream_id: STREAM, question: 'What is next?', options: ['Rice', 'Noodles'], status: 'open' },
        ...{ counts: [3, 5], total: 8, my_vote: 1, closes_at: AT, closed_at: null, ended_by: null, created_at: AT },
      },
    ],
  });
export type PollView = z.infer<typeof pollView>;

/** What a command to a poll comes to. */
const pollStanding = z
  .object({
    id,
    status: pollStatus,
    since: instant.describe('When it came to be so'),
    ended_by: z.enum(ENDINGS).nullable(),
    counts: counts.nullable().describe('Once they are counted'),
  })
  .meta({
    id: 'PollStanding',
    examples: [{ id: POLL, status: 'counting', since: AT, ended_by: 'creator', counts: null }],
  });
export type PollStanding = z.infer<typeof pollStanding>;

const of = { streamId: id, pollId: id };

export const pollTally = z
  .object({ ...of, counts, total })
  .meta({ id: 'PollTally', examples: [{ streamId: STREAM, pollId: POLL, counts: [3, 5], total: 8 }] });

export const POLL_EVENTS = {
  'poll:create': z
    .object({ ...of, question: z.string(), options: z.array(z.string()), closesAt: instant })
    .describe('A poll has begun')
    .meta({
      id: 'PollCreated',
      examples: [
        { streamId: STREAM, pollId: POLL, question: 'What is next?', options: ['Rice', 'Noodles'], closesAt: AT },
      ],
    }),
  'poll:closed': z
    .object({ ...of, counts, total })
    .describe('A poll has ended, and these are all its votes')
    .meta({ id: 'PollClosed', examples: [{ streamId: STREAM, pollId: POLL, counts: [3, 5], total: 8 }] }),
} as const;
