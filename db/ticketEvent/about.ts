import { z } from 'zod';
import { sql } from '../pool.ts';
import { containing, type KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), title: z.string() });

/** An event is about what its title says. */
export const ticketEventAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, title FROM ticket_events WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, title }) => [process_id, { title, text: null }]));
  },
  foundBy: ({ text }) => sql.fragment`SELECT process_id FROM ticket_events WHERE title ILIKE ${containing(text)}`,
};
