import { sql } from '../pool.ts';

/**
 * Takes the next battles whose status was not told by one of the two ways: from then on it counts as told. One that steps
 * on while the statement looks is left for the next time, as it would be told without what it came to.
 */
export const takingFor = (way: 'told' | 'noted', limit: number) => sql.fragment`
  UPDATE battles SET ${sql.identifier([way])} = status WHERE process_id IN (
    SELECT process_id FROM battles WHERE status <> ${sql.identifier([way])}
    ORDER BY process_id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
  ) AND status = (SELECT state FROM processes WHERE processes.id = battles.process_id)
  RETURNING process_id`;
