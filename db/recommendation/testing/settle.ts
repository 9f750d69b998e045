import { type Planted, plant, type World } from '#workflows/recommendation/testing/planted.ts';
import { type Pool, sql } from '../../pool.ts';
import { newPeople } from '../../talk/testing/crowd.ts';

/** A planted world with people, videos and deeds as rows. */
export type Settled = {
  world: Planted;
  /** In the order of the world's people, creators and items. */
  people: readonly string[];
  creators: readonly string[];
  videos: readonly string[];
};

const AT_ONCE = 20_000;

export async function settle(pool: Pool, of: World): Promise<Settled> {
  const world = plant(of);
  const creatorIds = [...new Set(world.items.map(({ creatorId }) => creatorId))];
  const creators = await newPeople(pool, creatorIds.length);
  const people = await newPeople(pool, of.people);
  const byPlanted = new Map(creatorIds.map((id, place) => [id, creators[place] as string]));
  for (let from = 0; from < world.items.length; from += AT_ONCE) {
    const rows = world.items.slice(from, from + AT_ONCE).map(({ id, creatorId, labels, createdAt }, place) => ({
      ...{ id, creator_id: byPlanted.get(creatorId), title: `Video ${from + place}` },
      category: labels[0]?.replace('category:', ''),
      tags: labels.slice(1).map((label) => label.replace('tag:', '')),
      created_at: new Date(createdAt).toISOString(),
    }));
    await pool.query(sql.typeAlias('void')`
      INSERT INTO videos (id, creator_id, title, description, duration_ms, media_url, category, tags, ads, created_at)
      SELECT id, creator_id, title, '', 10000, 'https://media.example/one.mp4', category, tags, '[]', created_at
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS video (id uuid, creator_id uuid, title text,
        category text, tags text[], created_at timestamptz)
    `);
  }
  const videos = world.items.map(({ id }) => id);
  await act(pool, world, { people, videos });
  return { world, people, creators, videos };
}

/** What weighs two is a like, the rest were watched to their end. */
async function act(
  pool: Pool,
  { deeds }: Planted,
  { people, videos }: Pick<Settled, 'people' | 'videos'>,
): Promise<void> {
  for (let from = 0; from < deeds.size; from += AT_ONCE) {
    const rows: object[] = [];
    for (let at = from; at < Math.min(deeds.size, from + AT_ONCE); at += 1) {
      rows.push({
        ...{ user_id: people[deeds.people[at] as number], video_id: videos[deeds.things[at] as number] },
        ...{ liked: deeds.weights[at] === 2, at: new Date(deeds.times[at] as number).toISOString() },
      });
    }
    const done = sql.fragment`
      jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS done (user_id uuid, video_id uuid, liked boolean, at timestamptz)`;
    await pool.query(sql.typeAlias('void')`
      INSERT INTO video_likes (video_id, user_id, at) SELECT video_id, user_id, at FROM ${done} WHERE liked
      ON CONFLICT DO NOTHING
    `);
    await pool.query(sql.typeAlias('void')`
      WITH watched AS (
        INSERT INTO watches (id, video_id, user_id, started_at, credited_at, watched_ms, counted_at)
        SELECT gen_random_uuid(), video_id, user_id, at, at + interval '10 seconds', 10000, at FROM ${done} WHERE NOT liked
        ON CONFLICT DO NOTHING RETURNING video_id, user_id
      )
      INSERT INTO video_viewers (video_id, user_id, steps) SELECT video_id, user_id, 20 FROM watched
      ON CONFLICT DO NOTHING
    `);
  }
}
