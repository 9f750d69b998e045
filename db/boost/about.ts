import { z } from 'zod';
import { sql } from '../pool.ts';
import { containing, type KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string() });

/** A boost is about a person, a gig or a clan. */
export const boostAbout: KindAbout = {
  async read(executor, ids) {
    const boosts = sql.array([...ids], 'uuid');
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, '@' || handle AS title FROM user_boost_events JOIN users ON users.id = target_id
      WHERE process_id = ANY(${boosts})
      UNION ALL
      SELECT process_id, title FROM gig_boost_events JOIN gigs ON gigs.id = target_id WHERE process_id = ANY(${boosts})
      UNION ALL
      SELECT process_id, name FROM clan_boost_events JOIN clans ON clans.id = target_id WHERE process_id = ANY(${boosts})
    `);
    return new Map(rows.map(({ process_id, title }) => [process_id, { title, text: null }]));
  },
  foundBy: ({ text, id }) => sql.fragment`
    SELECT process_id FROM user_boost_events WHERE target_id = ${id} OR event_id = ${text}
    UNION
    SELECT process_id FROM gig_boost_events JOIN gigs ON gigs.id = target_id
    WHERE target_id = ${id} OR event_id = ${text} OR title ILIKE ${containing(text)}
    UNION
    SELECT process_id FROM clan_boost_events JOIN clans ON clans.id = target_id
    WHERE target_id = ${id} OR event_id = ${text} OR name ILIKE ${containing(text)}
  `,
};
