import { sql } from '../pool.ts';
import {
  isAround,
  itemRow,
  type LearnedCatalogue,
  latestRow,
  listingSignals,
  ownSignalRow,
  showableRow,
} from './catalogue.ts';

/** Whoever says so or has posted something. Private accounts are found by their name alone. */
const CREATES = sql.fragment`
  (NOT creator.private AND ${isAround} AND ('creator' = ANY(creator.roles)
    OR EXISTS (SELECT FROM videos WHERE creator_id = creator.id AND deleted_at IS NULL)))`;

/** Nobody's self, nobody blocked by either, nobody followed or asked already. */
const newTo = (readerId: string) => sql.fragment`
  (creator.id <> ${readerId}
    AND NOT EXISTS (SELECT FROM follows WHERE follower_id = ${readerId} AND followed_id = creator.id)
    AND NOT EXISTS (SELECT FROM follow_requests WHERE requester_id = ${readerId} AND asked_id = creator.id)
    AND NOT EXISTS (SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = creator.id)
      OR (blocker_id = creator.id AND blocked_id = ${readerId})))`;

/** Who came last and who posted last: not all people are looked at to find those who create. */
const NEWEST = sql.fragment`
  (SELECT id FROM users WHERE 'creator' = ANY(roles) ORDER BY id DESC LIMIT 200)
  UNION
  (SELECT creator_id FROM (
    SELECT creator_id FROM videos WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 200
  ) AS posted)`;

/** What a creator's latest videos are about. */
const LABELS = sql.fragment`
  ARRAY(
    SELECT DISTINCT label FROM (
      SELECT category, tags FROM videos WHERE creator_id = creator.id AND deleted_at IS NULL
      ORDER BY created_at DESC, id DESC LIMIT 20
    ) AS late
    CROSS JOIN LATERAL (
      SELECT 'category:' || lower(category) UNION ALL SELECT 'tag:' || lower(tag) FROM unnest(tags) AS tag
    ) AS said (label)
  )`;

/** What `person.id` did with creators; what was done with a video was done with its creator too. */
const signalsOf = (each: number) => sql.fragment`
  (SELECT 'followed' AS deed, 1::float8 AS part, followed_id AS item_id, NULL AS label, created_at AS at FROM follows
   WHERE follower_id = person.id ORDER BY created_at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'tipped', 1, creator_id, NULL, at FROM tips WHERE sender_id = person.id ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'liked', 1, creator_id, NULL, at FROM video_likes JOIN videos ON videos.id = video_id
   WHERE user_id = person.id AND creator_id <> person.id ORDER BY at DESC LIMIT ${each})
  UNION ALL
  (SELECT 'watched', watched_ms::float8 / duration_ms, creator_id, NULL, started_at
   FROM watches JOIN videos ON videos.id = video_id
   WHERE user_id = person.id AND creator_id <> person.id ORDER BY started_at DESC LIMIT ${each})`;

export const creators: LearnedCatalogue = {
  over: ['followed'],

  listItems: (executor, { before, limit }) =>
    executor.any(sql.type(itemRow)`
      SELECT creator.id, creator.id AS creator_id, ${LABELS} AS labels, creator.created_at FROM users AS creator
      WHERE ${CREATES} AND (${before}::uuid IS NULL OR creator.id < ${before}::uuid)
      ORDER BY creator.id DESC LIMIT ${limit}
    `),

  listSignals: listingSignals(signalsOf),

  listOwnSignals: (executor, readerId, many) =>
    executor.any(sql.type(ownSignalRow)`
      SELECT person.id AS user_id, signal.*, coalesce(known.labels, '{}') AS labels, known.handle AS name
      FROM (SELECT ${readerId}::uuid AS id) AS person
      CROSS JOIN LATERAL (SELECT * FROM (${signalsOf(many)}) AS done ORDER BY at DESC LIMIT ${many}) AS signal
      LEFT JOIN LATERAL (
        SELECT handle, ${LABELS} AS labels FROM users AS creator
        WHERE creator.id = signal.item_id AND NOT EXISTS (
          SELECT FROM blocks WHERE (blocker_id = ${readerId} AND blocked_id = creator.id)
            OR (blocker_id = creator.id AND blocked_id = ${readerId}))
      ) AS known ON true
    `),

  listShowable: (executor, readerId, ids) =>
    executor.any(sql.type(showableRow)`
      SELECT creator.id, creator.id AS creator_id, creator.handle AS creator_handle FROM users AS creator
      WHERE creator.id = ANY(${sql.array([...ids], 'uuid')}) AND ${CREATES} AND ${newTo(readerId)}
    `),

  listLatest: (executor, readerId, limit) =>
    executor.any(sql.type(latestRow)`
      SELECT creator.id, creator.id AS creator_id, creator.handle AS creator_handle, ${LABELS} AS labels,
        creator.created_at
      FROM (${NEWEST}) AS newest JOIN users AS creator ON creator.id = newest.id
      WHERE ${CREATES} AND ${newTo(readerId)}
      ORDER BY creator.id DESC LIMIT ${limit}
    `),
};
