import type { Pool } from '../../pool.ts';

type Query = Parameters<Pool['query']>[0];

/** The same pool, which asks what says `words` when it is let; `came` is when somebody asks so first. */
export function gated(pool: Pool, words: string) {
  const gate = Promise.withResolvers<void>();
  const came = Promise.withResolvers<void>();
  const whenLet = (name: 'any' | 'query') => async (query: Query) => {
    if (query.sql.includes(words)) {
      came.resolve();
      await gate.promise;
    }
    return pool[name](query as never);
  };
  const slow = { ...pool, any: whenLet('any'), query: whenLet('query') } as unknown as Pool;
  return { pool: slow, came: came.promise, open: gate.resolve };
}
