import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { REVIEW_WITHIN, reviewsUntil, whyNoReview } from '#workflows/people/review.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockProcessRow } from '../process/locks.ts';

const released = z.object({ released_at: z.string().nullable(), state: z.string() });
const first = z.object({ author_id: z.string() });

export type NewReview = {
  processId: string;
  authorId: string;
  subjectId: string;
  stars: number;
  text: string;
  now: string;
};

/** Whether both are shown from now on. */
export type ReviewWritten = { shown: boolean; shownFrom: string };

/**
 * Writes what one side of a deal says of the other. FLOW_STATE_INVALID before its money was released or after the time
 * is over; CONFLICT for who has written.
 */
export async function writeReview(transaction: Transaction, review: NewReview): Promise<ReviewWritten> {
  const { processId, authorId, now } = review;
  // The two sides' come one after the other, so that the second knows of the first.
  await lockProcessRow(transaction, processId);
  const deal = await transaction.maybeOne(sql.type(released)`
    SELECT state, (
      SELECT min(done_at) FROM promises WHERE process_id = ${processId} AND promises.kind = 'release'
    ) AS released_at
    FROM processes WHERE id = ${processId} AND kind = 'deal'
  `);
  if (!deal) throw new Failure('FLOW_STATE_INVALID', 'Reviews are of deals, and this conversation is about none.');
  const why = whyNoReview(deal.released_at, now);
  if (why !== null) {
    const sentence =
      why === 'too_early'
        ? 'A deal is reviewed when its money was released.'
        : `A deal is reviewed within ${REVIEW_WITHIN} after its money was released.`;
    throw new Failure('FLOW_STATE_INVALID', sentence, {
      details: { current_state: deal.state, required_state: 'real_time', review_within: REVIEW_WITHIN },
    });
  }
  const written = await transaction.any(sql.type(first)`SELECT author_id FROM reviews WHERE process_id = ${processId}`);
  if (written.some(({ author_id }) => author_id === authorId)) {
    throw new Failure('CONFLICT', 'You have reviewed this deal.');
  }
  const both = written.length > 0;
  const shownFrom = both ? now : reviewsUntil(deal.released_at as string);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reviews (process_id, author_id, subject_id, stars, text, created_at, shown_from)
    VALUES (${processId}, ${authorId}, ${review.subjectId}, ${review.stars}, ${review.text}, ${now}, ${shownFrom})
  `);
  if (both) {
    await transaction.query(sql.typeAlias('void')`
      UPDATE reviews SET shown_from = ${now} WHERE process_id = ${processId} AND author_id <> ${authorId}
    `);
  }
  return { shown: both, shownFrom };
}

const shown = z.object({
  process_id: z.string(),
  author_id: z.string(),
  author_handle: z.string(),
  stars: z.int(),
  text: z.string(),
  created_at: z.string(),
});
export type ShownReview = z.infer<typeof shown>;

/** What was said of somebody and may be read, latest first. */
export function listReviews(
  executor: Executor,
  subjectId: string,
  { now, limit, start }: { now: string; limit: number; start: { at: string; id: string } | null },
): Promise<readonly ShownReview[]> {
  return executor.any(sql.type(shown)`
    SELECT process_id, author_id, handle AS author_handle, stars, text, reviews.created_at
    FROM reviews JOIN users ON users.id = author_id
    WHERE subject_id = ${subjectId} AND shown_from <= ${now}::timestamptz
      AND (${start?.id ?? null}::uuid IS NULL
        OR (reviews.created_at, process_id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY reviews.created_at DESC, process_id DESC LIMIT ${limit}
  `);
}
