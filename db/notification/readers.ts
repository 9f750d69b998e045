import { type Executor, sql } from '../pool.ts';

/** Of these ids, those that are accounts. */
export async function listKnownUsers(executor: Executor, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set(
    await executor.anyFirst(sql.typeAlias('id')`
      SELECT id FROM users WHERE id = ANY(${sql.array([...ids], 'uuid')})
    `),
  );
}
