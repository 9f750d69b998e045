import type { Client } from 'pg';
import { getActivity, getFollowers, listEarnings, listTop } from '#db/creator/stats.ts';
import { listFollowers, listFollowing } from '#db/people/follows.ts';
import { CATALOGUES, LEARNED_CATALOGUES } from '#db/recommendation/catalogues.ts';
import { getRetention, listVideoDays } from '#db/video/analytics.ts';
import { listComments } from '#db/video/comments.ts';
import { countsOf, getVideo, listLiked, listVideos } from '#db/video/videos.ts';
import type { Recommended } from '#workflows/recommendation/contract.ts';
import type { Hot } from './asking.ts';
import { other } from './rows.ts';
import { AGENCY, inPieces, type Size } from './size.ts';

/** Videos that were watched, liked, shared and talked about, and who follows whom: the data, and what is asked of it. */

/** Deals to a video. */
const DEALS_EACH = 2;
/** Of each video. Two comments stand by themselves, and one of them has an answer. */
const WATCHES = 4;
const LIKES = 2;
const COMMENTS = 2;
/** Whom each person follows beside the agency. */
const FOLLOWS = 20;

export async function fillVideos(client: Client, { open }: Size, people: number): Promise<string> {
  const videos = Math.ceil((2 * open) / DEALS_EACH);
  await inPieces(videos, 5_000, async (from, to) => {
    const of = [from, to, people];
    for (const rows of [VIDEOS, COUNTED, WATCHED, LIKED, SHARED, COMMENTED]) await client.query(rows, of);
  });
  await inPieces(people, 2_000, (from, to) => client.query(FOLLOWED, [from, to, people]));
  await client.query(FOLLOWS_COUNTED);
  return `${videos} videos`;
}

/** The videos from one number to another. */
const VIDEO = `(
  SELECT n, growth_id(growth_at(n), 7000000000 + n) AS id, growth_at(n) AS at,
    growth_person(CASE WHEN n % ${AGENCY} = 2 THEN 0 ELSE n % $3::int END) AS creator
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS video`;

/** What was done with it, as an id that says when. */
const done = (place: string) => `growth_id(at + ${place} * interval '1 minute', 7000000000 + n * 10 + ${place})`;

const VIDEOS = `
  INSERT INTO videos (id, creator_id, title, description, duration_ms, media_url, category, tags, ads, created_at)
  SELECT id, creator, 'Video ' || n, 'What it is about', 60000, 'https://media.example/' || n,
    CASE n % 3 WHEN 0 THEN 'food' ELSE 'music' END, '{rain}', '[]', at
  FROM ${VIDEO} ORDER BY at`;

const COUNTED = `
  WITH video AS MATERIALIZED (SELECT * FROM ${VIDEO}), counted AS (
    INSERT INTO video_counts (video_id, shard, views, likes, shares, comments)
    SELECT id, 0, ${WATCHES}, ${LIKES}, 1, ${COMMENTS + 1} FROM video
  ), retained AS (
    INSERT INTO video_retention (video_id, step, shard, viewers) SELECT id, 10, 0, ${WATCHES} FROM video
  )
  INSERT INTO video_days (video_id, day, shard, views, likes, shares, comments, watched_ms)
  SELECT id, (at AT TIME ZONE 'UTC')::date, 0, ${WATCHES}, ${LIKES}, 1, ${COMMENTS + 1}, ${WATCHES} * 30000 FROM video`;

const WATCHED = `
  WITH watch AS MATERIALIZED (
    SELECT ${done('place')} AS id, video.id AS video_id, ${other('place')} AS user_id, at + place * interval '1 minute' AS at
    FROM ${VIDEO}, generate_series(1, ${WATCHES}) AS place
  ), viewed AS (
    INSERT INTO video_viewers (video_id, user_id, steps) SELECT video_id, user_id, 10 FROM watch
  )
  INSERT INTO watches (id, video_id, user_id, started_at, credited_at, position_ms, watched_ms, counted_at)
  SELECT id, video_id, user_id, at, at + interval '1 minute', 30000, 30000, at + interval '1 minute' FROM watch ORDER BY at`;

const LIKED = `
  INSERT INTO video_likes (video_id, user_id, at)
  SELECT id, ${other('place')}, at + place * interval '1 minute' FROM ${VIDEO}, generate_series(1, ${LIKES}) AS place ORDER BY at`;

const SHARED = `
  INSERT INTO video_shares (id, video_id, user_id, at) SELECT ${done('1')}, id, ${other('1')}, at FROM ${VIDEO} ORDER BY at`;

const COMMENTED = `
  INSERT INTO video_comments (id, video_id, user_id, parent_id, text, replies, at)
  SELECT ${done('place')}, id, ${other('place')}, CASE WHEN place > ${COMMENTS} THEN ${done('1')} END, 'What is said of it',
    CASE WHEN place = 1 THEN 1 ELSE 0 END, at + place * interval '1 minute'
  FROM ${VIDEO}, generate_series(1, ${COMMENTS + 1}) AS place ORDER BY at`;

/** Everybody follows the agency. */
const FOLLOWED = `
  INSERT INTO follows (follower_id, followed_id, created_at)
  SELECT growth_person(n), growth_person(CASE place WHEN 0 THEN 0 ELSE (n + place) % $3::int END), growth_at(n * 100 + place)
  FROM generate_series($1::bigint, $2::bigint) AS n, generate_series(0, ${FOLLOWS}) AS place
  WHERE place > 0 OR n > 0 ORDER BY growth_at(n * 100 + place)
  ON CONFLICT DO NOTHING`;

const FOLLOWS_COUNTED = `
  WITH days AS (
    INSERT INTO follow_days (user_id, day, gained, lost)
    SELECT followed_id, (created_at AT TIME ZONE 'UTC')::date, count(*), 0 FROM follows GROUP BY 1, 2
  )
  INSERT INTO follow_counts (user_id, followers, following)
  SELECT user_id, sum(followers), sum(following) FROM (
    SELECT followed_id AS user_id, 1 AS followers, 0 AS following FROM follows
    UNION ALL SELECT follower_id, 0, 1 FROM follows
  ) AS ties GROUP BY user_id`;

const first = { limit: 21, start: null };
const dayBefore = (now: string, days: number) => new Date(Date.parse(now) - days * 86_400_000).toISOString();

/** As a recommender has it for one list: what its reader did, and the latest that they have not seen. */
const recommended = (kind: Recommended): Hot => ({
  name: `what ${kind} are recommended of`,
  used: 'every page',
  ask: async (pool, { somebody }) => {
    const latest = await CATALOGUES[kind].listLatest(pool, somebody, 200);
    await CATALOGUES[kind].listOwnSignals(pool, somebody, 200);
    await CATALOGUES[kind].listShowable(
      pool,
      somebody,
      latest.map(({ id }) => id),
    );
  },
});

export const VIDEOS_ASKED: readonly Hot[] = [
  {
    name: 'the latest videos, with their counts',
    used: 'every page',
    ask: async (pool, { somebody }) => {
      const found = await listVideos(pool, { ...first, readerId: somebody, creatorId: null, category: null });
      const ids = found.map(({ id }) => id);
      await Promise.all([countsOf(pool, ids), listLiked(pool, ids, somebody)]);
    },
  },
  {
    name: 'videos of a rare category',
    used: 'every page',
    ask: (pool, { somebody }) =>
      listVideos(pool, { ...first, readerId: somebody, creatorId: null, category: 'none of these' }),
  },
  {
    name: 'videos of an agency',
    used: 'every page',
    ask: (pool, { somebody, agency }) =>
      listVideos(pool, { ...first, readerId: somebody, creatorId: agency, category: null }),
  },
  {
    name: 'a video and its comments',
    used: 'every page',
    ask: async (pool, { somebody, video }) => {
      await getVideo(pool, video, somebody);
      await listComments(pool, { ...first, videoId: video, readerId: somebody, parentId: null });
    },
  },
  {
    name: 'how a video does',
    used: 'every page',
    ask: async (pool, { video }) => {
      await listVideoDays(pool, video);
      await getRetention(pool, video);
    },
  },
  {
    name: 'how an agency does in a month',
    used: 'every page',
    ask: async (pool, { agency, now }) => {
      await getActivity(pool, agency, dayBefore(now, 30), now);
      await getFollowers(pool, agency, dayBefore(now, 30));
      await listEarnings(pool, agency, dayBefore(now, 30));
    },
  },
  {
    name: 'the best videos of an agency',
    used: 'every page',
    ask: (pool, { agency }) => listTop(pool, agency, { by: 'views', limit: 10 }),
  },
  {
    name: 'followers of an agency',
    used: 'every page',
    ask: (pool, { agency, somebody }) => listFollowers(pool, agency, { ...first, readerId: somebody }),
  },
  {
    name: 'whom a person follows',
    used: 'every page',
    ask: (pool, { somebody }) => listFollowing(pool, somebody, { ...first, readerId: somebody }),
  },
  recommended('videos'),
  recommended('creators'),
  recommended('streams'),
  {
    name: 'what a model learns of 200 people',
    used: 'each build, in chunks',
    ask: async (pool, { readers }) => {
      const people = readers.map(({ userId }) => userId);
      await LEARNED_CATALOGUES.videos.listSignals(pool, people, 300);
      await LEARNED_CATALOGUES.creators.listSignals(pool, people, 300);
    },
  },
  {
    name: '2,000 things that a model is made of',
    used: 'each build, in chunks',
    ask: async (pool) => {
      await LEARNED_CATALOGUES.videos.listItems(pool, { before: null, limit: 2_000 });
      await LEARNED_CATALOGUES.creators.listItems(pool, { before: null, limit: 2_000 });
    },
  },
];
