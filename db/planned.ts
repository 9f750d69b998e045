import type { Interceptor } from 'slonik';

/**
 * Statements that are asked again and again are given a name, so that each connection reads and plans them once: to
 * read and plan one costs Postgres several times what most of ours take to be done. From the sixth time on it asks for
 * the plan that fits all values, where that one is no dearer than those that were made for the values before
 * (`plan_cache_mode`, auto).
 */

/** Asked as often as this, a statement will be asked again. */
const OFTEN = 3;
/** Each connection keeps its own plans, of some 20 KB each: what is named is what a program asks most. */
const NAMES = 400;
/** Lists are written out in some statements, so that there is no end of them. */
const COUNTED = 4_000;

/** What has a plan. */
const PLANNED = /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE)\b/i;

/** For one program: a name means the same statement on all its connections. */
const names = new Map<string, string>();
const counted = new Map<string, number>();

/** The name under which connections keep a statement's plan, or undefined as long as it is asked too seldom. */
function nameOf(statement: string): string | undefined {
  const name = names.get(statement);
  if (name !== undefined || names.size >= NAMES) return name;
  const times = (counted.get(statement) ?? 0) + 1;
  if (times >= OFTEN && PLANNED.test(statement)) {
    counted.delete(statement);
    names.set(statement, `often_${names.size}`);
    return names.get(statement);
  }
  if (counted.size >= COUNTED) counted.clear();
  counted.set(statement, times);
  return undefined;
}

/** Names what nobody has named (`sql.prepared`). */
export const naming: Interceptor = {
  name: 'naming',
  transformQuery: (_, query) => {
    if (query.name !== undefined) return query;
    const name = nameOf(query.sql);
    return name === undefined ? query : { ...query, name };
  },
};
