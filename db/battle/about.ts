import { z } from 'zod';
import { sql } from '../pool.ts';
import type { KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string() });

/** A battle is about the two. */
export const battleAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, '@' || challenger.handle || ' against @' || opponent.handle AS title
      FROM battles JOIN users AS challenger ON challenger.id = challenger_id JOIN users AS opponent ON opponent.id = opponent_id
      WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, title }) => [process_id, { title, text: null }]));
  },
  foundBy: ({ id }) => sql.fragment`SELECT process_id FROM battles WHERE stream_id = ${id}`,
};
