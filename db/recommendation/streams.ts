import { sql } from '../pool.ts';
import { FROM_STREAMS, knownTo, watchableBy } from '../stream/watching.ts';
import {
  isAround,
  latestRow,
  nowRow,
  ownSignalRow,
  type PassingCatalogue,
  POSTED_LABELS,
  showableRow,
} from './catalogue.ts';

/** A stream that was watched for so many minutes was watched whole: nobody says how long one will be. */
const WHOLE_MINUTES = 10;

/** On air, with pictures. */
const isOn = sql.fragment`(streams.status = 'live' AND silent_since IS NULL AND ${isAround})`;

/** Nobody’s own, nothing that was watched long enough to count. */
const unseenBy = (readerId: string) => sql.fragment`
  (streams.creator_id <> ${readerId} AND NOT EXISTS (
    SELECT FROM stream_watchers WHERE stream_id = process_id AND user_id = ${readerId} AND 10 * minutes >= 3 * ${WHOLE_MINUTES}
  ))`;

const showableTo = (readerId: string) => sql.fragment`
  (${isOn} AND ${watchableBy(readerId)} AND ${unseenBy(readerId)})`;

/**
 * What `person.id` did with streams. A creator who is followed, subscribed to or tipped is a label of all their streams;
 * what a video was about is one of streams about the same.
 */
const signalsOf = (each: number) => sql.fragment`
  (SELECT 'watched' AS deed, least(1, minutes / ${WHOLE_MINUTES}::float8) AS part, stream_id AS item_id, NULL AS label,
     seen_at AS at
   FROM stream_watchers WHERE user_id = person.id AND minutes > 0 ORDER BY seen_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'tipped', 1, stream_id, NULL, created_at FROM gift_events
   WHERE from_user_id = person.id AND stream_id IS NOT NULL ORDER BY created_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'followed', 1, NULL, 'creator:' || followed_id, created_at FROM follows
   WHERE follower_id = person.id ORDER BY created_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'tipped', 1, NULL, 'creator:' || creator_id, created_at FROM subscriptions
   WHERE subscriber_id = person.id AND opens ORDER BY created_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'tipped', 1, NULL, 'creator:' || creator_id, at FROM tips
   WHERE sender_id = person.id ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'watched', watched_ms::float8 / duration_ms, NULL, 'category:' || lower(category), started_at
   FROM watches JOIN videos ON videos.id = video_id
   WHERE user_id = person.id ORDER BY started_at DESC LIMIT ${each})`;

const AS_LATEST = sql.fragment`
  process_id AS id, creator_id, ${POSTED_LABELS} AS labels, coalesce(started_at, streams.created_at) AS created_at`;

export const streams: PassingCatalogue = {
  over: ['watched'],

  listOwnSignals: (executor, readerId, many) =>
    executor.any(sql.type(ownSignalRow)`
      SELECT person.id AS user_id, signal.*, coalesce(stream.labels, '{}') AS labels,
        coalesce(stream.title, (
          SELECT handle FROM users
          WHERE users.id = CASE WHEN signal.label LIKE 'creator:%' THEN substr(signal.label, 9)::uuid END
        )) AS name
      FROM (SELECT ${readerId}::uuid AS id) AS person
      CROSS JOIN LATERAL (SELECT * FROM (${signalsOf(many)}) AS done ORDER BY at DESC LIMIT ${many}) AS signal
      LEFT JOIN LATERAL (
        SELECT title, ${POSTED_LABELS} AS labels FROM ${FROM_STREAMS}
        WHERE process_id = signal.item_id AND ${knownTo(readerId)}
      ) AS stream ON true
    `),

  listShowable: (executor, readerId, ids) =>
    executor.any(sql.type(showableRow)`
      SELECT process_id AS id, creator_id, creator.handle AS creator_handle FROM ${FROM_STREAMS}
      WHERE process_id = ANY(${sql.array([...ids], 'uuid')}) AND ${showableTo(readerId)}
    `),

  // Where more are on air than a list is made of, those of whom one follows are among them.
  listLatest: (executor, readerId, limit) =>
    executor.any(sql.type(latestRow)`
      SELECT ${AS_LATEST}, creator.handle AS creator_handle FROM ${FROM_STREAMS}
      WHERE ${showableTo(readerId)}
      ORDER BY EXISTS (SELECT FROM follows WHERE follower_id = ${readerId} AND followed_id = creator_id) DESC,
        process_id DESC LIMIT ${limit}
    `),

  listNow: (executor, limit) =>
    executor.any(sql.type(nowRow)`
      SELECT ${AS_LATEST}, coalesce((
          SELECT viewers FROM stream_viewers WHERE stream_id = process_id ORDER BY minute DESC LIMIT 1
        ), 0)::float8 AS popularity
      FROM ${FROM_STREAMS} WHERE ${isOn} ORDER BY process_id DESC LIMIT ${limit}
    `),
};
