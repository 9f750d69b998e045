import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { MOST_ASKED, QUESTION_STATES, type QuestionStatus } from '#workflows/question/contract.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { requireMayWrite } from '../stream/chat.ts';
import type { Word } from '../stream/openings.ts';
import type { StreamRow } from '../stream/streams.ts';

/** Questions that viewers put to a stream: asked, wanted by others, answered or put aside. */

const questionRow = z.object({
  id: z.string(),
  stream_id: z.string(),
  user_id: z.string(),
  handle: z.string(),
  text: z.string(),
  status: z.enum(QUESTION_STATES),
  upvotes: z.int(),
  upvoted_by_me: z.boolean(),
  at: z.string(),
  moved_at: z.string().nullable(),
});
export type QuestionRow = z.infer<typeof questionRow>;

const columns = (readerId: string) => sql.fragment`
  question.id, stream_id, user_id, handle, text, status, upvotes, at, moved_at,
  EXISTS (SELECT FROM question_upvotes WHERE question_id = question.id AND user_id = ${readerId}) AS upvoted_by_me`;

const FROM_QUESTIONS = sql.fragment`questions AS question JOIN users ON users.id = user_id`;

export type Asking = { userId: string; text: string; now: string };

/**
 * Asks in a stream, by the rules of its chat. FLOW_STATE_INVALID where it is not live, FORBIDDEN, RATE_LIMITED;
 * LIMIT_REACHED where enough of theirs wait. The stream was read as theirs to watch.
 */
export async function ask(transaction: Transaction, stream: StreamRow, asking: Asking): Promise<QuestionRow> {
  const { userId, text, now } = asking;
  requireLive(stream, 'One asks while the stream is live.');
  // One after the other of each person, so that nobody has more than the limit.
  await requireMayWrite(transaction, stream, asking);
  const { waiting } = await transaction.one(sql.type(z.object({ waiting: z.bigint() }))`
    SELECT count(*) AS waiting FROM questions
    WHERE user_id = ${userId} AND stream_id = ${stream.id} AND status = 'asked'
  `);
  if (waiting >= BigInt(MOST_ASKED)) {
    throw new Failure('LIMIT_REACHED', `At most ${MOST_ASKED} questions of yours wait in a stream.`);
  }
  const id = uuid();
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO questions (id, stream_id, user_id, text, at)
    VALUES (${id}, ${stream.id}, ${userId}, ${text}, ${now}::timestamptz)
  `);
  return getQuestion(transaction, stream.id, id, userId);
}

function requireLive({ status }: StreamRow, sentence: string): void {
  if (status === 'live') return;
  throw new Failure('FLOW_STATE_INVALID', sentence, {
    details: { current_state: status, required_state: 'live', required_states: ['live'] },
  });
}

/** NOT_FOUND, also where it is another stream's. */
export async function getQuestion(
  executor: Executor,
  streamId: string,
  id: string,
  readerId: string,
): Promise<QuestionRow> {
  const found = await executor.maybeOne(sql.type(questionRow)`
    SELECT ${columns(readerId)} FROM ${FROM_QUESTIONS} WHERE question.id = ${id} AND stream_id = ${streamId}
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such question.');
  return found;
}

export type QuestionPage = {
  readerId: string;
  status: QuestionStatus;
  limit: number;
  /** The last of the page before. */
  after: { upvotes: number; id: string } | null;
};

/** A stream's questions in one state: what most want answered first, of those alike the one that was asked first. */
export function listQuestions(
  executor: Executor,
  streamId: string,
  { readerId, status, limit, after }: QuestionPage,
): Promise<readonly QuestionRow[]> {
  return executor.any(sql.type(questionRow)`
    SELECT ${columns(readerId)} FROM ${FROM_QUESTIONS}
    WHERE stream_id = ${streamId} AND status = ${status}
      AND (${after === null} OR upvotes < ${after?.upvotes ?? null}::integer
        OR (upvotes = ${after?.upvotes ?? null}::integer AND question.id > ${after?.id ?? null}::uuid))
    ORDER BY upvotes DESC, question.id LIMIT ${limit}
  `);
}

const upvoted = z.object({ upvotes: z.int() });

/**
 * Wants a question answered, once a person however often they say so. How many do now. NOT_FOUND; FLOW_STATE_INVALID
 * where it does not wait any more, or the stream is not live.
 */
export async function upvote(
  executor: Executor,
  stream: StreamRow,
  { questionId, userId, now }: { questionId: string; userId: string; now: string },
): Promise<number> {
  requireLive(stream, 'One upvotes while the stream is live.');
  const row = await executor.maybeOne(sql.type(upvoted)`
    WITH question AS (
      SELECT id FROM questions WHERE id = ${questionId} AND stream_id = ${stream.id} AND status = 'asked'
    ), given AS (
      INSERT INTO question_upvotes (question_id, user_id, at)
      SELECT id, ${userId}, ${now}::timestamptz FROM question ON CONFLICT DO NOTHING RETURNING question_id
    )
    UPDATE questions SET upvotes = upvotes + (SELECT count(*) FROM given)::integer
    WHERE id IN (SELECT id FROM question) RETURNING upvotes
  `);
  if (row) return row.upvotes;
  throw notWaiting(await getQuestion(executor, stream.id, questionId, userId));
}

function notWaiting({ status }: QuestionRow): Failure {
  return new Failure('FLOW_STATE_INVALID', 'This question does not wait for an answer any more.', {
    details: { current_state: status, required_state: 'asked', required_states: ['asked'] },
  });
}

export type Moving = { questionId: string; to: 'answered' | 'dismissed'; by: string; now: string };

/**
 * Has a question answered or put aside. `moved` is false where it was already. NOT_FOUND; FLOW_STATE_INVALID where it was
 * the other of the two.
 */
export async function move(
  executor: Executor,
  streamId: string,
  { questionId, to, by, now }: Moving,
): Promise<{ question: QuestionRow; moved: boolean }> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE questions SET status = ${to}, moved_at = ${now}::timestamptz, moved_by = ${by}
    WHERE id = ${questionId} AND stream_id = ${streamId} AND status = 'asked'
  `);
  const question = await getQuestion(executor, streamId, questionId, by);
  if (question.status !== to) throw notWaiting(question);
  return { question, moved: rowCount === 1 };
}

/** From one word about the same question to the next. */
const TELL_MS = 500;

const untold = z.object({ stream_id: z.string(), id: z.string(), upvotes: z.int() });

/** Questions that more want answered than their room was told: they count as told from now on. */
export async function takeUpvoted(executor: Executor, now: string, limit: number): Promise<readonly Word[]> {
  const taken = await executor.any(sql.type(untold)`
    UPDATE questions SET told_upvotes = upvotes, told_at = ${now}::timestamptz WHERE id IN (
      SELECT id FROM questions
      WHERE upvotes <> told_upvotes AND status = 'asked'
        AND (told_at IS NULL OR told_at <= ${now}::timestamptz - ${TELL_MS} * interval '1 ms')
      ORDER BY id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING stream_id, id, upvotes
  `);
  return taken.map(({ stream_id: streamId, id: questionId, upvotes }) => ({
    ...{ rooms: [`stream_${streamId}`], name: 'question:upvote', data: { streamId, questionId, upvotes } },
  }));
}
