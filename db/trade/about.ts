import { z } from 'zod';
import { sql } from '../pool.ts';
import type { KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), payment_details: z.string() });

/** A trade says itself what it is about; where to pay lies beside it. */
export const tradeAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, payment_details FROM trades
      WHERE process_id = ANY(${sql.array([...ids], 'uuid')}) AND payment_details IS NOT NULL
    `);
    return new Map(rows.map(({ process_id, payment_details: text }) => [process_id, { title: null, text }]));
  },
  foundBy: () => sql.fragment`SELECT NULL::uuid`,
};
