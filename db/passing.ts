import { FAILURES, Failure } from '#workflows/failures.ts';
import { isOutage, sqlState } from './pool.ts';

/** Classes of SQLSTATE that say something about the moment, not about what was asked. */
const PASSING = /^(08|25|40|53|55|57|58|XX)/;

/** Whether what was refused may well be done a moment later: what is wrong is about the moment, and not about it. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Failure) return FAILURES[error.code].retry;
  const state = sqlState(error);
  return isOutage(error) || (state !== null && PASSING.test(state));
}
