import { type Pool, sql } from '../../pool.ts';
import { newPeople } from '../../talk/testing/crowd.ts';

/** A crowd that follows and is followed, so that people may earn: made at once, with its counts. */
export type Fans = {
  ids: readonly string[];
  /** So many of the crowd follow somebody. */
  follow(userId: string, many: number): Promise<void>;
  /** Somebody follows so many of the crowd. */
  followedBy(userId: string, many: number): Promise<void>;
};

export async function newFans(pool: Pool, many: number): Promise<Fans> {
  const ids = await newPeople(pool, many);
  async function tie(pairs: readonly (readonly [follower: string, followed: string])[]): Promise<void> {
    const column = (place: 0 | 1) =>
      sql.array(
        pairs.map((pair) => pair[place]),
        'uuid',
      );
    await pool.transaction(async (transaction) => {
      await transaction.query(sql.typeAlias('void')`
        INSERT INTO follows (follower_id, followed_id, created_at)
        SELECT *, now() FROM unnest(${column(0)}, ${column(1)}) ON CONFLICT DO NOTHING
      `);
      await transaction.query(sql.typeAlias('void')`
        INSERT INTO follow_counts (user_id, followers, following)
        SELECT id, (SELECT count(*) FROM follows WHERE followed_id = id), (SELECT count(*) FROM follows WHERE follower_id = id)
        FROM (SELECT DISTINCT unnest(${column(0)} || ${column(1)}) AS id) AS people ORDER BY id
        ON CONFLICT (user_id) DO UPDATE SET followers = EXCLUDED.followers, following = EXCLUDED.following
      `);
    });
  }
  return {
    ids,
    follow: (userId, count) => tie(ids.slice(0, count).map((id) => [id, userId] as const)),
    followedBy: (userId, count) => tie(ids.slice(0, count).map((id) => [userId, id] as const)),
  };
}
