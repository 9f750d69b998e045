import type { About } from '#workflows/process/case.ts';
import type { Executor, sql } from '../pool.ts';

/** What of a kind lies beside its processes and is shown with them. */
export type KindAbout = {
  /** By the process's id; what is missing has none. */
  read(executor: Executor, ids: readonly string[]): Promise<ReadonlyMap<string, About>>;
  /** The ids of processes that a search finds by what they are about: an id in it, or words of its title. */
  foundBy(search: Search): ReturnType<typeof sql.fragment>;
};

/** What somebody looks for: a text as it was typed, and the id that it is, where it is one. */
export type Search = { text: string; id: string | null };

/** The same text for LIKE, which takes nothing in it for a sign of its own. */
export function containing(text: string): string {
  return `%${startingWith(text)}`;
}

export function startingWith(text: string): string {
  return `${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
