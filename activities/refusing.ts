import { ApplicationFailure } from '@temporalio/activity';
import { FAILURES, Failure } from '#workflows/failures.ts';

/** A refusal is an answer, not a reason to try again: it fails the update, or the activity, for good. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && !FAILURES[error.code].retry) {
      throw ApplicationFailure.nonRetryable(error.message, error.code, error.details);
    }
    throw error;
  }
}
