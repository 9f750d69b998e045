import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { cut } from '#workflows/notification/words.ts';
import { notify, takeBack } from '../notification/notify.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { insertActs } from '../reward/acts.ts';
import type { VideoRow } from './videos.ts';

const commentRow = z.object({
  id: z.string(),
  video_id: z.string(),
  user_id: z.string(),
  handle: z.string(),
  avatar_url: z.string().nullable(),
  parent_id: z.string().nullable(),
  text: z.string(),
  replies: z.int(),
  at: z.string(),
  deleted_at: z.string().nullable(),
});
export type CommentRow = z.infer<typeof commentRow>;

const COMMENT = sql.fragment`
  comment.id, video_id, user_id, creator.handle, creator.avatar_url, parent_id, text, replies, at, comment.deleted_at`;
const FROM_COMMENTS = sql.fragment`video_comments AS comment JOIN users AS creator ON creator.id = user_id`;

/** Of a comment its creator is told so much. */
const TOLD = 100;

export type NewComment = { id: string; userId: string; text: string; parentId: string | null; now: string };

const parentRow = z.object({ id: z.string(), parent_id: z.string().nullable() });

/** Writes a comment, or an answer to one. Last in its transaction. NOT_FOUND where what it answers is not there. */
export async function writeComment(
  transaction: Transaction,
  video: VideoRow,
  { id, userId, text, parentId, now }: NewComment,
): Promise<CommentRow> {
  const parent = parentId === null ? null : await lockParent(transaction, video.id, parentId);
  const written = await transaction.one(sql.type(commentRow)`
    WITH comment AS (
      INSERT INTO video_comments (id, video_id, user_id, parent_id, text, at)
      VALUES (${id}, ${video.id}, ${userId}, ${parent}, ${text}, ${now}) RETURNING *
    )
    SELECT ${COMMENT} FROM comment JOIN users AS creator ON creator.id = user_id
  `);
  const act = { actorId: userId, creatorId: video.creator_id, target: video.id, now };
  await insertActs(transaction, [{ ...act, action: 'comment_posted' }]);
  await transaction.query(sql.typeAlias('void')`SELECT FROM count_video(${video.id}, ${now}, 0, 0, 0, 1)`);
  await notify(
    transaction,
    [
      {
        userId: video.creator_id,
        kind: 'video_comment',
        key: `comment_${id}`,
        actorId: userId,
        target: { type: 'video', id: video.id },
        body: cut(text, TOLD),
        data: { videoId: video.id, videoTitle: video.title, commentId: id, text: cut(text, TOLD) },
      },
    ],
    { now },
  );
  return written;
}

/** The comment that an answer joins: an answer to an answer is one to the same comment. */
async function lockParent(transaction: Transaction, videoId: string, id: string): Promise<string> {
  const found = await transaction.maybeOne(sql.type(parentRow)`
    SELECT id, parent_id FROM video_comments WHERE id = ${id} AND video_id = ${videoId} AND deleted_at IS NULL
  `);
  if (!found) throw noComment();
  const parent = found.parent_id ?? found.id;
  await transaction.query(sql.typeAlias('void')`UPDATE video_comments SET replies = replies + 1 WHERE id = ${parent}`);
  return parent;
}

function noComment(): Failure {
  return new Failure('NOT_FOUND', 'There is no such comment.');
}

const goneRow = z.object({ parent_id: z.string().nullable(), replies: z.int() });

/** Takes a comment back: its author, the video's creator, or an administrator. Last in its transaction. */
export async function deleteComment(
  transaction: Transaction,
  video: VideoRow,
  { id, by, now }: { id: string; by: { id: string; isAdmin: boolean }; now: string },
): Promise<void> {
  const mayAny = by.isAdmin || by.id === video.creator_id;
  const gone = await transaction.maybeOne(sql.type(goneRow)`
    UPDATE video_comments SET deleted_at = ${now}, text = ''
    WHERE id = ${id} AND video_id = ${video.id} AND deleted_at IS NULL AND (${mayAny} OR user_id = ${by.id})
    RETURNING parent_id, replies
  `);
  if (!gone) throw noComment();
  if (gone.parent_id !== null) {
    await transaction.query(sql.typeAlias('void')`
      UPDATE video_comments SET replies = replies - 1 WHERE id = ${gone.parent_id}
    `);
  }
  await transaction.query(sql.typeAlias('void')`SELECT FROM count_video(${video.id}, ${now}, 0, 0, 0, -1)`);
  await takeBack(transaction, { userId: video.creator_id, key: `comment_${id}`, now });
}

export type CommentPage = {
  videoId: string;
  readerId: string;
  parentId: string | null;
  limit: number;
  start: { at: string; id: string } | null;
};

/** Comments of a video, latest first, or the answers to one, oldest first; of nobody whom the reader cannot see. */
export function listComments(
  executor: Executor,
  { videoId, readerId, parentId, limit, start }: CommentPage,
): Promise<readonly CommentRow[]> {
  const [after, order] =
    parentId === null
      ? [sql.fragment`<`, sql.fragment`at DESC, comment.id DESC`]
      : [sql.fragment`>`, sql.fragment`at, comment.id`];
  return executor.any(sql.type(commentRow)`
    SELECT ${COMMENT} FROM ${FROM_COMMENTS}
    WHERE video_id = ${videoId} AND parent_id IS NOT DISTINCT FROM ${parentId}::uuid
      AND (comment.deleted_at IS NULL OR replies > 0)
      AND NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = user_id)
        OR (blocker_id = user_id AND blocked_id = ${readerId}))
      AND (${start?.id ?? null}::uuid IS NULL
        OR (at, comment.id) ${after} (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY ${order} LIMIT ${limit}
  `);
}
