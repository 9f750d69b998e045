import { z } from 'zod';
import { sql } from '../pool.ts';
import type { KindAbout } from '../process/about.ts';

const row = z.object({ process_id: z.string(), text: z.string().nullable() });

/** A charge-back is about a payment, whose bank says why. */
export const chargeBackAbout: KindAbout = {
  async read(executor, ids) {
    const rows = await executor.any(sql.type(row)`
      SELECT process_id, reason AS text FROM charge_backs WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    return new Map(rows.map(({ process_id, text }) => [process_id, { title: null, text }]));
  },
  foundBy: ({ text, id }) => sql.fragment`
    SELECT charge_backs.process_id FROM charge_backs JOIN disputes ON disputes.id = charge_backs.dispute_id
    WHERE payment_process_id = ${id} OR disputes.dispute_id = ${text}
  `,
};
