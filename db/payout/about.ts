import { z } from 'zod';
import { sql } from '../pool.ts';
import type { KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string(), text: z.string() });

/** A payout is about the account that it goes to. */
export const payoutAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, label AS title, concat_ws(', ', holder, label) AS text
      FROM payouts JOIN payout_destinations ON payout_destinations.id = destination_id
      WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, ...about }) => [process_id, about]));
  },
  foundBy: ({ text, id }) => sql.fragment`
    SELECT process_id FROM payouts WHERE destination_id = ${id} OR provider_payout_id = ${text}
  `,
};
