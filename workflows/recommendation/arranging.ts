/** How a list is laid out: variety, and something now and then that nobody knows yet. */

/** Of one creator at most so many in so many that follow each other. */
export const PER_CREATOR = 3;
export const WINDOW = 20;
/** In every ten places this one, from 0, is for something that hardly anybody has seen. */
const EXPLORED = { every: 10, at: 6 };

export type Candidate = { id: string; creatorId: string };

/**
 * Lays out a page of the ranked, best first, and of what is to be explored. `before`: what the list had already, whose
 * last count for variety. Nothing is there twice; where variety allows no more, the page is shorter.
 */
export function arrange<Known extends Candidate, New extends Candidate>(
  ranked: readonly Known[],
  explored: readonly New[],
  { limit, before }: { limit: number; before: readonly Candidate[] },
): (Known | New)[] {
  const taken = new Set(before.map(({ id }) => id));
  const page: (Known | New)[] = [];
  const mayFollow = ({ id, creatorId }: Candidate) => {
    if (taken.has(id)) return false;
    const lately = [...before, ...page].slice(-(WINDOW - 1));
    return lately.filter((each) => each.creatorId === creatorId).length < PER_CREATOR;
  };
  while (page.length < limit) {
    const place = before.length + page.length;
    const unknown = place % EXPLORED.every === EXPLORED.at ? explored.find(mayFollow) : undefined;
    const next = unknown ?? ranked.find(mayFollow);
    if (!next) break;
    taken.add(next.id);
    page.push(next);
  }
  return page;
}
