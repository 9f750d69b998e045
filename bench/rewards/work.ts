import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Pool, sql } from '#db/pool.ts';
import { newPeople } from '#db/talk/testing/crowd.ts';
import { insertVideo } from '#db/video/videos.ts';

/** One popular creator with a video, ten thousand others with one each, and people who like them. */
export type Scene = { popular: Liked; videos: readonly Liked[]; viewers: readonly string[] };
export type Liked = { id: string; creatorId: string };

const SAID = { description: '', category: 'general', media_url: 'https://media.example/a.mp4', thumbnail_url: null };
export const SPREAD = 10_000;

export async function fill(pool: Pool, viewers: number): Promise<Scene> {
  const now = new Date().toISOString();
  const people = await newPeople(pool, viewers);
  const creators = await newPeople(pool, SPREAD);
  const [star = ''] = await newPeople(pool, 1);
  const popular = uuid();
  await insertVideo(pool, {
    ...{ ...SAID, id: popular, creator_id: star, creator_handle: '', title: 'Popular', duration_ms: 60_000 },
    ...{ tags: [], ads: [], created_at: now },
  });
  const videos = creators.map(() => uuid());
  await pool.query(sql.typeAlias('void')`
    INSERT INTO videos (id, creator_id, title, description, duration_ms, media_url, category, tags, ads, created_at)
    SELECT id, creator_id, 'One of many', '', 60000, 'https://media.example/a.mp4', 'general', '{}', '[]', ${now}
    FROM unnest(${sql.array(videos, 'uuid')}, ${sql.array(creators, 'uuid')}) AS made (id, creator_id)
  `);
  // All creators may earn, and no viewer: what a popular video costs is its creator's side. Counts alone, for a database
  // that is thrown away.
  await pool.query(sql.typeAlias('void')`
    INSERT INTO follow_counts (user_id, followers) SELECT id, 1000 FROM unnest(${sql.array([star, ...creators], 'uuid')}) AS id
  `);
  return {
    popular: { id: popular, creatorId: star },
    videos: videos.map((id, place) => ({ id, creatorId: creators[place] as string })),
    viewers: people,
  };
}

/** The design of the documents: the act, its wallet transaction and the balance, in one transaction a like. */
export async function prepareNaive(pool: Pool): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    CREATE TABLE naive_wallets (user_id uuid PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50)
  `);
  await pool.query(sql.typeAlias('void')`
    CREATE TABLE naive_transactions (id uuid PRIMARY KEY, user_id uuid NOT NULL, action text NOT NULL,
      points bigint NOT NULL, balance_before bigint, balance_after bigint, reason text, metadata jsonb,
      created_at timestamptz NOT NULL DEFAULT now())
  `);
  await pool.query(sql.typeAlias('void')`
    CREATE TABLE naive_likes (video_id uuid, user_id uuid, PRIMARY KEY (video_id, user_id))
  `);
  await pool.query(sql.typeAlias('void')`
    CREATE TABLE naive_videos (id uuid PRIMARY KEY, creator_id uuid NOT NULL, likes bigint NOT NULL) WITH (fillfactor = 50)
  `);
  await pool.query(sql.typeAlias('void')`INSERT INTO naive_videos SELECT id, creator_id, 0 FROM videos`);
  await pool.query(sql.typeAlias('void')`INSERT INTO naive_wallets SELECT DISTINCT creator_id, 0 FROM videos`);
}

const likedRow = z.object({ creator_id: z.string() });
const balanceRow = z.object({ balance: z.bigint() });

export async function naiveLike(pool: Pool, { video, userId }: { video: Liked; userId: string }): Promise<void> {
  const videoId = video.id;
  await pool.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(sql.typeAlias('void')`
      INSERT INTO naive_likes (video_id, user_id) VALUES (${videoId}, ${userId}) ON CONFLICT DO NOTHING
    `);
    if (rowCount === 0) return;
    const { creator_id } = await transaction.one(sql.type(likedRow)`
      UPDATE naive_videos SET likes = likes + 1 WHERE id = ${videoId} RETURNING creator_id
    `);
    const { balance } = await transaction.one(sql.type(balanceRow)`
      UPDATE naive_wallets SET balance = balance + 100 WHERE user_id = ${creator_id} RETURNING balance
    `);
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO naive_transactions (id, user_id, action, points, balance_before, balance_after, reason, metadata)
      VALUES (${uuid()}, ${creator_id}, 'like_received', 100, ${balance - 100n}, ${balance},
        'Your video received a like', ${JSON.stringify({ videoId, userType: 'creator' })}::jsonb)
    `);
  });
}

const entriesRow = z.object({ many: z.bigint() });

/** Entries in the ledger that are about rewards. */
export async function countEntries(pool: Pool): Promise<number> {
  const many = await pool.oneFirst(sql.type(entriesRow)`
    SELECT count(*) AS many FROM ledger_entries JOIN ledger_transfers ON id = transfer_id WHERE reason = 'reward'
  `);
  return Number(many);
}
