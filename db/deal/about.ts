import { z } from 'zod';
import { sql } from '../pool.ts';
import { containing, type KindAbout } from '../process/about.ts';

const row = z.object({ id: z.string(), title: z.string(), text: z.string() });

/** A deal is about a campaign or a bid. */
export const dealAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT conversations.id, coalesce(campaigns.title, bids.title) AS title,
        coalesce(campaigns.description, bids.description) AS text
      FROM conversations LEFT JOIN campaigns ON campaigns.id = campaign_id LEFT JOIN bids ON bids.id = bid_id
      WHERE conversations.id = ANY(${sql.array([...ids], 'uuid')}) AND conversations.kind <> 'direct'
    `);
    return new Map(rows.map(({ id, ...about }) => [id, about]));
  },
  foundBy: ({ text, id }) => sql.fragment`
    SELECT conversations.id FROM conversations JOIN campaigns ON campaigns.id = campaign_id
    WHERE campaigns.id = ${id} OR campaigns.title ILIKE ${containing(text)}
    UNION
    SELECT conversations.id FROM conversations JOIN bids ON bids.id = bid_id
    WHERE bids.id = ${id} OR bids.title ILIKE ${containing(text)}
  `,
};
