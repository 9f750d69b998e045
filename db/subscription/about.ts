import { z } from 'zod';
import { sql } from '../pool.ts';
import { containing, type KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string() });

/** A subscription is about a creator, and what of theirs. */
export const subscriptionAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, name || ' of @' || handle AS title
      FROM subscriptions JOIN subscription_tiers AS sold ON sold.creator_id = subscriptions.creator_id AND sold.code = subscriptions.tier
      JOIN users ON users.id = subscriptions.creator_id
      WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, title }) => [process_id, { title, text: null }]));
  },
  foundBy: ({ text }) => sql.fragment`
    SELECT process_id FROM subscriptions
    JOIN subscription_tiers AS sold ON sold.creator_id = subscriptions.creator_id AND sold.code = subscriptions.tier
    WHERE name ILIKE ${containing(text)}`,
};
