import { sql } from '../pool.ts';
import { visibleTo } from '../video/videos.ts';
import {
  isAround,
  itemRow,
  type LearnedCatalogue,
  latestRow,
  listingSignals,
  ownSignalRow,
  POSTED_LABELS,
  showableRow,
} from './catalogue.ts';

/**
 * Nobody's own, nothing they like and nothing they watched long enough to count. `OFFSET 0` has it looked up video by
 * video: as a join Postgres may read all that everybody watched.
 */
const unseenBy = (readerId: string) => sql.fragment`
  (videos.creator_id <> ${readerId}
    AND NOT EXISTS (SELECT FROM video_likes WHERE video_id = videos.id AND user_id = ${readerId} OFFSET 0)
    AND NOT EXISTS (SELECT FROM video_viewers WHERE video_id = videos.id AND user_id = ${readerId} OFFSET 0))`;

const showableTo = (readerId: string) => sql.fragment`
  (videos.deleted_at IS NULL AND ${isAround} AND ${visibleTo(readerId)} AND ${unseenBy(readerId)})`;

const FROM_VIDEOS = sql.fragment`videos JOIN users AS creator ON creator.id = creator_id`;

/** What `person.id` did with videos; a creator who is followed or tipped is a label of all their videos. */
const signalsOf = (each: number) => sql.fragment`
  (SELECT 'liked' AS deed, 1::float8 AS part, video_id AS item_id, NULL AS label, at
   FROM video_likes WHERE user_id = person.id ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'watched', watched_ms::float8 / duration_ms, video_id, NULL, started_at
   FROM watches JOIN videos ON videos.id = video_id
   WHERE user_id = person.id ORDER BY started_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'shared', 1, video_id, NULL, at FROM video_shares WHERE user_id = person.id ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'commented', 1, video_id, NULL, at FROM video_comments
   WHERE user_id = person.id AND deleted_at IS NULL ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'followed', 1, NULL, 'creator:' || followed_id, created_at FROM follows
   WHERE follower_id = person.id ORDER BY created_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'tipped', 1, NULL, 'creator:' || creator_id, at FROM tips
   WHERE sender_id = person.id ORDER BY at DESC LIMIT ${each})`;

export const videos: LearnedCatalogue = {
  over: ['liked', 'watched', 'shared', 'commented'],

  listItems: (executor, { before, limit }) =>
    executor.any(sql.type(itemRow)`
      SELECT videos.id, creator_id, ${POSTED_LABELS} AS labels, videos.created_at FROM ${FROM_VIDEOS}
      WHERE videos.deleted_at IS NULL AND ${isAround} AND (${before}::uuid IS NULL OR videos.id < ${before}::uuid)
      ORDER BY videos.id DESC LIMIT ${limit}
    `),

  listSignals: listingSignals(signalsOf),

  listOwnSignals: (executor, readerId, many) =>
    executor.any(sql.type(ownSignalRow)`
      SELECT person.id AS user_id, signal.*, coalesce(video.labels, '{}') AS labels,
        coalesce(video.title, (SELECT handle FROM users WHERE users.id = substr(signal.label, 9)::uuid)) AS name
      FROM (SELECT ${readerId}::uuid AS id) AS person
      CROSS JOIN LATERAL (SELECT * FROM (${signalsOf(many)}) AS done ORDER BY at DESC LIMIT ${many}) AS signal
      LEFT JOIN LATERAL (
        SELECT title, ${POSTED_LABELS} AS labels FROM ${FROM_VIDEOS}
        WHERE videos.id = signal.item_id AND videos.deleted_at IS NULL AND ${visibleTo(readerId)}
      ) AS video ON true
    `),

  listShowable: (executor, readerId, ids) =>
    executor.any(sql.type(showableRow)`
      SELECT videos.id, creator_id, creator.handle AS creator_handle FROM ${FROM_VIDEOS}
      WHERE videos.id = ANY(${sql.array([...ids], 'uuid')}) AND ${showableTo(readerId)}
    `),

  listLatest: (executor, readerId, limit) =>
    executor.any(sql.type(latestRow)`
      SELECT videos.id, creator_id, creator.handle AS creator_handle, ${POSTED_LABELS} AS labels, videos.created_at
      FROM ${FROM_VIDEOS} WHERE ${showableTo(readerId)}
      ORDER BY videos.created_at DESC, videos.id DESC LIMIT ${limit}
    `),
};
