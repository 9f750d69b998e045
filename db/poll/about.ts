import { z } from 'zod';
import { sql } from '../pool.ts';
import { containing, type KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), question: z.string() });

/** A poll is about its question. */
export const pollAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, question FROM polls WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, question }) => [process_id, { title: question, text: null }]));
  },
  foundBy: ({ text, id }) => sql.fragment`
    SELECT process_id FROM polls WHERE stream_id = ${id} OR question ILIKE ${containing(text)}`,
};
