import type { Query } from '@tanstack/react-query';
import { refusalOf } from 'tandem-client';

/** How long after a read has failed it is tried once more, in ms. */
const AGAIN = 5_000;

/** What was refused is refused again; a line that was lost comes back. */
function mayGoBetter(error: unknown): boolean {
  return refusalOf(error).passes;
}

/** Whether a read is repeated at once. */
export function retry(failures: number, error: unknown): boolean {
  return failures < 2 && mayGoBetter(error);
}

/** A read that has failed is tried again by itself: with a live socket nothing else would. */
export function refetchInterval({ state }: Pick<Query, 'state'>): number | false {
  return state.status === 'error' && mayGoBetter(state.error) ? AGAIN : false;
}
