/** What travels of questions that viewers put to a stream, as schemas. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { words } from '../talk/contract.ts';

const AT = '2026-11-28T12:00:00.000Z';
const STREAM = '0190a000-0000-7000-8000-000000000001';
const QUESTION = '0190a000-0000-7000-8000-000000000002';
const BEN = '0190a000-0000-7000-8000-00000000000b';

const QUESTION_TEXT = 300;
/** Of one person in one stream that wait for their answers. */
export const MOST_ASKED = 5;

export const QUESTION_STATES = ['asked', 'answered', 'dismissed'] as const;
export const questionStatus = z.enum(QUESTION_STATES).meta({ id: 'QuestionStatus' });
export type QuestionStatus = z.infer<typeof questionStatus>;

export const questionRequest = z
  .strictObject({ text: words(QUESTION_TEXT) })
  .meta({ id: 'QuestionRequest', examples: [{ text: 'Which rice do you take?' }] });

export const questionView = z
  .object({
    id,
    stream_id: id,
    user: z.object({ id, handle: z.string() }).describe('Who asks'),
    text: z.string(),
    status: questionStatus,
    upvotes: z.int().nonnegative().describe('How many want it answered'),
    upvoted_by_me: z.boolean(),
    at: instant,
    moved_at: instant.nullable().describe('When it was answered or put aside'),
  })
  .meta({
    id: 'Question',
    examples: [
      {
        ...{ id: QUESTION, stream_id: STREAM, user: { id: BEN, handle: 'ben' }, text: 'Which rice do you take?' },
        ...{ status: 'asked', upvotes: 3, upvoted_by_me: false, at: AT, moved_at: null },
      },
    ],
  });
export type QuestionView = z.infer<typeof questionView>;

export const upvoteView = z
  .object({ question_id: id, upvotes: z.int().positive() })
  .meta({ id: 'QuestionUpvote', examples: [{ question_id: QUESTION, upvotes: 4 }] });

const of = { streamId: id, questionId: id };

/** As they are heard in the stream's room. */
export const QUESTION_EVENTS = {
  'question:new': z.object({ ...of, userId: id, handle: z.string(), text: z.string(), at: instant }).meta({
    id: 'QuestionAsked',
    examples: [
      {
        ...{ streamId: STREAM, questionId: QUESTION, userId: BEN, handle: 'ben' },
        ...{ text: 'Which rice do you take?', at: AT },
      },
    ],
  }),
  'question:upvote': z
    .object({ ...of, upvotes: z.int() })
    .meta({ id: 'QuestionUpvotes', examples: [{ streamId: STREAM, questionId: QUESTION, upvotes: 4 }] }),
  'question:answered': z
    .object({ ...of, at: instant })
    .meta({ id: 'QuestionAnswered', examples: [{ streamId: STREAM, questionId: QUESTION, at: AT }] }),
  'question:dismissed': z
    .object(of)
    .meta({ id: 'QuestionDismissed', examples: [{ streamId: STREAM, questionId: QUESTION }] }),
} as const;
