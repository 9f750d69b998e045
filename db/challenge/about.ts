import { z } from 'zod';
import { sql } from '../pool.ts';
import type { KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string(), text: z.string().nullable() });

/** A challenge is about the stream that it is in, for what its creator promises. */
export const challengeAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT challenges.process_id, title, reward AS text FROM challenges JOIN streams ON streams.process_id = stream_id
      WHERE challenges.process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, title, text }) => [process_id, { title, text }]));
  },
  foundBy: ({ id }) => sql.fragment`SELECT process_id FROM challenges WHERE stream_id = ${id}`,
};
